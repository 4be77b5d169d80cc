"""The best of all ways to take or leave things: an integer program, solved by HiGHS. Pure but for the clock."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil, gcd, lcm

Row = Sequence[Fraction]  # a number for each thing


@dataclass(frozen=True, slots=True)
class Choice:
    """Indices of what to take. `is_proven`: nothing has less of the first aim; otherwise time ran out."""

    taken: frozenset[int]
    is_proven: bool


@dataclass(frozen=True, slots=True)
class _AtLeast:
    """The sum of whole numbers over what is taken is that much or more."""

    numbers: tuple[int, ...]
    least: int

    @classmethod
    def of(cls, row: Row, least: Fraction) -> "_AtLeast":
        """In the smallest whole numbers: the solver reckons in floating point, and is surest with small ones."""
        scale = lcm(*(number.denominator for number in row))
        whole = [int(number * scale) for number in row]
        divisor = gcd(*whole) or 1
        return cls(tuple(number // divisor for number in whole), ceil(least * scale / divisor))

    def holds(self, taken: frozenset[int]) -> bool:
        return sum(self.numbers[index] for index in taken) >= self.least


def best_choice(
    aims: Sequence[Row], needs: Sequence[tuple[Row, Fraction]], *, known: frozenset[int], time_limit: float
) -> Choice:
    """Return the choice with the least of the first aim; among those with the least of the second; and so on.

    A need is a row and the sum that what is taken must have at least. `known` is a choice that fulfils them, to fall
    back on when `time_limit` seconds are over.
    """
    ends = time.monotonic() + time_limit
    rows = [_AtLeast.of(row, least) for row, least in needs]
    best, is_proven = known, False
    for number, aim in enumerate(aims):
        found = _least(_AtLeast.of(aim, Fraction(0)).numbers, rows, ends=ends)
        if found is None:
            break
        best, is_proven = found, True
        if number + 1 < len(aims):
            rows.append(_AtLeast.of([-value for value in aim], -sum((aim[index] for index in best), Fraction(0))))
    return Choice(best, is_proven)


def _least(costs: Sequence[int], rows: list[_AtLeast], *, ends: float) -> frozenset[int] | None:
    """The choice of the least costs; None where time is over before it is proven.

    A choice that falls short in whole numbers, as rounding may let pass, is cut off and the search repeated.
    """
    rows = list(rows)
    while (left := ends - time.monotonic()) > 0:
        taken = _solved(costs, rows, time_limit=left)
        if taken is None:
            return None
        if all(row.holds(taken) for row in rows):
            return taken
        rows.append(_AtLeast(tuple(-1 if index in taken else 1 for index in range(len(costs))), 1 - len(taken)))
    return None


def _solved(costs: Sequence[int], rows: Sequence[_AtLeast], *, time_limit: float) -> frozenset[int] | None:
    import highspy  # with numpy a sixth of a second: only who plans waits for it
    import numpy

    solver = highspy.Highs()  # type: ignore[no-untyped-call]
    solver.silent()
    # One thread and a fixed seed: the same question has the same answer.
    options = {"threads": 1, "random_seed": 0, "mip_rel_gap": 0.0, "mip_abs_gap": 0.0, "time_limit": time_limit}
    for name, value in options.items():
        solver.setOptionValue(name, value)
    count = len(costs)
    columns = numpy.arange(count, dtype=numpy.int32)
    solver.addVars(count, numpy.zeros(count), numpy.ones(count))
    solver.changeColsIntegrality(count, columns, numpy.full(count, highspy.HighsVarType.kInteger))
    solver.changeColsCost(count, columns, numpy.array(costs, dtype=numpy.float64))
    for row in rows:
        solver.addRow(row.least, highspy.kHighsInf, count, columns, numpy.array(row.numbers, dtype=numpy.float64))
    solver.run()
    if solver.getModelStatus() != highspy.HighsModelStatus.kOptimal:
        return None
    return frozenset(index for index, value in enumerate(solver.getSolution().col_value) if value > 0.5)
