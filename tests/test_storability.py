import pytest

from questionnaires.reading import read_version
from questionnaires.storability import unstorable
from tests.library_files import VERSION, edited

KEYS = {"law-a/1", "law-a/2", "law-a/3"}


def messages(*edits, keys=KEYS):
    text = VERSION
    for old, new in edits:
        text = edited(text, old, new)
    version, problems = read_version(text.encode(), "first.yaml", is_draft=True)
    assert problems == []
    return [problem.message for problem in unstorable(version, keys)]


def test_whole_version_can_be_stored():
    assert messages() == []


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("ref: consent.children", "ref: consent.separate", "The question ref “consent.separate” is used twice"),
        ("ref: large", "ref: small", "The choice “small” is used twice"),
        ('{ref: "no", label', '{ref: "yes", label', "The level ref “yes” is used twice"),
        ("- ref: practice", "- ref: yes-no", "The scale ref “yes-no” is used twice"),
        ("scale: practice", "scale: theory", "“theory” is not a scale of this version."),
        ("outcome: not_met", "outcome: unanswered", "A level cannot have the outcome unanswered."),
        ('score: "0.875"', 'score: "1.5"', "The score 1.5 is not between 0 and 1."),
        ("    day: 2025-07-14\n", "", "“filing.deadline” with rhythm on gives no timing."),
        ("day_of_month: 31", "day_of_month: 32", "“minors.report” falls on no day: month 1, day 32."),
        ("count: 36", "count: 1000", "“records.kept” counts 1000, over 999."),
        ("[law-a/2, law-a/1]", "[law-a/2, law-a/2]", "The citation of filing.deadline “law-a/2” is used twice"),
        ("[law-a/2, law-a/1]", "[law-a/9]", "“filing.deadline” cites “law-a/9”, which is not a provision"),
    ],
)
def test_what_the_database_would_refuse_is_told(old, new, message):
    found = messages((old, new))

    assert found
    assert found[0].startswith(message)


def test_what_can_be_mended_in_the_draft_is_let_through():
    unfinished = (
        ('zh: "是否征求？"', 'zh: ""'),
        ('applies_if: "minors == yes"', 'applies_if: "gone == yes"'),
        ("citations: [law-a/1, law-a/3]", "citations: []"),
        ("outcome: met, score: \"1\"", "outcome: not_met, score: \"1\""),
    )  # fmt: skip

    assert messages(*unfinished) == []
