"""From responses to outcomes, scores with their range, and gaps. Pure: no Django, no I/O, no clock.

Source: docs/scoring.md, which says the same in words and with examples.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

VERSION = 1  # rises with any change in results

ZERO = Decimal(0)


class Outcome(StrEnum):
    MET = "met"
    PARTLY_MET = "partly_met"
    NOT_MET = "not_met"
    NOT_APPLICABLE = "not_applicable"
    UNANSWERED = "unanswered"


class Severity(StrEnum):
    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


# A provision takes the first of these that any of its questions has; an unanswered question hides neither a
# "not met" nor a "partly met", but what is otherwise met stays open until it is answered.
_WORST_FIRST = (Outcome.NOT_MET, Outcome.PARTLY_MET, Outcome.UNANSWERED, Outcome.MET, Outcome.NOT_APPLICABLE)
_RANK = {outcome: rank for rank, outcome in enumerate(_WORST_FIRST)}
_SEVERITY_RANK = {severity: rank for rank, severity in enumerate(Severity)}


@dataclass(frozen=True, slots=True)
class CitedProvision:
    key: str
    instrument: str
    legal_force: str
    is_binding: bool


@dataclass(frozen=True, slots=True)
class Response:
    """One applicable question and what was answered.

    `score` is the chosen level's, 0 to 1; None when unanswered or not applicable.
    `lowest` and `highest` are the bounds of its scale. `provisions` are those in force and chosen, in citation order.
    """

    ref: str
    section: str
    severity: Severity
    outcome: Outcome
    score: Decimal | None
    lowest: Decimal
    highest: Decimal
    provisions: tuple[CitedProvision, ...]

    @property
    def is_binding(self) -> bool:
        return any(provision.is_binding for provision in self.provisions)


@dataclass(frozen=True, slots=True)
class Score:
    """A weighted mean and its range.

    `value` covers answered questions only; None where nothing is answered. `low` and `high` take every unanswered
    question at its worst and at its best; None where nothing is applicable. `weight` is the sum over answered
    questions.
    """

    value: Decimal | None
    low: Decimal | None
    high: Decimal | None
    weight: Decimal
    outcomes: Mapping[Outcome, int]

    @property
    def answered(self) -> int:
        return sum(self.outcomes[o] for o in (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET))

    @property
    def unanswered(self) -> int:
        return self.outcomes[Outcome.UNANSWERED]


@dataclass(frozen=True, slots=True)
class Gap:
    """A question partly or not met; `points` is the weight that meeting it would add."""

    ref: str
    severity: Severity
    outcome: Outcome
    is_binding: bool
    points: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    overall: Score
    by_section: Mapping[str, Score]
    by_instrument: Mapping[str, Score]
    by_legal_force: Mapping[str, Score]
    provisions: Mapping[str, Outcome]
    gaps: tuple[Gap, ...]
    version: int = VERSION


class _Sum:
    """The running terms of one group's weighted mean."""

    __slots__ = ("high", "low", "outcomes", "points", "possible", "weight")

    def __init__(self) -> None:
        self.points = self.weight = self.low = self.high = self.possible = ZERO
        self.outcomes = dict.fromkeys(Outcome, 0)

    def add(self, response: Response, weight: Decimal) -> None:
        self.outcomes[response.outcome] += 1
        if response.outcome is Outcome.NOT_APPLICABLE:
            return
        self.possible += weight
        if response.score is None:
            self.low += weight * response.lowest
            self.high += weight * response.highest
        else:
            points = weight * response.score
            self.points += points
            self.low += points
            self.high += points
            self.weight += weight

    def score(self) -> Score:
        return Score(
            value=self.points / self.weight if self.weight else None,
            low=self.low / self.possible if self.possible else None,
            high=self.high / self.possible if self.possible else None,
            weight=self.weight,
            outcomes=self.outcomes,
        )


def score(responses: Iterable[Response], weights: Mapping[Severity, Decimal]) -> Result:
    """Return scores, the outcome of every provision, and the gaps, worst first.

    One response per applicable question, in question order; unanswered ones included.
    Raises ValueError when two responses share a ref or when an outcome and its score disagree.
    Source: worst answer wins, N/A neutral (docs/scoring.md).
    """
    overall = _Sum()
    sections: dict[str, _Sum] = defaultdict(_Sum)
    instruments: dict[str, _Sum] = defaultdict(_Sum)
    forces: dict[str, _Sum] = defaultdict(_Sum)
    provisions: dict[str, Outcome] = {}
    gaps: list[Gap] = []
    seen: set[str] = set()

    for response in responses:
        if response.ref in seen:
            raise ValueError(f"two responses for {response.ref}")
        seen.add(response.ref)
        is_scored = response.outcome not in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED)
        if is_scored != (response.score is not None):
            raise ValueError(f"{response.ref}: outcome {response.outcome} with score {response.score}")

        weight = weights[response.severity]
        overall.add(response, weight)
        sections[response.section].add(response, weight)
        cited_instruments, cited_forces = {}, {}
        for provision in response.provisions:
            cited_instruments[provision.instrument] = cited_forces[provision.legal_force] = True
            known = provisions.get(provision.key)
            if known is None or _RANK[response.outcome] < _RANK[known]:
                provisions[provision.key] = response.outcome
        # A question counts once for an instrument, however many of its provisions it cites.
        for instrument in cited_instruments:
            instruments[instrument].add(response, weight)
        for force in cited_forces:
            forces[force].add(response, weight)
        if response.score is not None and response.outcome in (Outcome.NOT_MET, Outcome.PARTLY_MET):
            points = weight * (response.highest - response.score)
            gaps.append(Gap(response.ref, response.severity, response.outcome, response.is_binding, points))

    return Result(
        overall=overall.score(),
        by_section={key: group.score() for key, group in sections.items()},
        by_instrument={key: group.score() for key, group in instruments.items()},
        by_legal_force={key: group.score() for key, group in forces.items()},
        provisions=provisions,
        gaps=tuple(sorted(gaps, key=_urgency)),
    )


def _urgency(gap: Gap) -> tuple[int, bool, int]:
    """Critical binding gaps first; the sort is stable, so question order decides among equals."""
    return _SEVERITY_RANK[gap.severity], not gap.is_binding, _RANK[gap.outcome]
