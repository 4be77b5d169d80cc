"""Why one result differs from another: recomputed step by step, one cause at a time. Pure: no Django, no I/O.

A chain of results leads from the first to the last; each step changes one thing, and what the result then changes by is
that thing's part. So the parts sum to the whole difference exactly. The order of the steps decides what a change is put
down to where two causes meet: law, questions, organisation.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import pairwise

from questionnaires.scoring import Outcome


class Cause(StrEnum):
    LAW = "law"
    QUESTIONS = "questions"
    ORGANISATION = "organisation"
    CORRECTIONS = "corrections"  # to provisions or to the scoring, since a report was frozen


@dataclass(frozen=True, slots=True)
class Point:
    """A result: scores, and outcomes of provisions and of questions, by key.

    What does not count, or is not asked, is absent; a score of nothing is None.
    """

    scores: Mapping[str, Decimal | None]
    provisions: Mapping[str, Outcome]
    questions: Mapping[str, Outcome]


@dataclass(frozen=True, slots=True)
class Part:
    """By how much a score changed from point `start` to point `end` of the chain.

    More than one step apart where there is no score between them: what each did cannot be told.
    """

    start: int
    end: int
    change: Decimal


@dataclass(frozen=True, slots=True)
class Moved:
    """Something whose outcome is another at the end; None where it does not count. `causes` in order, each once."""

    key: str
    before: Outcome | None
    after: Outcome | None
    causes: tuple[Cause, ...]


def parts(values: Sequence[Decimal | None]) -> tuple[Part, ...]:
    """Split the difference of the last and the first value; nothing where either is missing."""
    known = [(n, value) for n, value in enumerate(values) if value is not None]
    if not values or values[0] is None or values[-1] is None:
        return ()
    return tuple(Part(start, end, after - before) for (start, before), (end, after) in pairwise(known))


def moved(outcomes: Sequence[Mapping[str, Outcome]], causes: Sequence[Cause]) -> tuple[Moved, ...]:
    """What has another outcome at the end than at the beginning, in the order in which it first occurs.

    `causes[n]` led from `outcomes[n]` to the next.
    """
    keys = dict.fromkeys(key for point in outcomes for key in point)
    return tuple(_moved(outcomes, causes, keys))


def _moved(
    outcomes: Sequence[Mapping[str, Outcome]], causes: Sequence[Cause], keys: Mapping[str, None]
) -> Iterator[Moved]:
    for key in keys:
        chain = [point.get(key) for point in outcomes]
        if chain[0] != chain[-1]:
            steps = zip(pairwise(chain), causes, strict=True)
            found = dict.fromkeys(cause for (one, other), cause in steps if one != other)
            yield Moved(key, chain[0], chain[-1], tuple(found))
