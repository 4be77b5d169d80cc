"""Which reminders of actions were sent: at most one a day and action."""

from datetime import date, timedelta
from uuid import UUID, uuid4

from django.conf import settings
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Membership
from questionnaires.models.actions import Action

SOON = timedelta(days=7)  # before its day an action is named once
AGAIN = timedelta(days=7)  # and after it once a week
ABANDONED = timedelta(hours=1)  # a claim of a run that has died


class DueNotice(models.Model):
    """A reminder of one action to its owner: claimed by a run, then sent. `due_on` is the day it was about."""

    class Kind(models.TextChoices):
        SOON = "soon", _("due soon")
        OVERDUE = "overdue", _("overdue")

    action = models.ForeignKey(Action, models.CASCADE, related_name="notices")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    kind = models.CharField(_("kind"), max_length=10, choices=Kind)
    due_on = models.DateField(_("due on"))
    day = models.DateField(_("day"))
    run = models.UUIDField()
    claimed_at = models.DateTimeField(_("claimed at"), default=timezone.now)
    sent_at = models.DateTimeField(_("sent at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reminder")
        verbose_name_plural = _("reminders")
        constraints = [
            models.UniqueConstraint(fields=["action", "day"], name="due_notice_once_per_action_and_day"),
            models.CheckConstraint(condition=Q(kind__in=["soon", "overdue"]), name="due_notice_kind_known"),
        ]

    def __str__(self):
        return f"{self.action}: {self.day}"


def claim_notices(today: date) -> list[DueNotice]:
    """Take what is to be sent today for this run; what another run has taken is not among it.

    An action under way whose owner is a member is named once within a week before its day, and once a week after it.
    """
    DueNotice.objects.filter(sent_at__isnull=True, claimed_at__lt=timezone.now() - ABANDONED).delete()
    run = uuid4()
    DueNotice.objects.bulk_create((_notice(action, today, run) for action in _to_name(today)), ignore_conflicts=True)
    taken = DueNotice.objects.filter(run=run).select_related("action", "recipient")
    return list(taken.order_by("recipient_id", "due_on", "action_id"))


def _to_name(today: date):
    same_day = DueNotice.objects.filter(action=OuterRef("pk"), recipient=OuterRef("owner"), due_on=OuterRef("due_on"))
    members = Membership.objects.filter(organisation=OuterRef("organisation"), user=OuterRef("owner"))
    overdue = Q(due_on__lt=today) & ~Exists(same_day.filter(kind=DueNotice.Kind.OVERDUE, day__gt=today - AGAIN))
    soon = Q(due_on__gte=today, due_on__lte=today + SOON) & ~Exists(same_day.filter(kind=DueNotice.Kind.SOON))
    return Action.objects.under_way().filter(overdue | soon, Exists(members), owner__is_active=True).order_by("pk")


def _notice(action: Action, today: date, run: UUID) -> DueNotice:
    kind = DueNotice.Kind.OVERDUE if action.is_overdue(today) else DueNotice.Kind.SOON
    return DueNotice(action=action, recipient_id=action.owner_id, kind=kind, due_on=action.due_on, day=today, run=run)
