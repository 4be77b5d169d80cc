"""P8: the web report of 200 items against the floor's summary, which lists the same answers.

An open report is looked at again, or for the first time after an answer, or by a process that has drawn none yet.
"""

from collections.abc import Callable
from itertools import count

from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

MOST_QUERIES = 10
AT_MOST = 3
QUESTIONS = (5, 15) if IS_TINY else (200,)
ROUNDS = 2 if IS_TINY else 20


def run() -> None:
    heading("P8  web report, against the floor's summary")
    counts = {found for questions in QUESTIONS for found in rows(questions)}
    if IS_TINY:
        line("web report, statements", str(max(counts)), str(min(counts)), ratio=None, target="-", is_met=None)


def rows(questions: int) -> list[int]:
    """A row of times and one of statements for each case; return the statements."""
    from tests.bench import data
    from tests.bench.browsing import Browser

    version = data.version_of(questions, instruments=12)
    is_open, submitted = data.answered_assessment(version), data.answered_assessment(version)
    submitted.submit(by=submitted.created_by)
    data.refresh_statistics()
    cases: list[tuple[str, object, Callable[[], object]]] = [
        ("submitted, drawn before", submitted, lambda: None),
        ("open, looked at again", is_open, lambda: None),
        ("open, after an answer", is_open, answering(is_open)),
        ("open, nothing kept", is_open, forget),
    ]
    return [row(f"{name}, {questions} items", of, Browser(of.created_by), before) for name, of, before in cases]


def row(name: str, assessment, browser, before: Callable[[], object]) -> int:
    def ours():
        return browser.get(f"/assessments/{assessment.uuid}/report/")

    def floor():
        return browser.get(f"/floor/{assessment.pk}/summary/")

    assert ours().count('class="question"') == floor().count("<tr>\n<td>") == assessment.answers.count()
    compare(f"web report, {name}", *interleaved(ours, floor, rounds=ROUNDS, before=before), at_most=AT_MOST)
    before()
    queries, few = count_queries(ours), count_queries(floor)
    target = f"<= {MOST_QUERIES}"
    line(f"  statements, {name}", str(queries), str(few), ratio=None, target=target, is_met=queries <= MOST_QUERIES)
    return queries


def answering(assessment) -> Callable[[], object]:
    """A call that changes the note and the level of one question, another one each time."""
    from tests import factories

    questions, rounds = list(assessment.outline.questions.values()), count()

    def answer() -> None:
        number = next(rounds)
        question = questions[number * 7 % len(questions)]
        seen = assessment.answers.get(question=question.pk).revision
        level = ("no", "yes")[number % 2]
        factories.answer(assessment, question.ref, level, seen=seen, note=f"Looked at {number} times.")

    return answer


def forget() -> None:
    """As in a process that knows the version and has drawn nothing."""
    from django.core.cache import caches

    from questionnaires.templatetags import kept

    caches["reports"].clear()
    kept._kept.clear()


if __name__ == "__main__":
    with scratch_database():
        run()
