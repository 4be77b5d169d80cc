"""What somebody will do about a gap: by whom, by when, at what effort.

An action hangs on a series and a question's ref, so that it lives across revisions and versions. It closes no gap: a
changed answer does. The triggers hold that the series is the organisation's and that whoever is made owner is a member.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from uuid import uuid4

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models, transaction
from django.db.models import F, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Membership, Organisation
from questionnaires.models.assessments import Answer, Assessment
from questionnaires.models.standings import Standing
from questionnaires.models.version_parts import REF_LENGTH
from questionnaires.scoring import Outcome

TITLE_LENGTH = 200
LEAST_EFFORT = Decimal("0.1")  # person-days


class ActionQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Of the user's organisations; `role` is the user's there."""
        return self.filter(organisation__memberships__user=user).annotate(role=F("organisation__memberships__role"))

    def editable_by(self, user):
        """Whether its assessment is open or submitted: what is to be done goes on after the report."""
        return self.filter(
            organisation__memberships__user=user, organisation__memberships__role__in=Membership.EDITING_ROLES
        )

    def under_way(self):
        """Neither done nor dropped."""
        return self.filter(status__in=Action.UNDER_WAY)

    def overdue(self, today: date):
        return self.under_way().filter(due_on__lt=today)

    def with_outcome(self):
        """Annotate what its gap's question is answered with in the newest revision; None where it is not."""
        level = Answer.objects.filter(
            assessment__series=OuterRef("series"),
            assessment__next_revision__isnull=True,
            question__ref=OuterRef("question_ref"),
        )
        return self.annotate(
            outcome=Subquery(level.values("level__outcome")[:1]),
            is_set_aside=Subquery(level.values("is_not_applicable")[:1]),
        )


class GapState(StrEnum):
    """What has become of an action's gap."""

    OPEN = "open"
    CLOSED = "closed"
    UNANSWERED = "unanswered"
    NOT_ASKED = "not_asked"  # any more


class Action(models.Model):
    class Stale(Exception):
        """Somebody changed it in the meantime; `current` is what is stored, None when it is gone."""

        def __init__(self, current):
            super().__init__("a newer revision is stored")
            self.current = current

    class Status(models.TextChoices):
        TO_DO = "to_do", _("To do")
        DOING = "doing", _("Doing")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    UNDER_WAY = (Status.TO_DO, Status.DOING)

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="actions")
    series = models.UUIDField(editable=False, db_index=True)
    question_ref = models.CharField(_("question"), max_length=REF_LENGTH, editable=False)
    title = models.CharField(_("what is to be done"), max_length=TITLE_LENGTH)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="actions",
        verbose_name=_("owner"),
    )
    due_on = models.DateField(_("due on"), null=True, blank=True)
    effort_days = models.DecimalField(
        _("effort in person-days"),
        max_digits=6,
        decimal_places=1,
        null=True,
        blank=True,
        validators=[MinValueValidator(LEAST_EFFORT)],
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.TO_DO)
    comment = models.TextField(_("comment"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", editable=False)

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = [F("due_on").asc(nulls_last=True), "created_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["to_do", "doing", "done", "dropped"]), name="action_status_known"
            ),
            models.CheckConstraint(
                condition=Q(effort_days__isnull=True) | Q(effort_days__gte=LEAST_EFFORT), name="action_effort_positive"
            ),
            models.CheckConstraint(condition=Q(revision__gte=1), name="action_revision_from_1"),
        ]

    def __str__(self):
        return self.title

    @property
    def is_under_way(self) -> bool:
        return self.status in self.UNDER_WAY

    def is_overdue(self, today: date) -> bool:
        return self.is_under_way and self.due_on is not None and self.due_on < today

    def change(self, *, by, seen: int, **values) -> None:
        """Store named fields over the revision that the writer had seen. Raises Stale."""
        values |= {"revision": seen + 1, "changed_at": timezone.now(), "changed_by": by}
        if not Action.objects.filter(pk=self.pk, revision=seen).update(**values):
            raise self.Stale(Action.objects.select_related("owner", "changed_by").filter(pk=self.pk).first())


@dataclass(frozen=True, slots=True)
class Planned:
    """An action to be: what for, at what effort."""

    question_ref: str
    title: str
    effort_days: Decimal | None = None


@transaction.atomic
def plan_actions(assessment: Assessment, planned: Iterable[Planned], *, by) -> list[Action]:
    """Create those whose gap has no action under way yet, and return them."""
    # Of two at once the second waits, and finds what the first has made.
    list(Assessment.objects.select_for_update().filter(series=assessment.series).values_list("pk"))
    taken = set(Action.objects.under_way().filter(series=assessment.series).values_list("question_ref", flat=True))
    return Action.objects.bulk_create(
        Action(
            organisation_id=assessment.organisation_id,
            series=assessment.series,
            question_ref=one.question_ref,
            title=shortened(one.title),
            effort_days=one.effort_days,
            created_by=by,
            changed_by=by,
        )
        for one in planned
        if one.question_ref not in taken
    )


_SENTENCE = re.compile(r"(.{20,}?[.。])(\s|(?<=。))")


def shortened(text: str) -> str:
    """A remediation as an action's title: its first sentence, cut where that is too long."""
    line = " ".join(text.split())
    first = _SENTENCE.match(line)
    line = first[1] if first else line
    if len(line) <= TITLE_LENGTH:
        return line
    return line[: TITLE_LENGTH - 2].rstrip(" ,，、；;") + " …"


def actions_of(assessment: Assessment):
    """Of its whole series."""
    return Action.objects.filter(series=assessment.series)


def gap_states(standing: Standing) -> Mapping[str, GapState]:
    """What became of the gap of every question that is asked, by ref; a ref that is not there is not asked."""
    states = {
        Outcome.NOT_MET: GapState.OPEN,
        Outcome.PARTLY_MET: GapState.OPEN,
        Outcome.UNANSWERED: GapState.UNANSWERED,
        Outcome.MET: GapState.CLOSED,
        Outcome.NOT_APPLICABLE: GapState.CLOSED,
    }
    return {question.ref: states[standing.outcome(question)] for question in standing.applicable()}
