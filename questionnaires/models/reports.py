"""Reports: the frozen result of a submitted assessment, its digest and its rendered files."""

import hashlib
import json
from functools import cached_property
from typing import NamedTuple
from uuid import UUID, uuid4

from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from questionnaires.models.assessments import Assessment
from questionnaires.models.freezing import canonical, frozen_content


class ReportLanguage(models.TextChoices):
    ENGLISH = "en", _("English")
    CHINESE = "zh-hans", _("Chinese")
    BOTH = "both", _("English and Chinese")


class ReportQuerySet(models.QuerySet):
    def visible_to(self, user):
        return self.filter(assessment__organisation__memberships__user=user)

    def newest_of_series(self):
        """Of each series the one submitted last, whether or not a later revision is open."""
        later = Report.objects.filter(
            assessment__series=OuterRef("assessment__series"), assessment__revision__gt=OuterRef("assessment__revision")
        )
        return self.filter(~Exists(later))


class Report(models.Model):
    """`payload` is canonical JSON (RFC 8785) of everything the report says; `digest` is its SHA-256 in hexadecimal."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    assessment = models.OneToOneField(Assessment, models.PROTECT, related_name="report")
    payload = models.TextField(_("payload"), editable=False)
    digest = models.CharField(_("digest"), max_length=64, editable=False)
    scoring_version = models.PositiveIntegerField(_("scoring version"), editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = ReportQuerySet.as_manager()

    class Meta:
        verbose_name = _("report")
        verbose_name_plural = _("reports")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["digest"], name="report_digest")]

    def __str__(self):
        return f"{self.assessment} {self.digest[:12]}"

    @classmethod
    def freeze(cls, assessment: Assessment) -> "Report":
        from questionnaires.models.report_figures import store_figures  # figures point at reports

        content = frozen_content(assessment)
        payload = canonical(content)
        report = cls.objects.create(
            assessment=assessment,
            payload=payload.decode(),
            digest=hashlib.sha256(payload).hexdigest(),
            scoring_version=content["result"]["scoring_version"],
        )
        store_figures(report, content)
        return report

    @cached_property
    def content(self) -> dict:
        return json.loads(self.payload)


def report_storage() -> Storage:
    return storages["reports"]


def report_path(report_file: "ReportFile", _filename: str) -> str:
    """A name that tells its content, so that what is saved twice is saved once."""
    return f"reports/{report_file.report.uuid}/{report_file.language}-{report_file.sha256[:16]}.pdf"


class KeptFile(NamedTuple):
    """A stored PDF with the name and revision of its assessment."""

    pk: int
    file: str
    sha256: str
    size: int
    name: str
    revision: int


class ReportFileQuerySet(models.QuerySet):
    def kept(self):
        """Those whose file is there, as far as is known."""
        return self.filter(lost_at__isnull=True)

    def visible_to(self, user):
        return self.filter(report__assessment__organisation__memberships__user=user)

    def kept_of(self, uuid: UUID, language: str) -> KeptFile | None:
        """What a download of that report needs, as plain values: composing the query costs more than running it."""
        columns = ("pk", "file", "sha256", "size", "report__assessment__name", "report__assessment__revision")
        kept = self.filter(report__assessment__uuid=uuid, language=language, lost_at__isnull=True)  # at most one
        return next((KeptFile(*row) for row in kept.values_list(*columns)), None)


class ReportFile(models.Model):
    """A report rendered in one language mode, kept once made; `sha256` is that of the whole file.

    The row stays even when the file is lost and made again: whoever has the file can still have it verified.
    """

    report = models.ForeignKey(Report, models.CASCADE, related_name="files")
    language = models.CharField(_("language"), max_length=10, choices=ReportLanguage)
    file = models.FileField(_("file"), upload_to=report_path, storage=report_storage, max_length=200)
    sha256 = models.CharField("SHA-256", max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("size in bytes"), editable=False)
    rendered_at = models.DateTimeField(_("rendered at"), auto_now_add=True)
    lost_at = models.DateTimeField(_("found missing at"), null=True, blank=True, editable=False)

    objects = ReportFileQuerySet.as_manager()

    class Meta:
        verbose_name = _("report file")
        verbose_name_plural = _("report files")
        indexes = [models.Index(fields=["sha256"], name="report_file_sha256")]
        constraints = [
            models.UniqueConstraint(
                fields=["report", "language"], condition=Q(lost_at__isnull=True), name="report_file_once_per_language"
            ),
            models.CheckConstraint(
                condition=Q(language__in=["en", "zh-hans", "both"]), name="report_file_language_known"
            ),
        ]

    def __str__(self):
        return self.file.name
