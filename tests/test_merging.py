import pytest

from questionnaires.diffing import Part
from questionnaires.merging import Change, Field, Kind, changes
from questionnaires.reading import read_version
from questionnaires.tables import Key, rows_of
from tests.library_files import VERSION, edited

QUESTION = Key(Part.QUESTION, "", "consent.separate")


def rows(*edits):
    text = VERSION
    for old, new in edits:
        text = edited(text, old, new)
    version, problems = read_version(text.encode(), "first.yaml")
    assert problems == []
    return rows_of(version)


ASK, ASK_EVER = ("Do you ask?", "Do you ask first?"), ("Do you ask?", "Do you ever ask?")
SECOND = VERSION[VERSION.index("      - ref: consent.children") : VERSION.index("duties:")]
FIRST = VERSION[VERSION.index("      - ref: consent.separate") : VERSION.index("      - ref: consent.children")]


def test_nothing_changed_is_no_change():
    assert changes(base=rows(), current=rows(), wanted=rows()) == []


def test_field_of_the_file_is_a_change():
    assert changes(base=rows(), current=rows(), wanted=rows(ASK)) == [
        Change(Kind.FIELD, QUESTION, (Field("text_en", "Do you ask?", "Do you ask?", "Do you ask first?"),))
    ]


def test_what_the_file_left_alone_is_no_change():
    assert changes(base=rows(), current=rows(ASK), wanted=rows()) == []


def test_what_both_say_is_no_change():
    assert changes(base=rows(), current=rows(ASK), wanted=rows(ASK)) == []


def test_both_changed_a_field_in_different_ways():
    assert changes(base=rows(), current=rows(ASK), wanted=rows(ASK_EVER, ("severity: critical", "severity: low"))) == [
        Change(Kind.FIELD, QUESTION, (Field("text_en", "Do you ask?", "Do you ask first?", "Do you ever ask?"),), True),
        Change(Kind.FIELD, QUESTION, (Field("severity", "critical", "critical", "low"),)),
    ]


def test_timing_of_a_duty_is_one_change():
    every = ("rhythm: keep\n    count: 36\n    unit: months", "rhythm: yearly\n    month: 2\n    day_of_month: 3")

    (change,) = changes(base=rows(), current=rows(), wanted=rows(every))

    assert change.key == Key(Part.DUTY, "", "records.kept")
    assert [(f.column, f.before, f.after) for f in change.fields] == [
        ("rhythm", "keep", "yearly"),
        ("month", "", "2"),
        ("day_of_month", "", "3"),
        ("count", "36", ""),
        ("unit", "months", ""),
    ]


@pytest.mark.parametrize(
    ("base", "current", "wanted", "expected"),
    [
        ((), (), ((SECOND, ""),), [(Kind.REMOVE, False)]),
        ((), (("Do you ask parents?", "Do you?"),), ((SECOND, ""),), [(Kind.REMOVE, True)]),
        ((), ((SECOND, ""),), ((SECOND, ""),), []),
        ((), ((SECOND, ""),), (), []),
        ((), ((SECOND, ""),), (("Do you ask parents?", "Do you?"),), [(Kind.ADD, True)]),
        (((SECOND, ""),), ((SECOND, ""),), (), [(Kind.ADD, False)]),
        (((SECOND, ""),), (), (), []),
        (((SECOND, ""),), (), (("Do you ask parents?", "Do you?"),), [(Kind.FIELD, True)]),
        (((SECOND, ""),), (), ((SECOND, ""),), []),
    ],
    ids=[
        *("left out", "left out but changed since", "both left out", "removed since", "removed since but changed"),
        *("new", "new in both alike", "new in both", "new since"),
    ],
)
def test_part_that_comes_or_goes(base, current, wanted, expected):
    found = changes(base=rows(*base), current=rows(*current), wanted=rows(*wanted))

    assert [(change.kind, change.is_conflict) for change in found] == expected
    assert {change.key.ref for change in found} <= {"consent.children"}


def test_order_is_one_change_of_the_list():
    turned = rows((FIRST + SECOND, SECOND + FIRST))
    order = Field("order", *["consent.separate\nconsent.children"] * 2, "consent.children\nconsent.separate")

    assert changes(base=rows(), current=rows(), wanted=turned) == [
        Change(Kind.ORDER, Key(Part.QUESTION, "consent", ""), (order,))
    ]
    assert changes(base=rows(), current=turned, wanted=rows()) == []


def test_change_is_known_again_while_the_draft_is_the_same():
    (change,) = changes(base=rows(), current=rows(), wanted=rows(ASK))
    (again,) = changes(base=rows(), current=rows(("severity: medium", "severity: low")), wanted=rows(ASK))
    (other,) = changes(base=rows(), current=rows(ASK_EVER), wanted=rows(ASK))

    assert change.id == again.id != other.id
