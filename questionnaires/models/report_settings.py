"""How an organisation's reports look: logo, words on the cover, marking, and which parts are left out.

They are frozen into a report when it is submitted, so that a later change alters no report that was handed out.
"""

import hashlib
from typing import Any

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils.translation import gettext_lazy as _

from frcheck.accounts.models import Membership, Organisation

COVER_TEXT_LENGTH = 600  # characters: what the cover holds beside long names


class Confidentiality(models.TextChoices):
    PUBLIC = "public", _("Public")
    INTERNAL = "internal", _("Internal")
    CONFIDENTIAL = "confidential", _("Confidential")
    STRICT = "strict", _("Strictly confidential")


class OptionalPart(models.TextChoices):
    """Parts that an organisation may leave out. Summary, register, results and method stand in every report."""

    DUTIES = "duties", _("Duty calendar")
    COMING_UP = "coming_up", _("Coming up")
    ANSWERS = "answers", _("Answers")
    NOT_ASKED = "not_asked", _("Questions not asked")
    FACTS = "facts", _("Facts stated")
    INSTRUMENTS = "instruments", _("Instruments and provisions")
    EXPLAINED = "explained", _("How the scores came about")


def logo_path(digest: str) -> str:
    return f"logos/{digest}.png"


class Logo(models.Model):
    """A PNG of an organisation's; the file is named by its SHA-256 and stays while a report may refer to it."""

    organisation = models.ForeignKey(Organisation, models.PROTECT, related_name="logos")
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    width = models.PositiveIntegerField(_("width"))
    height = models.PositiveIntegerField(_("height"))
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    class Meta:
        verbose_name = _("logo")
        verbose_name_plural = _("logos")
        constraints = [models.UniqueConstraint(fields=["organisation", "digest"], name="logo_once_per_organisation")]

    def __str__(self):
        return f"{self.organisation}: {self.digest[:12]}"

    @classmethod
    def keep(cls, organisation: Organisation, png: bytes, *, width: int, height: int) -> "Logo":
        """Store the file unless it is there, then the row."""
        digest = hashlib.sha256(png).hexdigest()
        if not default_storage.exists(logo_path(digest)):
            default_storage.save(logo_path(digest), ContentFile(png))
        kept, _made = cls.objects.get_or_create(
            organisation=organisation, digest=digest, defaults={"width": width, "height": height}
        )
        return kept


class LogoLost(Exception):
    """The file of a logo is not in the storage, or is not the one that was kept."""


def logo_bytes(digest: str) -> bytes:
    """The PNG of that digest. Raises LogoLost rather than let a report silently look otherwise than it did."""
    try:
        with default_storage.open(logo_path(digest)) as file:
            png = file.read()
    except FileNotFoundError:
        raise LogoLost(f"The storage has no {logo_path(digest)}: restore it from the backup.") from None
    if hashlib.sha256(png).hexdigest() != digest:
        raise LogoLost(f"{logo_path(digest)} is not the file that was kept: restore it from the backup.")
    return png


class ReportSettingsQuerySet(models.QuerySet):
    def of(self, organisation: Organisation) -> "ReportSettings":
        """The organisation's own, or what holds without any: not saved. No query where they were read with it."""
        if Organisation.report_settings.related.is_cached(organisation):
            own = getattr(organisation, "report_settings", None)
        else:
            own = self.select_related("logo").filter(organisation=organisation).first()
        return own or ReportSettings(organisation_id=organisation.pk)  # the organisation is not to take it for its own


def managed_by(user) -> models.QuerySet[Organisation]:
    """The organisations whose report settings the user may change."""
    return Organisation.objects.filter(
        memberships__user=user, memberships__role__in=ReportSettings.MANAGING_ROLES
    ).order_by("name", "pk")


class ReportSettings(models.Model):
    MANAGING_ROLES = (Membership.Role.OWNER, Membership.Role.MANAGER)

    organisation = models.OneToOneField(Organisation, models.CASCADE, related_name="report_settings")
    logo = models.ForeignKey(Logo, models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("logo"))
    cover_text_en = models.TextField(_("words on the cover, English"), max_length=COVER_TEXT_LENGTH, blank=True)
    cover_text_zh_hans = models.TextField(_("words on the cover, Chinese"), max_length=COVER_TEXT_LENGTH, blank=True)
    confidentiality = models.CharField(
        _("marking"), max_length=20, choices=Confidentiality, default=Confidentiality.CONFIDENTIAL
    )
    left_out = models.JSONField(_("parts left out"), default=list, blank=True)
    changed_at = models.DateTimeField(_("changed at"), auto_now=True)
    changed_by = models.ForeignKey("accounts.User", models.PROTECT, null=True, editable=False, related_name="+")

    objects = ReportSettingsQuerySet.as_manager()

    class Meta:
        verbose_name = _("report settings")
        verbose_name_plural = _("report settings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(confidentiality__in=["public", "internal", "confidential", "strict"]),
                name="report_settings_confidentiality_known",
            ),
        ]

    def __str__(self):
        return str(self.organisation)

    def as_content(self) -> dict[str, Any]:
        """The part of a report's frozen content that says how it looks."""
        logo = self.logo
        return {
            "logo": {"digest": logo.digest, "width": logo.width, "height": logo.height} if logo else None,
            "cover_text": {"en": self.cover_text_en, "zh": self.cover_text_zh_hans},
            "confidentiality": self.confidentiality,
            "left_out": [part for part in OptionalPart.values if part in self.left_out],
        }
