"""A report's figures and gaps as rows, so that the database can reckon over many reports.

Copied from the payload when it is frozen; the payload stays what counts.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from questionnaires.models.reports import Report
from questionnaires.models.version_parts import REF_LENGTH, Outcome, Severity

Data = Mapping[str, Any]


class ReportFigure(models.Model):
    """A score with its range and counts: overall, or of one legal force, instrument or section by its key."""

    class Kind(models.TextChoices):
        OVERALL = "overall", _("Overall")
        LEGAL_FORCE = "legal_force", _("Legal force")
        INSTRUMENT = "instrument", _("Instrument")
        SECTION = "section", _("Topic")

    report = models.ForeignKey(Report, models.CASCADE, related_name="figures")
    kind = models.CharField(max_length=15, choices=Kind)
    key = models.CharField(max_length=REF_LENGTH, blank=True)
    value = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    low = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    high = models.DecimalField(max_digits=7, decimal_places=6, null=True)
    met = models.PositiveIntegerField()
    partly_met = models.PositiveIntegerField()
    not_met = models.PositiveIntegerField()
    not_applicable = models.PositiveIntegerField()
    unanswered = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("figure of a report")
        verbose_name_plural = _("figures of reports")
        constraints = [
            models.UniqueConstraint(fields=["report", "kind", "key"], name="report_figure_once"),
            models.CheckConstraint(
                condition=Q(kind__in=["overall", "legal_force", "instrument", "section"]),
                name="report_figure_kind_known",
            ),
        ]

    def __str__(self):
        return f"{self.kind} {self.key}: {self.value}"


class ReportGap(models.Model):
    """A question partly or not met in a report."""

    report = models.ForeignKey(Report, models.CASCADE, related_name="gaps")
    ref = models.CharField(max_length=REF_LENGTH)
    severity = models.CharField(max_length=10, choices=Severity)
    outcome = models.CharField(max_length=15, choices=Outcome)
    is_binding = models.BooleanField()
    points = models.DecimalField(max_digits=12, decimal_places=6)

    class Meta:
        verbose_name = _("gap of a report")
        verbose_name_plural = _("gaps of reports")
        constraints = [models.UniqueConstraint(fields=["report", "ref"], name="report_gap_once")]

    def __str__(self):
        return f"{self.ref}: {self.outcome}"


def store_figures(report: Report, content: Data) -> None:
    """Two statements, whatever the size of the report."""
    ReportFigure.objects.bulk_create(ReportFigure(report=report, **row) for row in figure_rows(content["result"]))
    ReportGap.objects.bulk_create(ReportGap(report=report, **row) for row in gap_rows(content["result"]))


def figure_rows(result: Data) -> Iterator[dict[str, Any]]:
    yield _figure("overall", "", result["overall"])
    for kind in ("legal_force", "instrument", "section"):
        for key, score in result[f"by_{kind}"].items():
            yield _figure(kind, key, score)


def _figure(kind: str, key: str, score: Data) -> dict[str, Any]:
    counts = {str(outcome): score["outcomes"].get(outcome, 0) for outcome in Outcome.values}
    return {"kind": kind, "key": key, **{name: score[name] for name in ("value", "low", "high")}, **counts}


def gap_rows(result: Data) -> Iterator[dict[str, Any]]:
    for gap in result["gaps"]:
        yield {name: gap[name] for name in ("ref", "severity", "outcome", "is_binding", "points")}
