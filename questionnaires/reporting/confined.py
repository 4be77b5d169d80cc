"""Work in a process of its own, which may take so much time and memory and not more, and ends with the one that asked.

The engine of a PDF holds on to memory, and a hostile PDF may ask for any amount: neither is let into a web process.
A module that is run here ends with `if __name__ == "__main__": serve(function)`; the function turns bytes into bytes.
Each process does one piece of work. Where its start takes long, `keep_ready` starts the next one before it is asked.
No Django here, so that small work starts quickly.
"""

import contextlib
import fcntl
import os
import resource
import select
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
BEAT_SECONDS = 5
READY_SECONDS = 600  # a process that waits longer for its work ends, and gives back its memory
OUT_OF_MEMORY, NOT_ASKED = 3, 4  # exit statuses
# How an allocation ends that fails in a library: aborted, trapped, or the system's killer came.
_SIGNALS_OF_MEMORY = {signal.SIGABRT, signal.SIGTRAP, signal.SIGSEGV, signal.SIGKILL, signal.SIGBUS}
_WORDS_OF_MEMORY = (b"MemoryError", b"annot allocate memory", b"emory allocation", b"failed to map segment")


class ConfinedError(Exception):
    """It gave nothing; the message is for the log."""


class OutOfTime(ConfinedError):
    pass


class OutOfMemory(ConfinedError):
    pass


class Interrupted(ConfinedError):
    """`beat` said that the work is no longer wanted."""


def run(
    module: str,
    data: bytes,
    *,
    seconds: float,
    megabytes: int,
    beat: Callable[[], bool] = lambda: True,
    every: float = BEAT_SECONDS,
) -> bytes:
    """Return what the module's function makes of the data. `beat` is called `every` so many seconds and says to go on.

    Raises OutOfTime, OutOfMemory, Interrupted, or ConfinedError when it fails. Nothing of it is left running.
    """
    ends_at = time.monotonic() + seconds
    order = module, seconds, megabytes
    while True:
        confined = _ready.pop(order, None) or _start(*order)
        try:
            out, said = _wait(confined.process, data, ends_at, beat, every)
        finally:
            confined.end()
        if confined.process.returncode != NOT_ASKED:
            return _judged(module, confined.process.returncode, out, said)


def keep_ready(module: str, *, seconds: float, megabytes: int) -> None:
    """Start the process for the next call with this module and these limits, unless one waits already."""
    order = module, seconds, megabytes
    waiting = _ready.pop(order, None)
    if waiting and waiting.process.poll() is not None:
        waiting.end()
        waiting = None
    fresh = waiting or _start(*order)
    if _ready.setdefault(order, fresh) is not fresh:  # another thread was faster
        fresh.end()


@dataclass(frozen=True, slots=True)
class _Confined:
    process: subprocess.Popen
    leash: int
    held: int

    def end(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # it may have started others
        self.process.communicate()
        os.close(self.leash)
        os.close(self.held)


_ready: dict[tuple[str, float, int], _Confined] = {}  # to take one out or put one in is one step: threads may


def _start(module: str, seconds: float, megabytes: int) -> _Confined:
    leash, held = os.pipe()  # closes with this process, however that ends
    try:
        process = subprocess.Popen(
            [sys.executable, "-m", module, str(leash), str(megabytes), str(int(seconds) + 1)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[leash],
            start_new_session=True,
            cwd=ROOT,
        )
    except OSError:
        os.close(leash)
        os.close(held)
        raise
    return _Confined(process, leash, held)


def _wait(
    process: subprocess.Popen, data: bytes, ends_at: float, beat: Callable[[], bool], every: float
) -> tuple[bytes, bytes]:
    unsent: bytes | None = data
    while True:
        left = ends_at - time.monotonic()
        if left <= 0:
            raise OutOfTime(f"{process.args[2]} took too long")
        try:
            return process.communicate(unsent, timeout=min(left, every))
        except subprocess.TimeoutExpired:
            unsent = None  # the process remembers what is left of it
            if not beat():
                raise Interrupted(f"{process.args[2]} is no longer wanted") from None


def _judged(module: str, status: int, out: bytes, said: bytes) -> bytes:
    if status == 0:
        return out
    told = f"{module} ended with {status}: {said.decode(errors='replace')[-3000:]}"
    if status == OUT_OF_MEMORY or -status in _SIGNALS_OF_MEMORY or any(words in said for words in _WORDS_OF_MEMORY):
        raise OutOfMemory(told)
    if -status == signal.SIGXCPU:
        raise OutOfTime(told)
    raise ConfinedError(told)


def serve(function: Callable[[bytes], bytes], *, prepare: Callable[[], None] = lambda: None) -> None:
    """The other side: keep the limits, prepare, read, work, write."""
    leash, megabytes, seconds = (int(argument) for argument in sys.argv[1:4])
    _end_with_parent(leash)
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 5))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    answer = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is not the answer
    try:
        prepare()
        if not select.select([0], [], [], READY_SECONDS)[0]:
            os._exit(NOT_ASKED)
        made = function(sys.stdin.buffer.read())
    except MemoryError:
        os._exit(OUT_OF_MEMORY)
    with answer:
        answer.write(made)


def _end_with_parent(leash: int) -> None:
    """The pipe says nothing; its end is the parent's, and a signal then ends the whole group: SIGIO does by default.

    Not a thread that waits: a process with threads must not fork, and the engine prints in several processes.
    """
    fcntl.fcntl(leash, fcntl.F_SETOWN, -os.getpgrp())
    fcntl.fcntl(leash, fcntl.F_SETFL, os.O_ASYNC)
    if select.select([leash], [], [], 0)[0]:
        os.killpg(0, signal.SIGKILL)
