"""Assessments and their answers.

An answer is written by `Assessment.record_answer` alone, with the revision its writer had seen; a submitted assessment
takes none, and the triggers of migration 0002 hold against whoever goes round this module.
"""

from collections.abc import Collection
from datetime import date
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, models, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation
from questionnaires import scoring
from questionnaires.applicability import FactKind
from questionnaires.models.assessment_choice import AssessmentQuerySet
from questionnaires.models.instruments import Instrument, Provision
from questionnaires.models.outlines import Outline, QuestionOutline, outline_of
from questionnaires.models.question_sets import Version
from questionnaires.models.standings import Given, Standing, make_standing
from questionnaires.models.version_parts import AnswerLevel, Fact, Question

NOTE_LENGTH = 20_000  # characters: ten pages


class Assessment(models.Model):
    """One organisation, one deployment, one version of a question set, chosen instruments, an as-of date.

    Revisions of the same assessment share a series; at most the newest is open. One that was moved to a newer version
    while it was open is superseded: closed without a report.
    """

    class Closed(Exception):
        """The assessment is submitted, or superseded by a newer revision, and takes no change."""

    class Stale(Exception):
        """Somebody answered in the meantime; `current` is what is stored."""

        def __init__(self, current):
            super().__init__("a newer answer is stored")
            self.current = current

    class Incomplete(Exception):
        """Questions without an answer, or N/A without justification, keep it from being submitted."""

        def __init__(self, *, unanswered: Collection[QuestionOutline], unjustified: Collection[QuestionOutline]):
            super().__init__(f"{len(unanswered)} unanswered, {len(unjustified)} unjustified")
            self.unanswered, self.unjustified = unanswered, unjustified

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(
        Organisation, models.PROTECT, related_name="assessments", verbose_name=_("organisation")
    )
    version = models.ForeignKey(Version, models.PROTECT, related_name="assessments", verbose_name=_("question set"))
    name = models.CharField(_("name"), max_length=200)
    subject = models.CharField(_("deployment assessed"), max_length=500)
    as_of = models.DateField(_("as of"))
    instruments = models.ManyToManyField(Instrument, related_name="assessments", verbose_name=_("instruments"))
    series = models.UUIDField(default=uuid4, editable=False)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    previous = models.OneToOneField(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="next_revision"
    )
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="carried_to"
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    submitted_at = models.DateTimeField(_("submitted at"), null=True, blank=True, editable=False)
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )
    superseded_at = models.DateTimeField(_("superseded at"), null=True, blank=True, editable=False)
    superseded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, blank=True, editable=False, related_name="+"
    )

    objects = AssessmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("assessment")
        verbose_name_plural = _("assessments")
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["series", "revision"], name="assessment_revision_unique_in_series"),
            models.UniqueConstraint(
                fields=["series"],
                condition=Q(submitted_at__isnull=True, superseded_at__isnull=True),
                name="assessment_one_open_per_series",
            ),
            models.CheckConstraint(
                condition=Q(submitted_at__isnull=True, submitted_by__isnull=True)
                | Q(submitted_at__isnull=False, submitted_by__isnull=False),
                name="assessment_submitted_at_and_by",
            ),
            models.CheckConstraint(
                condition=Q(superseded_at__isnull=True, superseded_by__isnull=True)
                | Q(superseded_at__isnull=False, superseded_by__isnull=False, submitted_at__isnull=True),
                name="assessment_superseded_at_and_by_if_not_submitted",
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def is_submitted(self) -> bool:
        return self.submitted_at is not None

    @property
    def is_closed(self) -> bool:
        return self.is_submitted or self.superseded_at is not None

    @property
    def outline(self) -> Outline:
        return outline_of(self.version)

    def fact_values(self) -> dict[str, frozenset[str]]:
        """Answered facts by ref; an unanswered one is absent."""
        return self.outline.stated(self.fact_answers.values_list("fact_id", "values"))

    def standing(self, *, as_of: date | None = None) -> Standing:
        """Where it stands on its own as-of date or another day.

        Three queries: facts, provisions of the chosen instruments, answers without their texts.
        """
        given = {
            question_id: Given(level_id, is_not_applicable, bool(justification), is_confirmed)
            for question_id, level_id, is_not_applicable, justification, is_confirmed in self.answers.annotate(
                justified=models.functions.Left("justification", 1)
            ).values_list("question_id", "level_id", "is_not_applicable", "justified", "is_confirmed")
        }
        provisions = Provision.objects.shown().filter(instrument__assessments=self)
        return make_standing(
            self.outline,
            facts=self.fact_values(),
            given=given,
            provisions=provisions.dated(),
            as_of=as_of or self.as_of,
        )

    def score(self) -> scoring.Result:
        return self.standing().score(self.version.weights)

    def record_answer(
        self,
        question: QuestionOutline,
        *,
        by,
        seen: int,
        level: AnswerLevel | None = None,
        is_not_applicable: bool = False,
        justification: str = "",
        note: str = "",
    ) -> "Answer":
        """Store an answer over the revision its writer had seen; 0: there was none.

        Raises Stale when a newer revision is stored, Closed when the assessment was submitted meanwhile.
        """
        values = {
            "level": level,
            "is_not_applicable": is_not_applicable,
            "justification": justification,
            "note": note,
            "revision": seen + 1,
            "answered_at": timezone.now(),
            "answered_by": by,
        }
        answer = Answer(assessment=self, question_id=question.pk, **values)
        stored = values | {"is_confirmed": True}
        _store(answer, {"assessment": self, "question_id": question.pk}, stored, seen=seen, change=answer.as_change())
        return answer

    def record_fact(self, fact: Fact, *, by, seen: int, values: Collection[str] | None) -> "FactAnswer":
        """Store a fact like an answer; None takes it back to unanswered. Raises Stale or Closed."""
        chosen = None if values is None else [ref for ref, _label in fact.options if ref in values]
        if chosen is not None and fact.kind != FactKind.CHOICES and len(chosen) != 1:
            raise ValueError(f"{fact.ref} takes one value, not {values!r}")
        row = {"values": chosen, "revision": seen + 1, "answered_at": timezone.now(), "answered_by": by}
        answer = FactAnswer(assessment=self, fact=fact, **row)
        _store(answer, {"assessment": self, "fact": fact}, row, seen=seen)
        return answer

    @transaction.atomic
    def submit(self, *, by, accept_unanswered: bool = False):
        """Freeze facts, answers and result into a report and return it.

        Raises Incomplete while questions are unanswered (unless accepted: they are then printed as unanswered and the
        score as a range) or N/A stands without justification; Closed when it was submitted already.
        """
        from questionnaires.models.reports import Report  # reports point at assessments

        still_open = Assessment.objects.filter(pk=self.pk, submitted_at__isnull=True, superseded_at__isnull=True)
        if not still_open.update(submitted_at=timezone.now(), submitted_by=by):
            raise self.Closed
        # Read only after the update: it holds back every answer that is still being written.
        self.refresh_from_db(fields=["submitted_at", "submitted_by"])
        standing = self.standing()
        unanswered, unjustified = standing.unanswered(), standing.unjustified()
        if unjustified or (unanswered and not accept_unanswered):
            self.submitted_at = self.submitted_by = None  # as the rollback leaves it in the database
            raise self.Incomplete(unanswered=unanswered, unjustified=unjustified)
        return Report.freeze(self)

    @transaction.atomic
    def discard(self):
        """Delete it with its answers and, where it is the only revision, with what was planned about its gaps.

        IntegrityError where it was submitted meanwhile or another assessment rests on its answers.
        """
        from questionnaires.models.actions import actions_of  # actions point at assessments

        if self.revision == 1:
            actions_of(self).delete()
        self.delete()

    @transaction.atomic
    def reopen(self, *, by) -> "Assessment":
        """Start the next revision with the same facts and answers. Raises Closed when there is one already."""
        if not self.is_closed:
            raise ValueError("An open assessment needs no reopening.")
        self.hold_as_newest()
        copy = self.start_revision(version=self.version, by=by, carried_from=self.carried_from)
        copy.instruments.set(self.instruments.all())
        facts = list(self.fact_answers.all())
        for fact in facts:
            fact.pk, fact.assessment = None, copy
        FactAnswer.objects.bulk_create(facts)
        answers = list(self.answers.all())
        for answer in answers:
            answer.pk, answer.assessment, answer.revision = None, copy, 1
        Answer.objects.bulk_create(answers)
        AnswerChange.objects.bulk_create(answer.as_change() for answer in answers)
        return copy

    def hold_as_newest(self) -> None:
        """Lock it until the transaction ends. Raises Closed when there is a newer revision."""
        Assessment.objects.select_for_update().get(pk=self.pk)  # of two at once the second waits, and is Closed
        if Assessment.objects.filter(previous=self).exists():
            raise self.Closed
        self.refresh_from_db(fields=["submitted_at", "submitted_by", "superseded_at", "superseded_by"])

    def start_revision(self, *, version: Version, by, carried_from: "Assessment | None") -> "Assessment":
        """The next of its series, with nothing answered; it must be closed."""
        return Assessment.objects.create(
            carried_from=carried_from,
            organisation=self.organisation,
            version=version,
            name=self.name,
            subject=self.subject,
            as_of=self.as_of,
            series=self.series,
            revision=self.revision + 1,
            previous=self,
            created_by=by,
        )


def _store(answer: "Answer | FactAnswer", key: dict, values: dict, *, seen: int, change=None) -> None:
    """Insert the answer, or update the stored one where its revision is the seen one; see record_answer."""
    model, assessment = type(answer), key["assessment"]
    try:
        with transaction.atomic():
            if seen == 0:
                answer.save(force_insert=True)
            elif not model.objects.filter(revision=seen, **key).update(**values):
                raise Assessment.Stale(model.objects.filter(**key).first())
            if change is not None:
                change.save(force_insert=True)
    except IntegrityError:
        stored = Assessment.objects.filter(pk=assessment.pk).first()
        if stored and stored.is_closed:
            raise Assessment.Closed from None
        current = model.objects.filter(**key).first()
        if current and current.revision != seen:
            raise Assessment.Stale(current) from None
        raise


class RevisedAnswer(models.Model):
    """Who said it last, when, and how often it was changed."""

    revision = models.PositiveIntegerField(_("revision"), default=1)
    answered_at = models.DateTimeField(_("answered at"))
    answered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")

    class Meta:
        abstract = True


class FactAnswer(RevisedAnswer):
    """`values` holds refs of the fact's choices, or yes / no; null when the fact was taken back to unanswered."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="fact_answers")
    fact = models.ForeignKey(Fact, models.PROTECT, related_name="answers")
    values = models.JSONField(_("values"), null=True)

    class Meta:
        verbose_name = _("fact answer")
        verbose_name_plural = _("fact answers")
        constraints = [models.UniqueConstraint(fields=["assessment", "fact"], name="fact_answer_once_per_assessment")]

    def __str__(self):
        return f"{self.fact.ref}: {self.values}"


class AnswerContent(RevisedAnswer):
    level = models.ForeignKey(AnswerLevel, models.PROTECT, null=True, blank=True, related_name="+")
    is_not_applicable = models.BooleanField(_("not applicable"), default=False)
    justification = models.TextField(_("justification"), blank=True)
    note = models.TextField(_("note"), blank=True)

    class Meta:
        abstract = True

    def clean(self):
        if self.level and self.is_not_applicable:
            raise ValidationError(_("An answer is a level or not applicable, not both."))


class Answer(AnswerContent):
    """The current answer to a question; a row with neither level nor N/A holds only a note.

    One carried over from another assessment names that answer and is unconfirmed until somebody records it here.
    """

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    carried_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, editable=False, related_name="carried_to"
    )
    is_confirmed = models.BooleanField(_("confirmed"), default=True)

    class Meta:
        verbose_name = _("answer")
        verbose_name_plural = _("answers")
        constraints = [
            models.UniqueConstraint(fields=["assessment", "question"], name="answer_once_per_question"),
            models.CheckConstraint(
                condition=Q(level__isnull=True) | Q(is_not_applicable=False), name="answer_level_or_not_applicable"
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="answer_revision_from_1"),
            models.CheckConstraint(
                condition=Q(is_confirmed=True) | Q(carried_from__isnull=False),
                name="answer_unconfirmed_only_if_carried",
            ),
        ]

    def __str__(self):
        return f"{self.question.ref}: {'N/A' if self.is_not_applicable else self.level}"

    def as_change(self) -> "AnswerChange":
        return AnswerChange(
            assessment=self.assessment,
            question_id=self.question_id,
            level_id=self.level_id,
            is_not_applicable=self.is_not_applicable,
            justification=self.justification,
            note=self.note,
            revision=self.revision,
            answered_at=self.answered_at,
            answered_by_id=self.answered_by_id,
        )


class AnswerChange(AnswerContent):
    """Every revision of every answer, never changed again."""

    assessment = models.ForeignKey(Assessment, models.CASCADE, related_name="answer_changes")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answer_changes")

    class Meta:
        verbose_name = _("answer change")
        verbose_name_plural = _("answer changes")
        ordering = ["answered_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["assessment", "question", "revision"], name="answer_change_once_per_revision"
            ),
        ]

    def __str__(self):
        return f"{self.question.ref} r{self.revision}"
