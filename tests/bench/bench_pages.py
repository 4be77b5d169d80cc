"""P5: a section page of twenty questions, complete, against the floor's page of the same questions."""

from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

MOST_QUERIES = 10
AT_MOST = 2
QUESTIONS = (5, 15) if IS_TINY else (20, 150, 1_000)
INSTRUMENTS = (1, 2) if IS_TINY else (1, 20)
ASSESSMENTS = (1, 3) if IS_TINY else (1, 10_000)
ROUNDS = 2 if IS_TINY else 60


def run() -> None:
    heading("P5  section page of 20 questions, against the floor's page")
    counts = []
    for questions in QUESTIONS:
        counts.append(row(f"{questions} questions", questions=questions))
    for instruments in INSTRUMENTS:
        counts.append(row(f"{instruments} instruments", instruments=instruments))
    for assessments in ASSESSMENTS:
        counts.append(row(f"{assessments} assessments", assessments=assessments))
    is_equal = len(set(counts)) == 1
    ours, first = f"{min(counts)}..{max(counts)}", str(counts[0])
    line("section page, statements at all sizes", ours, first, ratio=None, target="equal", is_met=is_equal)


def row(name: str, *, questions: int = QUESTIONS[0], instruments: int = 12, assessments: int = 1) -> int:
    """Print time and statements at this size; return the statements."""
    from tests.bench import data
    from tests.bench.browsing import Browser

    assessment = data.answered_assessment(data.version_of(questions, instruments=instruments))
    if assessments > 1:
        data.multiply(assessment, until=assessments)
    data.refresh_statistics()
    section = assessment.outline.sections[0]
    browser = Browser(assessment.created_by)

    def ours():
        return browser.get(f"/assessments/{assessment.uuid}/sections/{section.ref}/")

    def floor():
        return browser.get(f"/floor/{assessment.pk}/sections/{section.pk}/")

    shown = min(questions, data.PER_SECTION)
    assert ours().count("<article") == floor().count("<article") == shown
    compare(f"section page, {name}", *interleaved(ours, floor, rounds=ROUNDS), at_most=AT_MOST)
    queries, few = count_queries(ours), count_queries(floor)
    target = f"<= {MOST_QUERIES}"
    line(f"  statements, {name}", str(queries), str(few), ratio=None, target=target, is_met=queries <= MOST_QUERIES)
    return queries


if __name__ == "__main__":
    with scratch_database():
        run()
