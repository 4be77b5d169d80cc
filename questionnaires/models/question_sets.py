"""Question sets and their numbered versions.

A version is a draft, in review, approved, published and perhaps retired: read from who did what when. In review and
from then on it takes no edits, and once published it never changes: triggers refuse it in the database, too.
"""

from decimal import Decimal

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation
from questionnaires import applicability, scoring
from questionnaires.content import Problem
from questionnaires.models.duties import DutyCitation
from questionnaires.models.ownership import OwnedQuerySet, edits_content_of, reviews_content_of
from questionnaires.models.problems import problems_of
from questionnaires.models.version_parts import (
    REF_LENGTH,
    AnswerLevel,
    Citation,
    FactChoice,
    copies_of,
)
from questionnaires.validation import OUTCOMES


class QuestionSetQuerySet(OwnedQuerySet):
    """What everyone may use, or one organisation alone."""


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
    requires_review = models.BooleanField(
        _("a second person reviews"),
        default=False,
        help_text=_("A version is published only once somebody who did not edit it has approved it."),
    )

    objects = QuestionSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("question set")
        verbose_name_plural = _("question sets")
        ordering = ["slug"]
        permissions = [
            ("see_shared_drafts", _("Can see drafts of what everyone may use")),
            ("edit_shared_content", _("Can edit what everyone may use")),
        ]

    def __str__(self):
        return self.title


class VersionQuerySet(OwnedQuerySet):
    owner = "question_set__organisation"

    def published(self):
        return self.filter(published_at__isnull=False)

    def drafts(self):
        """What takes edits: neither published nor in review."""
        return self.filter(published_at__isnull=True, submitted_for_review_at__isnull=True)

    def open_to(self, user):
        """Published, not retired, and shared by all or of one of the user's organisations."""
        return self.published().filter(retired_at__isnull=True).visible_to(user)

    def visible_in_admin_to(self, user):
        """As visible_to; what everyone may use only once it is published, unless the user may see its drafts."""
        rows = super().visible_in_admin_to(user)
        if user.has_perm("questionnaires.see_shared_drafts"):
            return rows
        return rows.filter(Q(question_set__organisation__isnull=False) | Q(published_at__isnull=False))

    def newest_after(self, version):
        """Of the later numbers of its set the highest; None where there is none."""
        later = self.filter(question_set=version.question_set_id, number__gt=version.number)
        return later.select_related("question_set").order_by("-number").first()


def _when(label) -> models.DateTimeField:
    return models.DateTimeField(label, null=True, blank=True, editable=False)


def _who(label) -> models.ForeignKey:
    return models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
        verbose_name=label,
    )


class Version(models.Model):
    """A numbered edition of a question set: draft, reviewed, then published and immutable, then perhaps retired."""

    class Published(Exception):
        """The version is published and cannot be changed."""

    class InReview(Published):
        """The version is in review and takes no edits either."""

    class Closed(Exception):
        """The version is not in the state for this step. The message says why."""

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
    submitted_for_review_at = _when(_("handed in at"))
    submitted_for_review_by = _who(_("handed in by"))
    returned_at = _when(_("returned at"))
    returned_by = _who(_("returned by"))
    return_comment = models.TextField(_("comment of the reviewer"), blank=True, editable=False)
    approved_at = _when(_("approved at"))
    approved_by = _who(_("approved by"))
    published_at = _when(_("published at"))
    published_by = _who(_("published by"))
    retired_at = _when(_("retired at"))
    retired_by = _who(_("retired by"))

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["question_set", "-number"]
        permissions = [
            ("approve_version", _("Can approve or return a version")),
            ("publish_version", _("Can publish a version")),
            ("retire_version", _("Can retire a version")),
        ]
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
            models.CheckConstraint(
                condition=Q(submitted_for_review_at__isnull=True, submitted_for_review_by__isnull=True)
                | Q(submitted_for_review_at__isnull=False, submitted_for_review_by__isnull=False),
                name="version_handed_in_by_someone",
            ),
            models.CheckConstraint(
                condition=Q(returned_at__isnull=True, returned_by__isnull=True, return_comment="")
                | Q(returned_at__isnull=False, returned_by__isnull=False) & ~Q(return_comment=""),
                name="version_returned_with_comment",
            ),
            models.CheckConstraint(
                condition=Q(approved_at__isnull=True, approved_by__isnull=True)
                | Q(approved_at__isnull=False, approved_by__isnull=False, submitted_for_review_at__isnull=False),
                name="version_approved_in_review",
            ),
            models.CheckConstraint(
                condition=Q(approved_by__isnull=True) | ~Q(approved_by=F("submitted_for_review_by")),
                name="version_approved_by_another",
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
    def is_in_review(self) -> bool:
        """Handed in, approved or not yet, and not published."""
        return self.submitted_for_review_at is not None and not self.is_published

    @property
    def is_draft(self) -> bool:
        """Whether it takes edits."""
        return not self.is_published and self.submitted_for_review_at is None

    def is_edited_by(self, user) -> bool:
        """Whether the user may edit content of its set, while it is a draft."""
        return edits_content_of(user, self.question_set.organisation_id)

    def is_reviewed_by(self, user) -> bool:
        """Whether the user may judge content of its set; who handed it in is told apart when it is judged."""
        return reviews_content_of(user, self.question_set.organisation_id)

    @property
    def fact_types(self) -> applicability.FactTypes:
        """What an applies_if may compare."""
        return {fact.ref: fact.type for fact in self.facts.prefetch_related("choices")}

    @property
    def fact_and_question_types(self) -> applicability.FactTypes:
        """What a holds_if may compare: a question's value is its outcome."""
        return self.fact_types | dict.fromkeys(self.questions.values_list("ref", flat=True), OUTCOMES)

    # --- its life: each step waits for edits under way, so that what is judged is what was seen ---

    @transaction.atomic
    def submit_for_review(self, *, by) -> None:
        """Hand the draft in: from now on it takes no edits. Raises Closed when it is no draft."""
        self._hold()
        if not self.is_draft:
            raise self.Closed(_("It is in review or published already."))
        self.submitted_for_review_at, self.submitted_for_review_by = timezone.now(), by
        self.save(update_fields=["submitted_for_review_at", "submitted_for_review_by"])

    @transaction.atomic
    def withdraw(self) -> None:
        """Take it back from review, approved or not: it is a draft again. Raises Closed when it is not in review."""
        self._hold()
        if not self.is_in_review:
            raise self.Closed(_("It is not in review."))
        self._end_review()

    @transaction.atomic
    def return_for_changes(self, *, by, comment: str) -> None:
        """Make it a draft again and say why. Raises Closed when it is not in review, or the judge is not another."""
        self._judge(by)
        self.returned_at, self.returned_by, self.return_comment = timezone.now(), by, comment
        self._end_review("returned_at", "returned_by", "return_comment")

    @transaction.atomic
    def approve(self, *, by) -> None:
        """Let it be published. Raises Closed when it is not in review, or the judge is not another."""
        self._judge(by)
        if self.approved_at:
            raise self.Closed(_("It is approved already."))
        self.approved_at, self.approved_by = timezone.now(), by
        self.save(update_fields=["approved_at", "approved_by"])

    @transaction.atomic
    def publish(self, *, by=None) -> None:
        """Freeze the version.

        Raises ValidationError naming its errors; Published when it was already; Closed while a review is missing.
        """
        self._hold()
        if self.is_published:
            raise self.Published
        if missing := self.review_missing():
            raise self.Closed(missing)
        if errors := [problem.message.translated(gettext) for problem in self.problems() if not problem.is_warning]:
            raise ValidationError(errors)
        self.published_at, self.published_by = timezone.now(), by
        self.save(update_fields=["published_at", "published_by"])

    @transaction.atomic
    def retire(self, *, by=None) -> None:
        """Take the version off the list for new assessments; those under way keep it."""
        self._hold()
        if self.retired_at:
            raise self.Closed(_("It is retired already."))
        self.retired_at, self.retired_by = timezone.now(), by
        self.save(update_fields=["retired_at", "retired_by"])

    def review_missing(self) -> str:
        """Why it may not be published yet, as far as review goes; empty when it may."""
        if self.approved_at:
            return ""
        if self.is_in_review:
            return str(_("It is in review: it is published once it is approved, or withdrawn."))
        if self.question_set.requires_review:
            return str(_("This question set asks for a review by a second person: hand it in first."))
        return ""

    def refusal_to_judge(self, user) -> str:
        """Why this person cannot approve or return it, whatever their permissions; empty when they can."""
        if not self.is_in_review:
            return str(_("It is not in review."))
        if user.pk == self.submitted_for_review_by_id:
            return str(_("Who handed it in cannot judge it: another person must."))
        if self.question_set.requires_review and self.edits.filter(by=user).exists():
            return str(_("Who edited it cannot judge it: this question set asks for a second person."))
        return ""

    def _judge(self, user) -> None:
        self._hold()
        if refusal := self.refusal_to_judge(user):
            raise self.Closed(refusal)

    def _hold(self) -> None:
        """Lock the row and see its state as it is."""
        state = [f.attname for f in self._meta.concrete_fields if f.attname.endswith(("_at", "_by_id"))]
        held = Version.objects.select_for_update().get(pk=self.pk)
        for name in state:
            setattr(self, name, getattr(held, name))

    def _end_review(self, *also: str) -> None:
        names = ("submitted_for_review_at", "submitted_for_review_by", "approved_at", "approved_by")
        for name in names:
            setattr(self, name, None)
        self.save(update_fields=[*names, *also])

    def problems(self) -> list[Problem]:
        """What is wrong with it today, errors first; warnings keep nothing from being published."""
        return problems_of(self)

    @transaction.atomic
    def start_draft(self) -> "Version":
        """Copy everything into a new draft with the next free number: of a draft or a retired version, too."""
        highest = self.question_set.versions.aggregate(models.Max("number"))["number__max"]
        draft = Version.objects.create(
            question_set=self.question_set,
            number=highest + 1,
            **{f"weight_{severity}": weight for severity, weight in self.weights.items()},
        )
        scales = copies_of(self.scales.all(), version=draft)
        copies_of(AnswerLevel.objects.filter(scale__version=self), scale=scales)
        facts = copies_of(self.facts.all(), version=draft)
        copies_of(FactChoice.objects.filter(fact__version=self), fact=facts)
        sections = copies_of(self.sections.all(), version=draft)
        questions = copies_of(self.questions.all(), version=draft, section=sections, scale=scales)
        copies_of(Citation.objects.filter(question__version=self), question=questions)
        duties = copies_of(self.duties.all(), version=draft)
        copies_of(DutyCitation.objects.filter(duty__version=self), duty=duties)
        copies_of(self.contradictions.all(), version=draft)
        return draft
