"""Run a thing and its yardstick in turn, in one run, and print a line for each comparison.

The machine is shared and noisy: a ratio of medians of interleaved rounds says something, a time alone does not.
"""

import time
from collections.abc import Callable
from statistics import median

COLUMNS = "{:<48} {:>12} {:>12} {:>7}  {:<10} {}"


def heading(title: str) -> None:
    print(f"\n{title}")
    print(COLUMNS.format("name", "ours", "yardstick", "ratio", "target", "ok"), flush=True)


def line(name: str, ours: str, yardstick: str, *, ratio: float | None, target: str, is_met: bool | None) -> None:
    """Print one row; `is_met` None is for a figure that has no target."""
    verdict = {True: "yes", False: "NO", None: "-"}[is_met]
    print(COLUMNS.format(name, ours, yardstick, f"{ratio:.2f}" if ratio else "-", target, verdict), flush=True)


def compare(name: str, ours: float, yardstick: float, *, at_most: float | None) -> None:
    """A row of two durations in seconds."""
    ratio = ours / yardstick
    target = f"<= {at_most:g} x" if at_most else "-"
    is_met = ratio <= at_most if at_most else None
    line(name, milliseconds(ours), milliseconds(yardstick), ratio=ratio, target=target, is_met=is_met)


def milliseconds(seconds: float) -> str:
    return f"{1000 * seconds:.2f} ms"


def interleaved(
    ours: Callable[[], object],
    yardstick: Callable[[], object],
    *,
    rounds: int,
    before: Callable[[], object] = lambda: None,
) -> tuple[float, float]:
    """Median seconds of both; who goes first changes every round, and two rounds before do not count.

    What is done before each call is not measured.
    """
    times: dict[int, list[float]] = {0: [], 1: []}
    for number in range(-2, rounds):
        for which in (0, 1) if number % 2 else (1, 0):
            call = (ours, yardstick)[which]
            before()
            began = time.perf_counter()
            call()
            if number >= 0:
                times[which].append(time.perf_counter() - began)
    return median(times[0]), median(times[1])


def percentile(values: list[float], percent: int) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)]


def count_queries(call: Callable[[], object]) -> int:
    """SQL statements of one call, BEGIN and SAVEPOINT among them where Django sends them itself."""
    from django.db import connection

    statements = []

    def note(execute, sql, params, many, context):
        statements.append(sql)
        return execute(sql, params, many, context)

    with connection.execute_wrapper(note):
        call()
    return len(statements)
