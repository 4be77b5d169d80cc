"""Instruments and their provisions: what may be cited, with its force, its dates and how far it was verified."""

from datetime import date
from typing import NamedTuple

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Organisation
from questionnaires import content
from questionnaires.models.ownership import OwnedQuerySet, edits_content_of


class LegalForce(models.TextChoices):
    LAW = "law", _("Law")
    ADMINISTRATIVE_REGULATION = "administrative_regulation", _("Administrative regulation")
    DEPARTMENTAL_RULE = "departmental_rule", _("Departmental rule")
    NORMATIVE_DOCUMENT = "normative_document", _("Normative document")
    JUDICIAL_INTERPRETATION = "judicial_interpretation", _("Judicial interpretation")
    MANDATORY_STANDARD = "mandatory_standard", _("Mandatory standard")
    RECOMMENDED_STANDARD = "recommended_standard", _("Recommended standard")
    INDUSTRY_INITIATIVE = "industry_initiative", _("Industry initiative")
    COMPANY_GUIDELINE = "company_guideline", _("Company guideline")
    CASE = "case", _("Case")


class Jurisdiction(models.TextChoices):
    CHINA = "cn", _("China")
    EUROPEAN_UNION = "eu", _("European Union")
    ILLINOIS = "us-il", _("Illinois")


class Stage(models.TextChoices):
    ADOPTED = "adopted", _("Adopted")
    DRAFT = "draft", _("Draft")


class Verification(models.TextChoices):
    VERIFIED = "verified", _("Verified")
    SECTION = "section", _("Verified at section level")
    UNVERIFIED = "unverified", _("To be verified")
    WITHHELD = "withheld", _("Withheld")


class InstrumentQuerySet(OwnedQuerySet):
    def in_order(self):
        """Oldest first; what has no date at the end."""
        return self.order_by(Coalesce("issued_on", "in_force_from").asc(nulls_last=True), "slug")


class Instrument(models.Model):
    """A law, regulation, standard, guideline or case in one edition."""

    slug = models.SlugField(_("slug"), max_length=120, unique=True)
    title = models.CharField(_("title"), max_length=300)
    short_title = models.CharField(_("short title"), max_length=40)
    issuer = models.CharField(_("issuer"), max_length=300)
    number = models.CharField(_("number"), max_length=200, blank=True)
    legal_force = models.CharField(_("legal force"), max_length=30, choices=LegalForce)
    jurisdiction = models.CharField(_("jurisdiction"), max_length=10, choices=Jurisdiction, default=Jurisdiction.CHINA)
    stage = models.CharField(_("stage"), max_length=10, choices=Stage, default=Stage.ADOPTED)
    issued_on = models.DateField(_("issued on"), null=True, blank=True)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(_("in force until"), null=True, blank=True, help_text=_("The last day in force."))
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    source = models.CharField(_("official source"), max_length=500)
    verification = models.CharField(_("verification"), max_length=12, choices=Verification)
    note = models.TextField(_("note"), blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)  # rises with every edit
    organisation = models.ForeignKey(
        Organisation,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="instruments",
        verbose_name=_("organisation"),
        help_text=_("Only this organisation sees it and may cite it; empty: everyone."),
    )

    objects = InstrumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("instrument")
        verbose_name_plural = _("instruments")
        ordering = ["issued_on", "slug"]
        constraints = [
            models.CheckConstraint(condition=Q(legal_force__in=LegalForce.values), name="instrument_legal_force_known"),
            models.CheckConstraint(
                condition=Q(jurisdiction__in=Jurisdiction.values), name="instrument_jurisdiction_known"
            ),
            models.CheckConstraint(condition=Q(stage__in=Stage.values), name="instrument_stage_known"),
            models.CheckConstraint(
                condition=Q(verification__in=Verification.values), name="instrument_verification_known"
            ),
            models.CheckConstraint(
                condition=Q(in_force_from__isnull=True)
                | Q(in_force_until__isnull=True)
                | Q(in_force_from__lte=F("in_force_until")),
                name="instrument_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("pk")),
                name="instrument_not_superseded_by_itself",
            ),
        ]

    def __str__(self):
        return self.short_title

    def is_edited_by(self, user) -> bool:
        return edits_content_of(user, self.organisation_id)

    @property
    def is_binding(self) -> bool:
        return self.stage == Stage.ADOPTED and self.legal_force in content.BINDING_FORCES

    @property
    def counts_from(self) -> date | None:
        """The first day it counts: its entry into force or, where none is stated, the day it was issued."""
        return self.in_force_from or self.issued_on


class ProvisionQuerySet(OwnedQuerySet):
    owner = "instrument__organisation"

    def citable_for(self, organisation_id: int | None):
        """What a set of this organisation may cite, None: a set for everyone."""
        own = Q(instrument__organisation=organisation_id) if organisation_id else Q()
        return self.filter(Q(instrument__organisation__isnull=True) | own)

    def shown(self):
        """Neither withheld nor of an instrument that is."""
        withheld = Q(verification=Verification.WITHHELD) | Q(instrument__verification=Verification.WITHHELD)
        return self.exclude(withheld)

    def dated(self) -> "list[DatedProvision]":
        """What decides whether each counts and for what, as plain values: a tenth of the cost of rows."""
        own = len(DatedProvision._fields) - 1
        columns = (*DatedProvision._fields[:own], *(f"instrument__{field}" for field in DatedInstrument._fields))
        rows = self.order_by().rewrite(False).values_list(*columns)
        return [DatedProvision(*row[:own], DatedInstrument(*row[own:])) for row in rows]


class Provision(models.Model):
    """A citable unit of an instrument. Empty dates are the instrument's."""

    instrument = models.ForeignKey(Instrument, models.PROTECT, related_name="provisions", verbose_name=_("instrument"))
    key = models.CharField(_("key"), max_length=120, unique=True)
    ref = models.CharField(_("reference"), max_length=80, help_text=_("As it is cited, for example Art. 43(1)."))
    statement = models.TextField(_("statement"), help_text=_("The duty in our own words."))
    binds = models.CharField(_("binds"), max_length=300)
    verification = models.CharField(_("verification"), max_length=12, choices=Verification)
    is_derived = models.BooleanField(_("our reading"), default=False)
    change_note = models.CharField(_("change mark"), max_length=60, blank=True)
    note = models.TextField(_("note"), blank=True)
    in_force_from = models.DateField(_("in force from"), null=True, blank=True)
    in_force_until = models.DateField(_("in force until"), null=True, blank=True)
    superseded_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="supersedes", verbose_name=_("superseded by")
    )
    position = models.PositiveIntegerField(_("position"), default=0)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)  # rises with every edit

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        ordering = ["instrument", "position", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(verification__in=Verification.values), name="provision_verification_known"
            ),
            models.CheckConstraint(
                condition=Q(in_force_from__isnull=True)
                | Q(in_force_until__isnull=True)
                | Q(in_force_from__lte=F("in_force_until")),
                name="provision_dates_in_order",
            ),
            models.CheckConstraint(
                condition=Q(superseded_by__isnull=True) | ~Q(superseded_by=F("pk")),
                name="provision_not_superseded_by_itself",
            ),
        ]

    def __str__(self):
        return f"{self.instrument.short_title} {self.ref}"

    def is_edited_by(self, user) -> bool:
        return self.instrument.is_edited_by(user)

    @property
    def is_shown(self) -> bool:
        return Verification.WITHHELD not in (self.verification, self.instrument.verification)

    @property
    def counts_from(self) -> date | None:
        return self.in_force_from or self.instrument.counts_from

    @property
    def counts_until(self) -> date | None:
        return self.in_force_until or self.instrument.in_force_until

    def is_in_force(self, day: date) -> bool:
        """Whether it counts on that day. A draft never does; an undated statement or case always does."""
        if self.instrument.stage == Stage.DRAFT:
            return False
        first, last = self.counts_from, self.counts_until
        if first is None:
            return self.instrument.legal_force in content.UNDATED_FORCES
        return first <= day and (last is None or day <= last)

    def is_coming(self, day: date) -> bool:
        """Whether it is adopted and takes effect after that day."""
        return self.instrument.stage == Stage.ADOPTED and self.counts_from is not None and self.counts_from > day


class DatedInstrument(NamedTuple):
    slug: str
    legal_force: str
    stage: str
    issued_on: date | None
    in_force_from: date | None
    in_force_until: date | None

    is_binding = Instrument.is_binding
    counts_from = Instrument.counts_from


class DatedProvision(NamedTuple):
    pk: int
    key: str
    in_force_from: date | None
    in_force_until: date | None
    instrument: DatedInstrument

    counts_from = Provision.counts_from
    counts_until = Provision.counts_until
    is_in_force = Provision.is_in_force
    is_coming = Provision.is_coming
