"""Question sets and their numbered versions: sections, questions, citations, scales and facts.

A published version never changes: the triggers of migration 0002 refuse it in the database, too.
"""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from frcheck.accounts.models import Organisation
from questionnaires import applicability, scoring
from questionnaires.models.instruments import Provision

REF_LENGTH = 120


class Severity(models.TextChoices):
    CRITICAL = "critical", _("Critical")
    HIGH = "high", _("High")
    MEDIUM = "medium", _("Medium")
    LOW = "low", _("Low")


class Outcome(models.TextChoices):
    MET = "met", _("Met")
    PARTLY_MET = "partly_met", _("Partly met")
    NOT_MET = "not_met", _("Not met")
    NOT_APPLICABLE = "not_applicable", _("Not applicable")
    UNANSWERED = "unanswered", _("Unanswered")


class QuestionSet(models.Model):
    slug = models.SlugField(_("slug"), max_length=REF_LENGTH, unique=True)
    title = models.CharField(_("title"), max_length=200)
    description = models.TextField(_("description"))
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="question_sets",
        verbose_name=_("organisation"),
        help_text=_("Only this organisation may use it; empty: everyone."),
    )

    class Meta:
        verbose_name = _("question set")
        verbose_name_plural = _("question sets")
        ordering = ["slug"]

    def __str__(self):
        return self.title


class VersionQuerySet(models.QuerySet):
    def published(self):
        return self.filter(published_at__isnull=False)

    def open_to(self, user):
        """Published, not retired, and shared by all or of one of the user's organisations."""
        shared = Q(question_set__organisation__isnull=True)
        own = Q(question_set__organisation__memberships__user=user)
        return self.published().filter(shared | own, retired_at__isnull=True).distinct()


class Version(models.Model):
    """A numbered edition of a question set: draft, then published and immutable, then perhaps retired."""

    class Published(Exception):
        """The version is published and cannot be changed."""

    question_set = models.ForeignKey(
        QuestionSet, models.PROTECT, related_name="versions", verbose_name=_("question set")
    )
    number = models.PositiveIntegerField(_("number"))
    weight_critical = models.DecimalField(_("weight of critical"), max_digits=6, decimal_places=2, default=Decimal(8))
    weight_high = models.DecimalField(_("weight of high"), max_digits=6, decimal_places=2, default=Decimal(4))
    weight_medium = models.DecimalField(_("weight of medium"), max_digits=6, decimal_places=2, default=Decimal(2))
    weight_low = models.DecimalField(_("weight of low"), max_digits=6, decimal_places=2, default=Decimal(1))
    source_digest = models.CharField(_("digest of its file"), max_length=64, blank=True, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=_("published by"),
    )
    retired_at = models.DateTimeField(_("retired at"), null=True, blank=True, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["question_set", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["question_set", "number"], name="version_number_unique_in_set"),
            models.CheckConstraint(condition=Q(number__gte=1), name="version_number_from_1"),
            models.CheckConstraint(
                condition=Q(weight_critical__gt=0, weight_high__gt=0, weight_medium__gt=0, weight_low__gt=0),
                name="version_weights_positive",
            ),
            models.CheckConstraint(
                condition=Q(retired_at__isnull=True) | Q(published_at__isnull=False),
                name="version_retired_after_published",
            ),
        ]

    def __str__(self):
        return _("%(set)s, version %(number)d") % {"set": self.question_set.title, "number": self.number}

    @property
    def weights(self) -> dict[scoring.Severity, Decimal]:
        return {severity: getattr(self, f"weight_{severity}") for severity in scoring.Severity}

    @property
    def is_published(self) -> bool:
        return self.published_at is not None

    @transaction.atomic
    def publish(self, *, by=None) -> None:
        """Freeze the version. Raises ValidationError naming what is missing; Published when it was already."""
        # Waits for edits under way, so that what is published is what was checked.
        if Version.objects.select_for_update().get(pk=self.pk).is_published:
            raise self.Published
        faults = self.faults()
        if faults:
            raise ValidationError(faults)
        self.published_at, self.published_by = timezone.now(), by
        self.save(update_fields=["published_at", "published_by"])

    def retire(self) -> None:
        """Take the version off the list for new assessments; those under way keep it."""
        self.retired_at = timezone.now()
        self.save(update_fields=["retired_at"])

    def faults(self) -> list[str]:
        """What keeps a draft from being published, a sentence each; as many queries for a large draft as for a small."""
        facts = list(self.facts.prefetch_related("choices"))
        scales = list(self.scales.prefetch_related("levels"))
        questions = list(self.questions.select_related("section").prefetch_related("citations__provision__instrument"))
        types = {fact.ref: fact.type for fact in facts}
        found = [] if questions else [str(_("The version asks nothing."))]
        for question in questions:
            found += [f"{question.ref}: {fault}" for fault in question.faults(types)]
        for scale in scales:
            if not any(level.outcome == Outcome.MET for level in scale.levels.all()):
                found.append(_("Scale “%(scale)s” has no level with the outcome “met”.") % {"scale": scale.ref})
        for fact in facts:
            if (fact.kind == Fact.Kind.YES_NO) == bool(fact.choices.all()):
                message = _("Fact “%(fact)s”: yes/no facts have no choices, the others need some.")
                found.append(message % {"fact": fact.ref})
        levels = [level for scale in scales for level in scale.levels.all()]
        choices = [choice for fact in facts for choice in fact.choices.all()]
        for part in (*self.sections.all(), *scales, *levels, *facts, *choices):
            found += [f"“{part.ref}”: {fault}" for fault in part.untranslated()]
        return found

    @transaction.atomic
    def start_draft(self) -> "Version":
        """Copy everything into a new draft with the next free number."""
        highest = self.question_set.versions.aggregate(models.Max("number"))["number__max"]
        draft = Version.objects.create(
            question_set=self.question_set,
            number=highest + 1,
            **{f"weight_{severity}": weight for severity, weight in self.weights.items()},
        )
        scales = {old.pk: old.copy_to(version=draft) for old in self.scales.all()}
        for level in AnswerLevel.objects.filter(scale__version=self):
            level.copy_to(scale=scales[level.scale_id])
        facts = {old.pk: old.copy_to(version=draft) for old in self.facts.all()}
        for choice in FactChoice.objects.filter(fact__version=self):
            choice.copy_to(fact=facts[choice.fact_id])
        sections = {old.pk: old.copy_to(version=draft) for old in self.sections.all()}
        questions = {
            old.pk: old.copy_to(version=draft, section=sections[old.section_id], scale=scales[old.scale_id])
            for old in self.questions.all()
        }
        for citation in Citation.objects.filter(question__version=self):
            citation.copy_to(question=questions[citation.question_id])
        return draft


class VersionPart(models.Model):
    """A row that belongs to a version and is copied with it."""

    REQUIRED_TEXTS: tuple[str, ...] = ()  # translated fields that must be there in every language

    position = models.PositiveIntegerField(_("position"), default=0)

    class Meta:
        abstract = True

    def untranslated(self) -> list[str]:
        """Which required text is missing in which language, a sentence each."""
        missing = _("%(field)s is missing in %(language)s.")
        return [
            missing % {"field": self._meta.get_field(field).verbose_name, "language": name}
            for field in self.REQUIRED_TEXTS
            for language, name in settings.LANGUAGES
            if not getattr(self, f"{field}_{language.replace('-', '_')}")
        ]

    def copy_to(self, **parents):
        """Save a copy of this row under other parents and return it."""
        names = {f.name: f.attname for f in self._meta.concrete_fields}
        with override(settings.LANGUAGE_CODE):  # the bare column of a translated text holds the default language
            values = {f.attname: getattr(self, f.attname) for f in self._meta.concrete_fields if not f.primary_key}
            values |= {names[name]: parent.pk for name, parent in parents.items()}
            return type(self)._base_manager.create(**values)


class Section(VersionPart):
    """A page of questions."""

    REQUIRED_TEXTS = ("title",)

    version = models.ForeignKey(Version, models.CASCADE, related_name="sections", verbose_name=_("version"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    title = models.CharField(_("title"), max_length=200)
    intro = models.TextField(_("introduction"), blank=True)

    class Meta:
        verbose_name = _("section")
        verbose_name_plural = _("sections")
        ordering = ["version", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "ref"], name="section_ref_unique_in_version")]

    def __str__(self):
        return self.title


class AnswerScale(VersionPart):
    REQUIRED_TEXTS = ("title",)

    version = models.ForeignKey(Version, models.CASCADE, related_name="scales", verbose_name=_("version"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    title = models.CharField(_("title"), max_length=200)

    class Meta:
        verbose_name = _("answer scale")
        verbose_name_plural = _("answer scales")
        ordering = ["version", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "ref"], name="scale_ref_unique_in_version")]

    def __str__(self):
        return self.title


class AnswerLevel(VersionPart):
    REQUIRED_TEXTS = ("label",)

    scale = models.ForeignKey(AnswerScale, models.CASCADE, related_name="levels", verbose_name=_("scale"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    label = models.CharField(_("label"), max_length=100)
    description = models.CharField(_("description"), max_length=300, blank=True)
    outcome = models.CharField(
        _("outcome"),
        max_length=20,
        choices=[(o.value, o.label) for o in (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)],
    )
    score = models.DecimalField(_("score"), max_digits=4, decimal_places=3, help_text=_("From 0 to 1."))

    class Meta:
        verbose_name = _("answer level")
        verbose_name_plural = _("answer levels")
        ordering = ["scale", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["scale", "ref"], name="level_ref_unique_in_scale"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=1), name="level_score_0_to_1"),
            models.CheckConstraint(
                condition=Q(outcome__in=["met", "partly_met", "not_met"]), name="level_outcome_known"
            ),
        ]

    def __str__(self):
        return self.label


class Fact(VersionPart):
    """An unscored question about the deployment; facts decide which questions apply."""

    REQUIRED_TEXTS = ("text",)

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")

    version = models.ForeignKey(Version, models.CASCADE, related_name="facts", verbose_name=_("version"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    text = models.CharField(_("text"), max_length=300)
    help = models.TextField(_("help"), blank=True)

    class Meta:
        verbose_name = _("fact")
        verbose_name_plural = _("facts")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ref"], name="fact_ref_unique_in_version"),
            models.CheckConstraint(condition=Q(kind__in=["yes_no", "choice", "choices"]), name="fact_kind_known"),
        ]

    def __str__(self):
        return self.text

    @property
    def type(self) -> applicability.FactType:
        is_yes_no = self.kind == self.Kind.YES_NO
        values = applicability.YES_NO if is_yes_no else tuple(choice.ref for choice in self.choices.all())
        return applicability.FactType(applicability.FactKind(self.kind), values)

    @property
    def options(self) -> list[tuple[str, str]]:
        """Values and labels, in order."""
        if self.kind == self.Kind.YES_NO:
            return [("yes", _("Yes")), ("no", _("No"))]
        return [(choice.ref, choice.label) for choice in self.choices.all()]


class FactChoice(VersionPart):
    REQUIRED_TEXTS = ("label",)

    fact = models.ForeignKey(Fact, models.CASCADE, related_name="choices", verbose_name=_("fact"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    label = models.CharField(_("label"), max_length=200)

    class Meta:
        verbose_name = _("choice")
        verbose_name_plural = _("choices")
        ordering = ["fact", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["fact", "ref"], name="choice_ref_unique_in_fact")]

    def __str__(self):
        return self.label


class Question(VersionPart):
    """What is asked, why, and what to do about a bad answer. `ref` is the same across versions and sets."""

    REQUIRED_TEXTS = ("text", "why", "evidence", "remediation")

    version = models.ForeignKey(Version, models.CASCADE, related_name="questions", verbose_name=_("version"))
    section = models.ForeignKey(Section, models.CASCADE, related_name="questions", verbose_name=_("section"))
    scale = models.ForeignKey(AnswerScale, models.RESTRICT, related_name="questions", verbose_name=_("scale"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    group = models.CharField(_("heading"), max_length=200, blank=True)
    text = models.TextField(_("text"))
    why = models.TextField(_("why it is asked"))
    evidence = models.TextField(_("what counts as evidence"))
    remediation = models.TextField(_("remediation"))
    severity = models.CharField(_("severity"), max_length=10, choices=Severity)
    applies_if = models.TextField(
        _("applies if"), blank=True, help_text=_("An expression over the facts, such as minors == yes; empty: always.")
    )
    provisions = models.ManyToManyField(Provision, through="Citation", related_name="questions")

    class Meta:
        verbose_name = _("question")
        verbose_name_plural = _("questions")
        ordering = ["version", "section__position", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ref"], name="question_ref_unique_in_version"),
            models.CheckConstraint(condition=Q(severity__in=Severity.values), name="question_severity_known"),
        ]

    def __str__(self):
        return self.ref

    def clean(self):
        if self.section_id and self.version_id and self.section.version_id != self.version_id:
            raise ValidationError({"section": _("This section belongs to another version.")})
        if self.scale_id and self.version_id and self.scale.version_id != self.version_id:
            raise ValidationError({"scale": _("This scale belongs to another version.")})
        if self.version_id and self.applies_if:
            facts = {fact.ref: fact.type for fact in self.version.facts.prefetch_related("choices")}
            if faults := applicability.problems(self.applies_if, facts):
                raise ValidationError({"applies_if": faults})

    def faults(self, facts: applicability.FactTypes) -> list[str]:
        """What keeps this question from being published, given the version's facts."""
        found = list(applicability.problems(self.applies_if, facts))
        found += self.untranslated()
        if not any(citation.provision.is_shown for citation in self.citations.all()):
            found.append(_("It cites no provision that may be shown."))
        return [str(fault) for fault in found]


class Citation(VersionPart):
    """A question rests on a provision."""

    question = models.ForeignKey(Question, models.CASCADE, related_name="citations", verbose_name=_("question"))
    provision = models.ForeignKey(Provision, models.PROTECT, related_name="citations", verbose_name=_("provision"))

    class Meta:
        verbose_name = _("citation")
        verbose_name_plural = _("citations")
        ordering = ["question", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["question", "provision"], name="citation_once_per_question")]

    def __str__(self):
        return str(self.provision)
