"""Printing in several processes at once: forks of this one, and fresh ones after some work, for memory creeps."""

import gc
import multiprocessing
import os
import threading
import traceback
from collections.abc import Callable, Hashable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from typing import Any

WORTH_A_PROCESS = 100_000  # in characters of HTML
WORK_PER_PROCESS = 1_000_000  # in characters of HTML
_fork = multiprocessing.get_context("fork")


class PressFailed(RuntimeError):
    """A part could not be printed, or its process died."""


@dataclass(slots=True)
class _Press:
    process: multiprocessing.Process
    connection: Connection
    done: int = 0


@contextmanager
def collector_paused() -> Iterator[None]:
    """Printing makes millions of objects that live to its end: looking for garbage among them takes a seventh of it."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def processes() -> int:
    """How many may print at once. None but this one where it has threads: a fork would inherit their locks."""
    return min(4, len(os.sched_getaffinity(0))) if threading.active_count() == 1 else 1


def printed(jobs: Mapping[Hashable, str], work: Callable[[Hashable, str], Any], *, at_once: int) -> dict[Hashable, Any]:
    """Return what `work(key, html)` made of each; the longest go first, so that all end at about the same time."""
    waiting = sorted(jobs, key=lambda key: len(jobs[key]))
    if at_once == 1 or len(jobs) == 1:
        return {key: work(key, jobs[key]) for key in waiting}
    results: dict[Hashable, Any] = {}
    idle: list[_Press] = []
    busy: dict[Connection, tuple[_Press, Hashable]] = {}
    try:
        while waiting or busy:
            while waiting and len(busy) < at_once:
                press = idle.pop() if idle else _started(work, [press for press, _ in busy.values()])
                key = waiting.pop()
                press.connection.send((key, jobs[key]))
                busy[press.connection] = press, key
            for connection in wait(list(busy)):
                press, key = busy.pop(connection)
                results[key] = _received(press, key)
                press.done += len(jobs[key])
                if press.done < WORK_PER_PROCESS:
                    idle.append(press)
                else:
                    _end(press)
    finally:
        for press in [*idle, *(press for press, _ in busy.values())]:
            _end(press)
    return results


def _started(work: Callable, others: list[_Press]) -> _Press:
    ours, theirs = _fork.Pipe()
    inherited = [ours, *(press.connection for press in others)]
    process = _fork.Process(target=_serve, args=(theirs, work, inherited), daemon=True)
    process.start()
    theirs.close()
    return _Press(process, ours)


def _serve(connection: Connection, work: Callable, inherited: list[Connection]) -> None:
    """Until the other end is closed, be it because its process was killed."""
    for other in inherited:
        other.close()  # or the others would never see theirs closed
    while True:
        try:
            key, html = connection.recv()
        except EOFError:
            return
        try:
            answer = True, work(key, html)
        except Exception:
            answer = False, traceback.format_exc()
        connection.send(answer)


def _received(press: _Press, key: Hashable) -> Any:
    try:
        is_good, answer = press.connection.recv()
    except EOFError:
        press.process.join()
        raise PressFailed(f"The process that printed {key} ended with {press.process.exitcode}.") from None
    if not is_good:
        raise PressFailed(f"{key} could not be printed:\n{answer}")
    return answer


def _end(press: _Press) -> None:
    press.connection.close()
    press.process.terminate()
    press.process.join()
