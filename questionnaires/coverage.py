"""Which question cites which provision of an instrument, and how an assessment stands there. Pure: no Django."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from questionnaires.scoring import Outcome


@dataclass(frozen=True, slots=True)
class Column:
    """A question by its number, such as 2.4. `outcome` is None where it is not asked, or nobody answers."""

    pk: int
    number: str
    section: str
    outcome: Outcome | None = None
    is_asked: bool = True


@dataclass(frozen=True, slots=True)
class Row:
    """A provision; a cell holds the question that cites it, or None. `outcome` is None where nothing counts for it."""

    pk: int
    cells: tuple[Column | None, ...]
    outcome: Outcome | None = None
    is_in_force: bool = True


@dataclass(frozen=True, slots=True)
class Matrix:
    """`uncited` are the provisions, by primary key, that no question cites."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    uncited: tuple[int, ...]


def question_numbers(sections: Iterable[str], questions: Iterable) -> dict[int, str]:
    """Numbers by primary key, as the report counts them: those not asked have theirs, too."""
    numbers = {ref: number for number, ref in enumerate(sections, 1)}
    seen = dict.fromkeys(numbers, 0)
    found = {}
    for question in questions:
        seen[question.section] += 1
        found[question.pk] = f"{numbers[question.section]}.{seen[question.section]}"
    return found


def matrix(
    provisions: Iterable[int],
    columns: Iterable[Column],
    cited: Mapping[int, Iterable[int]],
    *,
    outcomes: Mapping[int, Outcome] | None = None,
    in_force: frozenset[int] | None = None,
) -> Matrix:
    """Provisions down, in the order given; of the columns those that cite one of them.

    `cited` holds the provisions of each question. Without `in_force` nothing is said about a day.
    """
    provisions = tuple(provisions)
    own = frozenset(provisions)
    by_question = {pk: own.intersection(of_question) for pk, of_question in cited.items()}
    kept = tuple(column for column in columns if by_question.get(column.pk))
    rows = tuple(
        Row(
            pk,
            tuple(column if pk in by_question[column.pk] else None for column in kept),
            (outcomes or {}).get(pk),
            in_force is None or pk in in_force,
        )
        for pk in provisions
    )
    return Matrix(
        kept,
        tuple(row for row in rows if any(row.cells)),
        tuple(row.pk for row in rows if not any(row.cells)),
    )
