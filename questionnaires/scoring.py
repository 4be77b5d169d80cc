"""From responses to outcomes, scores with their range, and gaps. Pure: no Django, no I/O, no clock.

Source: docs/scoring.md, which says the same in words and with examples.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
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
_UNSEEN = len(_RANK)
_GAPS = (Outcome.NOT_MET, Outcome.PARTLY_MET)
_UNSCORED = (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED)
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
    One carried over from elsewhere is not confirmed until somebody says that it holds here.
    """

    ref: str
    section: str
    severity: Severity
    outcome: Outcome
    score: Decimal | None
    lowest: Decimal
    highest: Decimal
    provisions: tuple[CitedProvision, ...]
    is_confirmed: bool = True

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
class Unconfirmed:
    """Answers carried over and not confirmed: how many, and how much of the overall score's weight rests on them."""

    answers: int
    weight: Decimal


@dataclass(frozen=True, slots=True)
class Result:
    overall: Score
    by_section: Mapping[str, Score]
    by_instrument: Mapping[str, Score]
    by_legal_force: Mapping[str, Score]
    provisions: Mapping[str, Outcome]
    gaps: tuple[Gap, ...]
    unconfirmed: Unconfirmed = Unconfirmed(0, ZERO)
    version: int = VERSION


# All that a response adds to a mean: rank of its outcome, weight, score, lowest, highest. There are few kinds, so
# a group counts them and multiplies once, at the end.
_Kind = tuple[int, Decimal, Decimal | None, Decimal, Decimal]
_Tally = dict[int, int]  # how many responses of each kind, by the kind's number


def _mean(tally: _Tally, kinds: Sequence[_Kind]) -> Score:
    points = weight = low = high = possible = ZERO
    outcomes = dict.fromkeys(Outcome, 0)
    for number, count in tally.items():
        rank, one, score, lowest, highest = kinds[number]
        outcome = _WORST_FIRST[rank]
        outcomes[outcome] += count
        if outcome is Outcome.NOT_APPLICABLE:
            continue
        share = count * one
        possible += share
        low += share * (lowest if score is None else score)
        high += share * (highest if score is None else score)
        if score is not None:
            points += share * score
            weight += share
    return Score(
        value=points / weight if weight else None,
        low=low / possible if possible else None,
        high=high / possible if possible else None,
        weight=weight,
        outcomes=outcomes,
    )


def worst_of(outcomes: Iterable[Outcome]) -> Outcome:
    """The outcome that several questions have together: of a provision, or of a cell of the heat map."""
    return min(outcomes, key=_RANK.__getitem__)


def score(responses: Iterable[Response], weights: Mapping[Severity, Decimal]) -> Result:
    """Return scores, the outcome of every provision, and the gaps, worst first.

    One response per applicable question, in question order; unanswered ones included.
    Raises ValueError when two responses share a ref or when an outcome and its score disagree.
    Source: worst answer wins, N/A neutral (docs/scoring.md).
    """
    kinds: dict[_Kind, int] = {}
    overall: _Tally = defaultdict(int)
    sections: dict[str, _Tally] = defaultdict(lambda: defaultdict(int))
    instruments: dict[str, _Tally] = defaultdict(lambda: defaultdict(int))
    forces: dict[str, _Tally] = defaultdict(lambda: defaultdict(int))
    worst: dict[str, int] = {}
    gaps: list[Gap] = []
    seen: set[str] = set()
    unconfirmed, unconfirmed_weight = 0, ZERO

    for response in responses:
        if response.ref in seen:
            raise ValueError(f"two responses for {response.ref}")
        seen.add(response.ref)
        outcome, score = response.outcome, response.score
        if (outcome in _UNSCORED) != (score is None):
            raise ValueError(f"{response.ref}: outcome {outcome} with score {score}")

        weight = weights[response.severity]
        rank = _RANK[outcome]
        kind = kinds.setdefault((rank, weight, score, response.lowest, response.highest), len(kinds))
        overall[kind] += 1
        sections[response.section][kind] += 1
        # A question counts once for an instrument, however many of its provisions it cites.
        cited_instruments, cited_forces = {}, {}
        for provision in response.provisions:
            cited_instruments[provision.instrument] = cited_forces[provision.legal_force] = True
            if rank < worst.get(provision.key, _UNSEEN):
                worst[provision.key] = rank
        for instrument in cited_instruments:
            instruments[instrument][kind] += 1
        for force in cited_forces:
            forces[force][kind] += 1
        if not response.is_confirmed:
            unconfirmed += 1
            unconfirmed_weight += ZERO if score is None else weight
        if score is not None and outcome in _GAPS:
            points = weight * (response.highest - score)
            gaps.append(Gap(response.ref, response.severity, outcome, response.is_binding, points))

    by_number = tuple(kinds)
    return Result(
        overall=_mean(overall, by_number),
        by_section={key: _mean(tally, by_number) for key, tally in sections.items()},
        by_instrument={key: _mean(tally, by_number) for key, tally in instruments.items()},
        by_legal_force={key: _mean(tally, by_number) for key, tally in forces.items()},
        provisions={key: _WORST_FIRST[rank] for key, rank in worst.items()},
        gaps=tuple(sorted(gaps, key=_urgency)),
        unconfirmed=Unconfirmed(unconfirmed, unconfirmed_weight),
    )


def _urgency(gap: Gap) -> tuple[int, bool, int]:
    """Critical binding gaps first; the sort is stable, so question order decides among equals."""
    return _SEVERITY_RANK[gap.severity], not gap.is_binding, _RANK[gap.outcome]
