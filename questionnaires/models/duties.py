"""What a version knows beside its questions: dated and periodic duties, and contradictions among answers and facts."""

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from questionnaires import applicability, validation
from questionnaires.calendars import Timing
from questionnaires.content import Rhythm, Unit
from questionnaires.models.instruments import Provision
from questionnaires.models.version_parts import REF_LENGTH, VersionPart, faults_of


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
                | Q(
                    rhythm="yearly",
                    month__isnull=False,  # a comparison with nothing would be unknown, which a constraint lets pass
                    month__range=(1, 12),
                    day_of_month__isnull=False,
                    day_of_month__range=(1, 31),
                )
                | Q(rhythm__in=["within", "every", "keep"], count__isnull=False, count__gte=1) & ~Q(unit=""),
                name="duty_rhythm_has_its_timing",
            ),
        ]

    def __str__(self):
        return self.title

    @property
    def timing(self) -> Timing:
        unit = Unit(self.unit) if self.unit else None
        return Timing(Rhythm(self.rhythm), self.day, self.month, self.day_of_month, self.count, unit)

    def clean(self):
        errors = self.timing_faults()
        if "event" in errors:  # a form has one field per language
            errors[f"event_{settings.LANGUAGE_CODE}"] = errors.pop("event")
        if self.version_id and (faults := faults_of(self.applies_if, self.version.fact_types)):
            errors["applies_if"] = faults
        if errors:
            raise ValidationError(errors)

    def timing_faults(self) -> dict[str, str]:
        """By field: what the rhythm needs and is not given, or is given and it does not take; as in the library."""
        if self.rhythm not in self.Rhythm.values:
            return {}
        needed, given = validation.TIMING[Rhythm(self.rhythm)], self._timing_given()
        missing, surplus = _("“%(field)s” is missing for this rhythm."), _("“%(field)s” does not go with this rhythm.")
        faults = {
            name: (missing if name in needed else surplus) % {"field": self._meta.get_field(name).verbose_name}
            for name in validation.TIMING_FIELDS
            if (name in needed) != (name in given)
        }
        if not faults and self.month is not None and not validation.is_day_of_every_year(self.month, self.day_of_month):
            faults["day_of_month"] = str(_("No such day in every year."))
        if not faults and self.count is not None and not 1 <= self.count <= validation.LONGEST_COUNT:
            faults["count"] = _("Give a number from 1 to %(longest)d.") % {"longest": validation.LONGEST_COUNT}
        return faults

    def _timing_given(self) -> set[str]:
        languages = [f"event_{language.replace('-', '_')}" for language, _name in settings.LANGUAGES]
        given = {name for name in validation.TIMING_FIELDS if name != "event" and getattr(self, name) not in (None, "")}
        return given | ({"event"} if any(getattr(self, column) for column in languages) else set())


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

    def clean(self):
        if self.version_id and (faults := self.faults(self.version.fact_and_question_types)):
            raise ValidationError({"holds_if": faults})

    def faults(self, types: applicability.FactTypes) -> list[str]:
        """What keeps it from being published, given the version's facts and questions."""
        if not self.holds_if.strip():
            return [str(_("It would always hold: say when it does."))]
        return faults_of(self.holds_if, types)
