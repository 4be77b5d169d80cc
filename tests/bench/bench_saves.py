"""P6: saving one answer, complete, against the floor's save; then many people saving at once."""

import os
import socket
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from http.client import HTTPConnection
from statistics import median
from urllib.parse import urlencode

from tests.bench.measure import compare, count_queries, heading, interleaved, line, milliseconds, percentile
from tests.bench.scratch import IS_TINY, scratch_database

MOST_QUERIES = 10
AT_MOST = 2
QUESTIONS = (5, 15) if IS_TINY else (20, 150, 1_000)
INSTRUMENTS = (1, 2) if IS_TINY else (1, 20)
ASSESSMENTS = (1, 3) if IS_TINY else (1, 10_000)
ROUNDS = 2 if IS_TINY else 100
CLIENTS = (2,) if IS_TINY else (8, 32)
SAVES = 64 if IS_TINY else 1_280  # in all, shared out among the clients
WORKERS = 2
SLOWEST = 3  # times the median, for 95 of 100


def run() -> None:
    heading("P6  save one answer, against the floor's save")
    counts = []
    for questions in QUESTIONS:
        counts.append(row(f"{questions} questions", questions=questions))
    for instruments in INSTRUMENTS:
        counts.append(row(f"{instruments} instruments", instruments=instruments))
    for assessments in ASSESSMENTS:
        counts.append(row(f"{assessments} assessments", assessments=assessments))
    is_equal = len(set(counts)) == 1
    ours, first = f"{min(counts)}..{max(counts)}", str(counts[0])
    line("save, statements at all sizes", ours, first, ratio=None, target="equal", is_met=is_equal)
    many_at_once()


def row(name: str, *, questions: int = QUESTIONS[0], instruments: int = 12, assessments: int = 1) -> int:
    """Print time and statements at this size; return the statements."""
    from tests.bench import data
    from tests.bench.browsing import Browser

    assessment = data.answered_assessment(data.version_of(questions, instruments=instruments))
    if assessments > 1:
        data.multiply(assessment, until=assessments)
    data.refresh_statistics()
    question = next(iter(assessment.outline.questions.values()))
    levels = assessment.outline.scale_levels[question.scale_id]
    browser = Browser(assessment.created_by)
    seen = iter(range(1, 10_000))

    def ours():
        revision = next(seen)
        fields = answer_fields(question.pk, levels[revision % 2].pk, revision)
        return browser.post(f"/assessments/{assessment.uuid}/answers/{question.pk}/", fields)

    def floor():
        return browser.post(f"/floor/{assessment.pk}/answers/{question.pk}/", {"level": "yes", "note": data.NOTE})

    assert "save-saved" in ours() and floor().startswith("Saved")
    compare(f"save, {name}", *interleaved(ours, floor, rounds=ROUNDS), at_most=AT_MOST)
    queries, few = count_queries(ours), count_queries(floor)
    target = f"<= {MOST_QUERIES}"
    line(f"  statements, {name}", str(queries), str(few), ratio=None, target=target, is_met=queries <= MOST_QUERIES)
    return queries


def answer_fields(question_id: int, level_id: int, revision: int) -> dict:
    from tests.bench.data import NOTE

    prefix = f"q{question_id}"
    return {
        f"{prefix}-choice": level_id,
        f"{prefix}-note": NOTE,
        f"{prefix}-justification": "",
        f"{prefix}-revision": revision,
    }


def many_at_once() -> None:
    """Clients of two gunicorn workers, each saving its own questions of one assessment as fast as it is answered."""
    from tests.bench import data
    from tests.bench.browsing import Browser

    assessment = data.answered_assessment(data.version_of(max(CLIENTS) * 4, instruments=12))
    data.refresh_statistics()
    cookies = Browser(assessment.created_by).cookies
    questions = list(assessment.outline.questions.values())
    levels = assessment.outline.scale_levels[questions[0].scale_id]
    revisions = {question.pk: 1 for question in questions}

    def ours(number: int, client: int, clients: int) -> tuple[str, dict]:
        question = questions[(client + clients * number) % len(questions)]
        revision = revisions[question.pk]
        revisions[question.pk] += 1
        fields = answer_fields(question.pk, levels[revision % 2].pk, revision)
        return f"/assessments/{assessment.uuid}/answers/{question.pk}/", fields

    def floor(number: int, client: int, clients: int) -> tuple[str, dict]:
        question = questions[(client + clients * number) % len(questions)]
        return f"/floor/{assessment.pk}/answers/{question.pk}/", {"level": "yes", "note": data.NOTE}

    with gunicorn() as port:
        for save in (ours, floor):
            crowd(port, cookies, save, clients=WORKERS, saves=20)  # what workers read once, they read now
        for clients in CLIENTS:
            times, errors = crowd(port, cookies, ours, clients=clients, saves=SAVES // clients)
            bare, _ = crowd(port, cookies, floor, clients=clients, saves=SAVES // clients)
            p50, p95 = median(times), percentile(times, 95)
            target = f"<= {SLOWEST} x"
            name = f"save, {clients} clients: p95 against p50"
            ratio = p95 / p50
            line(name, milliseconds(p95), milliseconds(p50), ratio=ratio, target=target, is_met=ratio <= SLOWEST)
            line("  errors", str(len(errors)), "0", ratio=None, target="0", is_met=not errors)
            compare("  p50 against the floor's", p50, median(bare), at_most=None)
            compare("  the floor's p95 against its p50", percentile(bare, 95), median(bare), at_most=None)
            for error in errors[:3]:
                print(error)


def crowd(port: int, cookies: str, save, *, clients: int, saves: int) -> tuple[list[float], list[str]]:
    """Seconds of every save, and what was not a 200."""
    times: list[float] = []
    errors: list[str] = []
    together = threading.Barrier(clients)

    def client(which: int) -> None:
        headers = {"Cookie": cookies, "X-CSRFToken": cookies.rpartition("=")[2], "HX-Request": "true"}
        headers["Content-Type"] = "application/x-www-form-urlencoded"
        together.wait()
        for number in range(saves):
            path, fields = save(number, which, clients)
            began = time.perf_counter()
            try:
                connection = HTTPConnection("127.0.0.1", port, timeout=60)
                connection.request("POST", path, urlencode(fields), headers)
                response = connection.getresponse()
                body = response.read()
                connection.close()
            except OSError as e:
                errors.append(f"{path}: {e}")
                continue
            times.append(time.perf_counter() - began)
            if response.status != 200:
                errors.append(f"{path}: {response.status} {body[:200]!r}")

    threads = [threading.Thread(target=client, args=[which]) for which in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return times, errors


@contextmanager
def gunicorn():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "frcheck.wsgi", "--workers", str(WORKERS)]
    command += ["--bind", f"127.0.0.1:{port}", "--log-level", "error"]
    server = subprocess.Popen(command, env=os.environ)
    try:
        _wait_for(port, server)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def _wait_for(port: int, server: subprocess.Popen) -> None:
    for _ in range(300):
        if server.poll() is not None:
            raise SystemExit("gunicorn did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise SystemExit("gunicorn took more than 30 s to start")


if __name__ == "__main__":
    with scratch_database():
        from tests.bench import floor

        floor.create_tables()
        run()
