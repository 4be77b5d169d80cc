"""What a version knows beside its questions: dated and periodic duties, and contradictions among answers and facts."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from questionnaires.calendars import Timing
from questionnaires.content import Rhythm, Unit
from questionnaires.models.instruments import Provision
from questionnaires.models.version_parts import REF_LENGTH, VersionPart


class Duty(VersionPart):
    """Something to be done by a day or in a rhythm.

    `day` for on, `month` and `day_of_month` for yearly, else `count` and `unit`; `event` is what a duty within some
    time counts from.
    """

    class Rhythm(models.TextChoices):
        ON = "on", _("By a day")
        WITHIN = "within", _("Within some time of an event")
        YEARLY = "yearly", _("Every year by a day")
        EVERY = "every", _("Every so often")
        KEEP = "keep", _("Kept for some time")

    class Unit(models.TextChoices):
        HOURS = "hours", _("hours")
        DAYS = "days", _("days")
        WORKING_DAYS = "working_days", _("working days")
        MONTHS = "months", _("months")
        YEARS = "years", _("years")

    REQUIRED_TEXTS = ("title", "text")

    version = models.ForeignKey("Version", models.CASCADE, related_name="duties", verbose_name=_("version"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    title = models.CharField(_("title"), max_length=200)
    text = models.TextField(_("text"))
    rhythm = models.CharField(_("rhythm"), max_length=10, choices=Rhythm)
    event = models.CharField(_("event"), max_length=200, blank=True)
    day = models.DateField(_("day"), null=True, blank=True)
    month = models.PositiveSmallIntegerField(_("month"), null=True, blank=True)
    day_of_month = models.PositiveSmallIntegerField(_("day of the month"), null=True, blank=True)
    count = models.PositiveSmallIntegerField(_("count"), null=True, blank=True)
    unit = models.CharField(_("unit"), max_length=15, choices=Unit, blank=True)
    applies_if = models.TextField(_("applies if"), blank=True)
    provisions = models.ManyToManyField(Provision, through="DutyCitation", related_name="duties")

    class Meta:
        verbose_name = _("duty")
        verbose_name_plural = _("duties")
        ordering = ["version", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["version", "ref"], name="duty_ref_unique_in_version"),
            models.CheckConstraint(
                condition=Q(rhythm="on", day__isnull=False)
                | Q(rhythm="yearly", month__range=(1, 12), day_of_month__range=(1, 31))
                | Q(rhythm__in=["within", "every", "keep"], count__gte=1) & ~Q(unit=""),
                name="duty_rhythm_has_its_timing",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def timing(self) -> Timing:
        unit = Unit(self.unit) if self.unit else None
        return Timing(Rhythm(self.rhythm), self.day, self.month, self.day_of_month, self.count, unit)


class DutyCitation(VersionPart):
    duty = models.ForeignKey(Duty, models.CASCADE, related_name="citations", verbose_name=_("duty"))
    provision = models.ForeignKey(Provision, models.PROTECT, related_name="duty_citations", verbose_name=_("provision"))

    class Meta:
        verbose_name = _("citation of a duty")
        verbose_name_plural = _("citations of duties")
        ordering = ["duty", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["duty", "provision"], name="duty_cites_a_provision_once")]

    def __str__(self):
        return str(self.provision)


class Contradiction(VersionPart):
    """Facts and answers that cannot all be right; `holds_if` may name questions, whose value is their outcome."""

    REQUIRED_TEXTS = ("text",)

    version = models.ForeignKey("Version", models.CASCADE, related_name="contradictions", verbose_name=_("version"))
    ref = models.CharField(_("ref"), max_length=REF_LENGTH)
    text = models.TextField(_("text"))
    holds_if = models.TextField(_("holds if"))

    class Meta:
        verbose_name = _("contradiction")
        verbose_name_plural = _("contradictions")
        ordering = ["version", "position", "pk"]
        constraints = [models.UniqueConstraint(fields=["version", "ref"], name="contradiction_ref_unique_in_version")]

    def __str__(self):
        return self.ref
