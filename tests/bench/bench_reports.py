"""P8: the web report of 200 items against the floor's summary, which lists the same answers."""

from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

MOST_QUERIES = 10
AT_MOST = 3
QUESTIONS = (5, 15) if IS_TINY else (200,)
ROUNDS = 2 if IS_TINY else 20


def run() -> None:
    heading("P8  web report, against the floor's summary")
    counts = {row(questions, is_submitted) for questions in QUESTIONS for is_submitted in (True, False)}
    if IS_TINY:
        line("web report, statements", str(max(counts)), str(min(counts)), ratio=None, target="-", is_met=None)


def row(questions: int, is_submitted: bool) -> int:
    from tests.bench import data
    from tests.bench.browsing import Browser

    assessment = data.answered_assessment(data.version_of(questions, instruments=12))
    data.refresh_statistics()
    browser = Browser(assessment.created_by)
    listed = browser.get(f"/floor/{assessment.pk}/summary/").count("<tr>\n<td>")
    if is_submitted:
        assessment.submit(by=assessment.created_by)

    def ours():
        return browser.get(f"/assessments/{assessment.uuid}/report/")

    def floor():
        return browser.get(f"/floor/{assessment.pk}/summary/")

    name = f"{'submitted' if is_submitted else 'open'}, {questions} items"
    assert listed == questions and ours().count("<h4") >= questions
    compare(f"web report, {name}", *interleaved(ours, floor, rounds=ROUNDS), at_most=AT_MOST)
    queries, few = count_queries(ours), count_queries(floor)
    target = f"<= {MOST_QUERIES}"
    line(f"  statements, {name}", str(queries), str(few), ratio=None, target=target, is_met=queries <= MOST_QUERIES)
    return queries


if __name__ == "__main__":
    with scratch_database():
        run()
