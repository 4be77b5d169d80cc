"""That the benches still run; what they measure is for `make bench` to say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

FOLDER = Path(__file__).parent
COUNTING = {"bench_downloads", "bench_pages", "bench_saves"}  # print their statements at two sizes
BENCHES = sorted(path.stem for path in FOLDER.glob("bench_*.py"))
NOT_OF_THE_DATABASE = {"bench_pdf", "bench_scoring", "bench_start"}

pytestmark = pytest.mark.bench


def run(bench):
    command = [sys.executable, "-m", f"tests.bench.{bench}", "tiny"]
    done = subprocess.run(command, cwd=FOLDER.parent.parent, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.parametrize(
    "bench",
    [pytest.param(name, marks=pytest.mark.once if name in NOT_OF_THE_DATABASE else ()) for name in BENCHES],
)
def test_bench_prints_rows_and_statements_do_not_grow(bench):
    printed = run(bench)

    rows = re.findall(r"^.{48} +\S+.* (yes|NO|-)$", printed, re.MULTILINE)
    assert rows
    statements = dict(re.findall(r"^  statements, (\d+) questions +(\d+) ", printed, re.MULTILINE))
    assert statements.keys() == ({"5", "15"} if bench in COUNTING else set())
    assert len(set(statements.values())) <= 1
