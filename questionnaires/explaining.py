"""How a score came about: every question's share in it. Pure: no Django, no I/O, no clock.

Source: docs/scoring.md, sections 3 and 4. The sums of the terms give the score exactly, for both start from the same
responses and weights.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from questionnaires.scoring import ZERO, Outcome, Response, Severity


class Grouping(StrEnum):
    OVERALL = "overall"
    SECTION = "section"
    INSTRUMENT = "instrument"
    LEGAL_FORCE = "legal-force"


@dataclass(frozen=True, slots=True)
class Term:
    """One question's share: `product` is weight times level score, None where nothing was answered.

    `low` and `high` are what it adds at its worst and at its best; None where it is not applicable and adds nothing.
    """

    ref: str
    severity: Severity
    outcome: Outcome
    weight: Decimal
    score: Decimal | None
    product: Decimal | None
    low: Decimal | None
    high: Decimal | None


@dataclass(frozen=True, slots=True)
class Explanation:
    """`points` and `weight` are sums over answered questions, the others over all that apply: the score is a quotient.

    None where nothing was answered, or where nothing applies.
    """

    terms: tuple[Term, ...]
    points: Decimal
    weight: Decimal
    low_points: Decimal
    high_points: Decimal
    possible: Decimal

    @property
    def value(self) -> Decimal | None:
        return self.points / self.weight if self.weight else None

    @property
    def low(self) -> Decimal | None:
        return self.low_points / self.possible if self.possible else None

    @property
    def high(self) -> Decimal | None:
        return self.high_points / self.possible if self.possible else None


def members(responses: Iterable[Response], grouping: Grouping, key: str = "") -> Iterator[Response]:
    """Those that a group's score is made of; each once, however many of the group's provisions it cites."""
    for response in responses:
        if grouping is Grouping.OVERALL or key in _keys(response, grouping):
            yield response


def _keys(response: Response, grouping: Grouping) -> tuple[str, ...]:
    match grouping:
        case Grouping.SECTION:
            return (response.section,)
        case Grouping.INSTRUMENT:
            return tuple(provision.instrument for provision in response.provisions)
        case Grouping.LEGAL_FORCE:
            return tuple(provision.legal_force for provision in response.provisions)
    raise ValueError(f"{grouping} has no keys")


def explain(responses: Iterable[Response], weights: Mapping[Severity, Decimal]) -> Explanation:
    """Return the terms and their sums, in the order of the responses."""
    terms = tuple(_term(response, weights[response.severity]) for response in responses)
    return Explanation(
        terms=terms,
        points=sum((term.product for term in terms if term.product is not None), ZERO),
        weight=sum((term.weight for term in terms if term.product is not None), ZERO),
        low_points=sum((term.low for term in terms if term.low is not None), ZERO),
        high_points=sum((term.high for term in terms if term.high is not None), ZERO),
        possible=sum((term.weight for term in terms if term.low is not None), ZERO),
    )


def _term(response: Response, weight: Decimal) -> Term:
    score = response.score
    is_counted = response.outcome is not Outcome.NOT_APPLICABLE
    return Term(
        ref=response.ref,
        severity=response.severity,
        outcome=response.outcome,
        weight=weight,
        score=score,
        product=None if score is None else weight * score,
        low=weight * (response.lowest if score is None else score) if is_counted else None,
        high=weight * (response.highest if score is None else score) if is_counted else None,
    )
