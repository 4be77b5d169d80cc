"""Work in a process of its own: what it gives back, and how it ends."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from questionnaires.reporting import confined

MODULE = "tests.reporting.confined_work"


def run(data, *, seconds=60.0, megabytes=500, **options):
    return confined.run(MODULE, data, seconds=seconds, megabytes=megabytes, **options)


def is_running(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().split()[2] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def pids_in(path):
    """Both numbers, once the work has written them."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        if path.exists() and len(words := path.read_text().split()) == 2:
            return [int(word) for word in words]
        time.sleep(0.02)
    raise AssertionError("the work did not start")


def gone(pids):
    until = time.monotonic() + 20
    while any(is_running(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    return not any(is_running(pid) for pid in pids)


def test_answer_comes_back_whole_and_apart_from_what_is_printed():
    assert run(b"echo word") == b"word" * 200_000


@pytest.mark.parametrize(
    ("data", "error"),
    [(b"fail", confined.ConfinedError), (b"allocate", confined.OutOfMemory), (b"abort", confined.OutOfMemory)],
)
def test_failure_is_told_by_its_kind(data, error):
    with pytest.raises(confined.ConfinedError) as raised:
        run(data)

    assert type(raised.value) is error
    assert data != b"fail" or "ValueError: no such thing" in str(raised.value)


def test_work_that_takes_too_long_is_ended_with_what_it_started(tmp_path):
    with pytest.raises(confined.OutOfTime):
        run(b"wait %s" % bytes(tmp_path / "pids"), seconds=1.5)

    assert gone(pids_in(tmp_path / "pids"))


def test_work_that_spins_is_ended():
    with pytest.raises(confined.OutOfTime):
        run(b"spin", seconds=0.5)


def test_work_that_is_no_longer_wanted_is_ended(tmp_path):
    beats = iter([True, True, False])

    with pytest.raises(confined.Interrupted):
        run(b"wait %s" % bytes(tmp_path / "pids"), beat=lambda: next(beats), every=0.5)

    assert gone(pids_in(tmp_path / "pids"))


def test_work_ends_with_a_parent_that_is_killed(tmp_path):
    script = f"from questionnaires.reporting import confined; confined.run({MODULE!r}, "
    script += f"b'wait {tmp_path / 'pids'}', seconds=300, megabytes=500)"
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=confined.ROOT)
    pids = pids_in(tmp_path / "pids")

    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()

    assert gone(pids)


def test_what_was_kept_ready_does_the_next_work_and_only_that():
    confined.keep_ready(MODULE, seconds=60.0, megabytes=500)
    confined.keep_ready(MODULE, seconds=60.0, megabytes=500)
    [waiting] = confined._ready.values()

    pids = [int(run(b"pid")) for _ in range(2)]

    assert pids[0] == waiting.process.pid != pids[1]
    assert not confined._ready
    assert gone([waiting.process.pid])


def test_what_waited_in_vain_is_replaced(monkeypatch):
    monkeypatch.setenv("READY_SECONDS", "0")
    confined.keep_ready(MODULE, seconds=60.0, megabytes=500)
    [waiting] = confined._ready.values()
    assert waiting.process.wait(30) == confined.NOT_ASKED
    monkeypatch.delenv("READY_SECONDS")

    confined.keep_ready(MODULE, seconds=60.0, megabytes=500)
    [fresh] = confined._ready.values()
    assert int(run(b"pid")) == fresh.process.pid != waiting.process.pid


def test_work_that_comes_as_the_waiting_ends_is_done_by_another(monkeypatch):
    monkeypatch.setenv("READY_SECONDS", "0")
    confined.keep_ready(MODULE, seconds=60.0, megabytes=500)
    [waiting] = confined._ready.values()
    waiting.process.wait(30)
    monkeypatch.delenv("READY_SECONDS")

    assert int(run(b"pid")) != waiting.process.pid


def test_what_waits_ends_with_the_process_that_started_it(tmp_path):
    started = tmp_path / "pids"
    parent = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import pathlib, sys, time; from questionnaires.reporting import confined;"
            f"confined.keep_ready({MODULE!r}, seconds=60.0, megabytes=500);"
            "[waiting] = confined._ready.values();"
            "pathlib.Path(sys.argv[1]).write_text(f'{waiting.process.pid} {waiting.process.pid}');"
            "time.sleep(300)",
            str(started),
        ]
    )
    waiting = pids_in(started)
    time.sleep(0.5)
    assert is_running(waiting[0])

    parent.kill()
    parent.wait()

    assert gone(waiting)
