"""Question sets and their numbered versions.

A published version never changes: the triggers of migration 0002 refuse it in the database, too.
"""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation
from questionnaires import applicability, scoring
from questionnaires.models.duties import DutyCitation
from questionnaires.models.version_parts import (
    REF_LENGTH,
    AnswerLevel,
    Citation,
    Fact,
    FactChoice,
    Outcome,
    VersionPart,
)
from questionnaires.validation import OUTCOMES


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
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)  # rises with every edit

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

    def newest_after(self, version):
        """Of the later numbers of its set the highest; None where there is none."""
        later = self.filter(question_set=version.question_set_id, number__gt=version.number)
        return later.select_related("question_set").order_by("-number").first()


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
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)  # rises with every edit
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

    @property
    def fact_types(self) -> applicability.FactTypes:
        """What an applies_if may compare."""
        return {fact.ref: fact.type for fact in self.facts.prefetch_related("choices")}

    @property
    def fact_and_question_types(self) -> applicability.FactTypes:
        """What a holds_if may compare: a question's value is its outcome."""
        return self.fact_types | dict.fromkeys(self.questions.values_list("ref", flat=True), OUTCOMES)

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
        """What keeps a draft from being published, a sentence each."""
        return [fault for _part, fault in self.faults_of_parts()]

    def faults_of_parts(self) -> list[tuple[VersionPart | None, str]]:
        """Each fault with the part that has it, None for the version itself; a constant number of queries."""
        cited = "citations__provision__instrument"
        facts = list(self.facts.prefetch_related("choices"))
        scales = list(self.scales.prefetch_related("levels"))
        questions = list(self.questions.select_related("section").prefetch_related(cited))
        duties, contradictions = list(self.duties.prefetch_related(cited)), list(self.contradictions.all())
        types = {fact.ref: fact.type for fact in facts}
        comparable = types | {question.ref: OUTCOMES for question in questions}
        found: list[tuple[VersionPart | None, str]] = []
        if not questions:
            found.append((None, str(_("The version asks nothing."))))
        for question in questions:
            found += [(question, f"{question.ref}: {fault}") for fault in question.faults(types)]
        for scale in scales:
            if not any(level.outcome == Outcome.MET for level in scale.levels.all()):
                message = _("Scale “%(scale)s” has no level with the outcome “met”.")
                found.append((scale, message % {"scale": scale.ref}))
        for fact in facts:
            if (fact.kind == Fact.Kind.YES_NO) == bool(fact.choices.all()):
                message = _("Fact “%(fact)s”: yes/no facts have no choices, the others need some.")
                found.append((fact, message % {"fact": fact.ref}))
        for duty in duties:
            found += [(duty, f"“{duty.ref}”: {fault}") for fault in duty.faults(types)]
        for contradiction in contradictions:
            found += [(contradiction, f"“{contradiction.ref}”: {fault}") for fault in contradiction.faults(comparable)]
        levels = [level for scale in scales for level in scale.levels.all()]
        choices = [choice for fact in facts for choice in fact.choices.all()]
        for part in (*self.sections.all(), *scales, *levels, *facts, *choices, *duties, *contradictions):
            found += [(part, f"“{part.ref}”: {fault}") for fault in part.untranslated()]
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
        duties = {old.pk: old.copy_to(version=draft) for old in self.duties.all()}
        for citation in DutyCitation.objects.filter(duty__version=self):
            citation.copy_to(duty=duties[citation.duty_id])
        for contradiction in self.contradictions.all():
            contradiction.copy_to(version=draft)
        return draft
