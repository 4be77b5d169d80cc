"""The line of a series' scores, as pages show it."""

from django.utils.translation import gettext as _

from questionnaires.models import Assessment
from questionnaires.models.trends import TrendPoint, trend
from questionnaires.reporting.change_charts import Mark, trend_chart
from questionnaires.reporting.figures import range_text, score_text
from questionnaires.scoring import Score


def trend_context(assessment: Assessment, *, has_others: bool, now: Score | None = None) -> dict:
    """Picture and table of the revisions; empty without a second one to draw a line to. One query."""
    points = trend(assessment, now) if has_others else []
    if len(points) < 2:
        return {}
    marks = [Mark(f"r{point.revision}", point.value, point.low, point.high) for point in points]
    return {
        "trend": {
            "picture": trend_chart(marks, title=_title(points)),
            "rows": [_row(point) for point in points],
            "leaves_out": len(points) < points[-1].revision,
        }
    }


def _title(points: list[TrendPoint]) -> str:
    said = [f"{_('revision %(n)s') % {'n': point.revision}}: {score_text(point.value)}" for point in points]
    return _("Overall score by revision. %(scores)s") % {"scores": "; ".join(said)}


def _row(point: TrendPoint) -> dict:
    return {"point": point, "score": score_text(point.value), "range": range_text(point.low, point.high)}
