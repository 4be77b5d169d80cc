"""What if gaps were closed: the same scoring over changed responses. Pure: no Django, no I/O, no clock."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

from questionnaires import scoring
from questionnaires.scoring import Outcome, Response, Result, Severity

GAPS = (Outcome.NOT_MET, Outcome.PARTLY_MET)


@dataclass(frozen=True, slots=True)
class Moved:
    """A provision whose outcome would change."""

    key: str
    before: Outcome
    after: Outcome


@dataclass(frozen=True, slots=True)
class Simulation:
    """`switched` are the refs that were gaps and are met in `after`; `moved` stands in citation order."""

    before: Result
    after: Result
    switched: frozenset[str]
    moved: tuple[Moved, ...]


def met(response: Response) -> Response:
    """The same question answered with the best level of its scale."""
    return replace(response, outcome=Outcome.MET, score=response.highest)


def simulate(
    responses: Iterable[Response], weights: Mapping[Severity, Decimal], *, switched: Collection[str]
) -> Simulation:
    """Score the responses as they are, and with the gaps of those refs met; other refs change nothing."""
    given = list(responses)
    refs = frozenset(r.ref for r in given if r.ref in switched and r.outcome in GAPS)
    before = scoring.score(given, weights)
    after = scoring.score((met(r) if r.ref in refs else r for r in given), weights)
    return Simulation(
        before=before,
        after=after,
        switched=refs,
        moved=tuple(
            Moved(key, outcome, after.provisions[key])
            for key, outcome in before.provisions.items()
            if after.provisions[key] is not outcome
        ),
    )
