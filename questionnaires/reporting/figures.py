"""Scores, ranges and counts as a report shows them."""

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.reporting.charts import outcome_bar, score_bar
from questionnaires.reporting.texts import NOTHING, Text, Voice, joined
from questionnaires.reporting.values import Count, Figures
from questionnaires.scoring import Outcome

DASH = "–"
NO_SCORE = {"value": None, "low": None, "high": None, "weight": "0", "outcomes": {}}


def percent(share: Decimal) -> int:
    """Whole percents; 0 and 100 only where nothing, or everything, is meant."""
    rounded = int((100 * share).quantize(Decimal(1), ROUND_HALF_UP))
    if 0 < share < 1:
        return min(max(rounded, 1), 99)
    return rounded


def number(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def score_text(value: Decimal | None) -> str:
    return DASH if value is None else f"{percent(value)}\N{NO-BREAK SPACE}%"


def range_text(low: Decimal | None, high: Decimal | None) -> str:
    """Empty where there is no range: everything is answered, or nothing applies."""
    if low is None or high is None or low == high:
        return ""
    ends = sorted({percent(low), percent(high)})
    return DASH.join(str(end) for end in ends) + "\N{NO-BREAK SPACE}%"


def figures(
    score: Mapping[str, Any], label: Text, voice: Voice, *, mark: Text = NOTHING, explained: str = ""
) -> Figures:
    """Prepare a frozen score for a row of figures and its two bars."""
    value, low, high = number(score["value"]), number(score["low"]), number(score["high"])
    outcomes = {outcome: score["outcomes"].get(outcome, 0) for outcome in Outcome}
    counts = tuple(Count(outcome, voice.say(OutcomeLabel(outcome).label), outcomes[outcome]) for outcome in Outcome)
    shown, span = score_text(value), range_text(low, high)
    return Figures(
        label=label,
        mark=mark,
        score=shown,
        range=span,
        counts=counts,
        total=sum(outcomes.values()),
        score_bar=score_bar(value=value, low=low, high=high, title=_score_title(value, shown, span, voice).plain),
        outcome_bar=outcome_bar(outcomes, title=_outcome_title(outcomes, voice).plain),
        explained=explained,
    )


def _score_title(value: Decimal | None, shown: str, span: str, voice: Voice) -> Text:
    def title(_language: str) -> str:
        said = _("No score") if value is None else _("Score %(score)s") % {"score": shown}
        return _("%(score)s, range %(range)s") % {"score": said, "range": span} if span else said

    return voice.each(title)


def _outcome_title(outcomes: Mapping[Outcome, int], voice: Voice) -> Text:
    def title(language: str) -> str:
        counts = [f"{OutcomeLabel(outcome).label}: {count}" for outcome, count in outcomes.items() if count]
        return joined(counts, language) or _("No question")

    return voice.each(title)
