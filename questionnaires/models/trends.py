"""The overall scores of a series' revisions."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db.models import JSONField
from django.db.models.fields.json import KT
from django.db.models.functions import Cast

from questionnaires.models.assessments import Assessment
from questionnaires.models.reports import Report
from questionnaires.scoring import Score


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """`submitted_at` is None for the open revision, whose score is that of this moment."""

    uuid: UUID
    revision: int
    version: int
    as_of: date
    submitted_at: datetime | None
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None


def trend(assessment: Assessment, now: Score | None = None) -> list[TrendPoint]:
    """The submitted revisions of its series in order, from their reports, and the open one with its score `now`.

    One query: the database reads the scores out of the reports. A superseded revision was never scored for good.
    """
    overall = "payload_as_json__result__overall__"
    scores = {name: KT(f"{overall}{name}") for name in ("value", "low", "high")}
    reports = Report.objects.filter(assessment__series=assessment.series)
    rows = (
        reports.annotate(payload_as_json=Cast("payload", JSONField()))
        .annotate(**{f"score_{name}": score for name, score in scores.items()})
        .order_by("assessment__revision")
        .values_list(
            "assessment__uuid",
            "assessment__revision",
            "assessment__version__number",
            "assessment__as_of",
            "assessment__submitted_at",
            *(f"score_{name}" for name in scores),
        )
    )
    points = [TrendPoint(*row[:5], *(None if text is None else Decimal(text) for text in row[5:])) for row in rows]
    if now is not None:
        own = (assessment.uuid, assessment.revision, assessment.version.number, assessment.as_of, None)
        points.append(TrendPoint(*own, now.value, now.low, now.high))
    return points
