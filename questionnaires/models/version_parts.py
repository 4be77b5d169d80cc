"""What a version is made of: sections, questions, citations, scales and facts.

These rows belong to one version and are copied with it. Once it is published the triggers of migration 0002 refuse
any change.
"""

from collections.abc import Mapping

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from questionnaires import applicability
from questionnaires.models.instruments import Provision

REF_LENGTH = 120


def faults_of(expression: str, types: applicability.FactTypes) -> list[str]:
    """What is wrong with an expression, in the language in use."""
    return [fault.translated(gettext) for fault in applicability.problems(expression, types)]


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


class VersionPart(models.Model):
    """A row that belongs to a version and is copied with it."""

    position = models.PositiveIntegerField(_("position"), default=0)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)  # rises with every edit

    class Meta:
        abstract = True


def copies_of(rows: models.QuerySet, **parents: models.Model | Mapping[int, models.Model]) -> dict[int, models.Model]:
    """Save a copy of each row under another parent: one for all, or by the old parent's key. By the original's key.

    Two statements, whatever the number of rows, as far as the database takes them at once.
    """
    fields = {f.name: f.attname for f in rows.model._meta.concrete_fields if not f.primary_key}
    made = {}
    with override(settings.LANGUAGE_CODE):  # the bare column of a translated text holds the default language
        for row in rows:
            values = {attname: getattr(row, attname) for attname in fields.values()} | {"revision": 1}
            for name, parent in parents.items():
                new = parent[values[fields[name]]] if isinstance(parent, Mapping) else parent
                values[fields[name]] = new.pk
            made[row.pk] = rows.model(**values)
        rows.model._base_manager.bulk_create(made.values())
    return made


class Section(VersionPart):
    """A page of questions."""

    version = models.ForeignKey("Version", models.CASCADE, related_name="sections", verbose_name=_("version"))
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
    version = models.ForeignKey("Version", models.CASCADE, related_name="scales", verbose_name=_("version"))
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

    class Kind(models.TextChoices):
        YES_NO = "yes_no", _("Yes or no")
        CHOICE = "choice", _("One of several")
        CHOICES = "choices", _("Any of several")

    version = models.ForeignKey("Version", models.CASCADE, related_name="facts", verbose_name=_("version"))
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

    version = models.ForeignKey("Version", models.CASCADE, related_name="questions", verbose_name=_("version"))
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
        if self.version_id and (faults := faults_of(self.applies_if, self.version.fact_types)):
            raise ValidationError({"applies_if": faults})


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
