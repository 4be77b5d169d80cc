"""P4: downloading a report already rendered, against a static file of that size through the same gunicorn."""

import os
import tempfile
from collections.abc import Callable
from http.client import HTTPConnection
from pathlib import Path

from tests.bench.bench_saves import gunicorn
from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

AT_MOST = 3
MOST_QUERIES = 5
ROUNDS = 3 if IS_TINY else 200
QUESTIONS = (5, 15) if IS_TINY else (20, 1_000)
KILOBYTES = (200,) if IS_TINY else (200, 600, 1_300, 5_000)  # a small set in one language; in both; 1,000 items
STATIC = "bench/report.pdf"


def run(folder: str) -> None:
    from django.conf import settings

    heading("P4  download of a rendered report, against a static file of that size")
    settings.MEDIA_ROOT = os.environ["MEDIA_ROOT"] = f"{folder}/media"
    static = Path(folder) / "static" / STATIC
    static.parent.mkdir(parents=True)
    os.environ["BENCH_STATIC"] = f"{folder}/static"
    counts = {statements(questions) for questions in QUESTIONS}
    for kilobytes in KILOBYTES:
        row(static, os.urandom(1024 * kilobytes))
    line("statements at all sizes", *(str(max(counts)), "0"), ratio=None, target="equal", is_met=len(counts) == 1)


def statements(questions: int) -> int:
    """Of one download; nothing is rendered, for the file is no rendered one."""
    from questionnaires.models import Rendering
    from tests.bench.browsing import Browser

    assessment, url = kept(b"%PDF-", questions)
    browser = Browser(assessment.created_by)
    found = count_queries(lambda: browser.get(url))
    assert not Rendering.objects.exists()
    target = f"<= {MOST_QUERIES}"
    is_met = found <= MOST_QUERIES
    line(f"  statements, {questions} questions", str(found), "0", ratio=None, target=target, is_met=is_met)
    return found


def kept(content: bytes, questions: int):
    """A submitted assessment whose PDF has that content, and the address of the download."""
    from tests import factories
    from tests.bench import data

    assessment = data.answered_assessment(data.version_of(questions, instruments=2))
    assessment.submit(by=assessment.created_by)
    factories.keep_pdf(assessment, content=content)
    return assessment, f"/assessments/{assessment.uuid}/report/en.pdf"


def row(static: Path, content: bytes) -> None:
    from tests.bench.browsing import Browser

    static.write_bytes(content)
    assessment, url = kept(content, QUESTIONS[0])
    cookies = Browser(assessment.created_by).cookies
    with gunicorn() as port:
        connection = HTTPConnection("127.0.0.1", port, timeout=30)

        def fetch(path: str) -> bytes:
            connection.request("GET", path, headers={"Cookie": cookies})
            response = connection.getresponse()
            body = response.read()
            assert (response.status, len(body)) == (200, len(content)), (path, response.status, len(body))
            return body

        assert fetch(url) == fetch(f"/static/{STATIC}")
        ours, theirs = interleaved(lambda: fetch(url), lambda: fetch(f"/static/{STATIC}"), rounds=ROUNDS)
        used, bare = processor_time(lambda: fetch(url)), processor_time(lambda: fetch(f"/static/{STATIC}"))
        connection.close()
    compare(f"download of {len(content) // 1024} kB", ours, theirs, at_most=AT_MOST)
    compare("  processor time of the server", used, bare, at_most=None)


def processor_time(call: Callable[[], object]) -> float:
    """Seconds that gunicorn's processes worked for one call: on a busy machine steadier than what a clock says."""
    before = _ticks_of_descendants(os.getpid())
    for _ in range(ROUNDS):
        call()
    ticks = _ticks_of_descendants(os.getpid()) - before
    return max(ticks, 1) / os.sysconf("SC_CLK_TCK") / ROUNDS


def _ticks_of_descendants(pid: int) -> int:
    children = [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    fields = (Path(f"/proc/{child}/stat").read_text().rpartition(")")[2].split() for child in children)
    return sum(int(of[11]) + int(of[12]) for of in fields) + sum(_ticks_of_descendants(child) for child in children)


if __name__ == "__main__":
    with scratch_database(), tempfile.TemporaryDirectory(prefix="frcheck-bench-") as folder:
        run(folder)
