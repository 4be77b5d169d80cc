"""P13: the editor of a whole draft, opened, and one text of it saved, against the floor's page and save."""

from tests.bench.measure import compare, count_queries, heading, interleaved, line
from tests.bench.scratch import IS_TINY, scratch_database

QUESTIONS = (5, 15) if IS_TINY else (20, 200)
ROUNDS = 2 if IS_TINY else 60
MOST_QUERIES = {"open": 20, "save": 15}
# The floor knows one permission, one language and questions only. Both of ours ask for groups and whose content it is;
# opening draws scales, facts, duties and contradictions, too, and a save looks for conflicts by field.
AT_MOST = {"open": 4, "save": 6}


def run() -> None:
    heading("P13 the editor of a draft, against the floor's page and save")
    counts: dict[str, set[int]] = {"open": set(), "save": set()}
    for questions in QUESTIONS:
        for name, count in rows(questions).items():
            counts[name].add(count)
    for name, found in counts.items():
        ours = "..".join(map(str, sorted(found)))
        line(f"{name}, statements at all sizes", ours, "-", ratio=None, target="equal", is_met=len(found) == 1)


def rows(questions: int) -> dict[str, int]:
    """Print times and statements of a draft of this size; return the statements."""
    from tests.admin.editors import make_editor
    from tests.bench import data
    from tests.bench.browsing import Browser

    draft = data.version_of(questions, instruments=12).start_draft()
    data.refresh_statistics()
    question = draft.questions.first()
    browser = Browser(make_editor())
    base, floor = f"/admin/questionnaires/version/{draft.pk}/editor/", f"/floor/{draft.pk}"
    prefix, seen = f"question-{question.pk}", iter(range(1, 10_000))

    def save():
        revision = next(seen)
        fields = {f"{prefix}-text_en": f"{data.text(150)} {revision}", f"{prefix}-seen": revision}
        return browser.post(f"{base}part/question/{question.pk}/cards/text_en/", fields)

    calls = {
        "open": (lambda: browser.get(base), lambda: browser.get(f"{floor}/editor/")),
        "save": (save, lambda: browser.post(f"{floor}/questions/{question.pk}/", {"text_en": data.text(150)})),
    }
    assert calls["open"][0]().count('data-kind="question"') == questions == calls["open"][1]().count('id="q')
    assert "save-saved" in save() and calls["save"][1]().startswith("Saved")
    found = {}
    for name, (ours, yardstick) in calls.items():
        times = interleaved(ours, yardstick, rounds=ROUNDS)
        is_large = questions == max(QUESTIONS)  # with few questions the frame of an admin's page is most of it
        compare(f"{name}, {questions} questions", *times, at_most=AT_MOST[name] if is_large else None)
        found[name], few = count_queries(ours), count_queries(yardstick)
        most = MOST_QUERIES[name]
        label = f"  statements, {name}, {questions} questions"
        line(label, str(found[name]), str(few), ratio=None, target=f"<= {most}", is_met=found[name] <= most)
    return found


if __name__ == "__main__":
    with scratch_database():
        from tests.bench import floor

        floor.create_tables()
        run()
