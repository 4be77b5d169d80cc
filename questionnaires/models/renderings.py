"""Renderings: PDFs asked for and not yet there; each claimed by one worker for as long as it shows itself."""

from datetime import timedelta
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from questionnaires.models.reports import Report, ReportLanguage

LEASE = timedelta(seconds=60)  # a worker that has not shown itself for so long is dead
QUEUE_PATIENCE = timedelta(minutes=2)  # then it is queued again: a second task in the queue does no harm
MOST_ATTEMPTS = 3


class Failure(models.TextChoices):
    TIME = "time", _("It took too long.")
    MEMORY = "memory", _("It needed too much memory.")
    WORKER = "worker", _("The process that made it ended before its time.")
    FAULT = "fault", _("A fault of FRCheck; its log says more.")


class RenderingQuerySet(models.QuerySet):
    def stalled(self):
        """Neither given up nor in the hands of a living worker, nor just queued."""
        now = timezone.now()
        queued_long_ago = Q(claimed_until__isnull=True, queued_at__lt=now - QUEUE_PATIENCE)
        return self.filter(Q(claimed_until__lt=now) | queued_long_ago, failure="")


class Rendering(models.Model):
    """One report in one language mode, from being asked for until its file is kept; then the row is gone."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="renderings")
    language = models.CharField(_("language"), max_length=10, choices=ReportLanguage)
    queued_at = models.DateTimeField(_("queued at"), default=timezone.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claim = models.UUIDField(_("claim"), null=True, blank=True, editable=False)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True, editable=False)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True, editable=False)
    failure = models.CharField(_("failure"), max_length=10, choices=Failure, blank=True)

    objects = RenderingQuerySet.as_manager()

    class Meta:
        verbose_name = _("rendering")
        verbose_name_plural = _("renderings")
        constraints = [
            models.UniqueConstraint(fields=["report", "language"], name="rendering_once_per_language"),
            models.CheckConstraint(condition=Q(language__in=ReportLanguage.values), name="rendering_language_known"),
            models.CheckConstraint(condition=Q(failure__in=["", *Failure.values]), name="rendering_failure_known"),
            models.CheckConstraint(
                condition=Q(claim__isnull=True, claimed_until__isnull=True)
                | Q(claim__isnull=False, claimed_at__isnull=False, claimed_until__isnull=False),
                name="rendering_claim_until",
            ),
        ]

    def __str__(self):
        return f"{self.report_id} {self.language}"

    @property
    def is_under_way(self) -> bool:
        return self.claimed_until is not None and self.claimed_until >= timezone.now()

    @property
    def is_last_attempt(self) -> bool:
        return self.attempts >= MOST_ATTEMPTS

    def take(self) -> bool:
        """Claim it for this worker: True for one of any number that try at once."""
        now, claim = timezone.now(), uuid4()
        free = Rendering.objects.filter(
            Q(claimed_until__isnull=True) | Q(claimed_until__lt=now), pk=self.pk, failure=""
        )
        taken = free.filter(attempts__lt=MOST_ATTEMPTS).update(
            claim=claim, claimed_at=now, claimed_until=now + LEASE, attempts=F("attempts") + 1
        )
        if taken:
            self.refresh_from_db()
        return bool(taken)

    def renew(self) -> bool:
        """Show that its worker is alive; False when it has been given to another."""
        return bool(self._held().update(claimed_until=timezone.now() + LEASE))

    def let_go(self, failure: Failure) -> bool:
        """Give the claim back after a failed attempt; True when another attempt follows."""
        given_up = failure if self.is_last_attempt else ""
        self._held().update(claim=None, claimed_at=None, claimed_until=None, failure=given_up, queued_at=timezone.now())
        return not given_up

    def finish(self) -> bool:
        """Remove the row; False when it has been given to another worker, who will keep the file."""
        return bool(self._held().delete()[0])

    def take_back(self) -> bool:
        """From a worker that died: True for one of those who notice at once, when another attempt follows."""
        stalled = Rendering.objects.stalled().filter(pk=self.pk)
        if self.is_last_attempt:
            stalled.update(claim=None, claimed_at=None, claimed_until=None, failure=Failure.WORKER)
            return False
        return bool(stalled.update(claim=None, claimed_at=None, claimed_until=None, queued_at=timezone.now()))

    def try_again(self) -> bool:
        """Begin anew after it was given up; True for one of those who ask at once."""
        given_up = Rendering.objects.filter(pk=self.pk).exclude(failure="")
        return bool(given_up.update(failure="", attempts=0, queued_at=timezone.now()))

    def _held(self) -> models.QuerySet:
        return Rendering.objects.filter(pk=self.pk, claim=self.claim)
