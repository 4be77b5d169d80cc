from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires.applicability import FactKind
from questionnaires.content import (
    EMPTY,
    Choice,
    Contradiction,
    Duty,
    Fact,
    Level,
    Place,
    Question,
    Rhythm,
    Scale,
    Section,
    Text,
    Unit,
    Version,
)
from questionnaires.diffing import Kind, Operation, Part, Piece, Value, Wording, diff, longest_rising, words
from questionnaires.scoring import Outcome, Severity
from tests import strategies

KEPT, REMOVED, ADDED = Operation.KEPT, Operation.REMOVED, Operation.ADDED
HERE, THERE = Place("a.yaml", 1), Place("b.yaml", 99)


def both(text):
    return Text(text, f"{text}中文") if text else EMPTY


def question(ref, text=None, **fields):
    defaults = {
        "why": both("Because."),
        "evidence": both("A record."),
        "remediation": both("Do it."),
        "severity": Severity.HIGH,
        "scale": "yes-no",
        "applies_if": "",
        "citations": ("law/1",),
    }
    return Question(ref=ref, text=both(text or f"Is {ref} done?"), place=HERE, **defaults | fields)


def section(ref, *questions, **fields):
    return Section(ref, fields.pop("title", both(ref)), fields.pop("intro", EMPTY), questions, HERE)


LEVELS = (
    Level("yes", both("Yes"), EMPTY, Outcome.MET, Decimal(1), HERE),
    Level("no", both("No"), EMPTY, Outcome.NOT_MET, Decimal(0), HERE),
)
SCALE = Scale("yes-no", both("Yes or no"), LEVELS, HERE)
SIZE = Fact(
    "size", FactKind.CHOICE, both("How many?"), EMPTY, tuple(Choice(r, both(r), HERE) for r in ("small", "large")), HERE
)
DUTY = Duty("file", both("File"), both("File it."), Rhythm.EVERY, "", ("law/1",), HERE, count=2, unit=Unit.YEARS)
CLASH = Contradiction("clash", both("Not both."), "size == small", HERE)


def version(*sections, **fields):
    defaults = {
        "slug": "set",
        "number": 1,
        "title": both("Set"),
        "description": both("All"),
        "weights": dict(zip(Severity, map(Decimal, (8, 4, 2, 1)), strict=True)),
        "scales": (SCALE,),
        "facts": (SIZE,),
        "duties": (DUTY,),
        "contradictions": (CLASH,),
        "place": HERE,
    }
    return Version(sections=sections or (section("first", question("a"), question("b")),), **defaults | fields)


def summary(difference):
    return [(c.part, c.ref, c.parent, c.kinds) for c in difference.changes]


def test_number_and_place_are_no_difference():
    moved = section("first", replace(question("a"), place=THERE), question("b"))

    assert diff(version(), version(moved, number=7, place=THERE)).changes == ()


@pytest.mark.parametrize("field", ["text", "group", "why", "evidence", "remediation"])
def test_reworded_question_says_where_and_in_which_language(field):
    before = question("a", **({} if field == "text" else {field: Text("Is it kept?", "是否保存？")}))
    before = replace(before, **{field: Text("Is it kept?", "是否保存？")})
    after = replace(before, **{field: Text("Is it kept safe?", "是否保存？")})

    (change,) = diff(version(section("first", before)), version(section("first", after))).changes

    pieces = (Piece(KEPT, "Is it kept"), Piece(ADDED, " safe"), Piece(KEPT, "?"))
    assert (change.part, change.ref, change.parent, change.kinds) == (Part.QUESTION, "a", "first", (Kind.REWORDED,))
    assert (change.wordings, change.values) == ((Wording(field, "en", pieces),), ())
    assert (change.before, change.after) == (before.text, after.text)


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("severity", Severity.LOW, Value("severity", Kind.REWEIGHTED, ("high",), ("low",))),
        ("scale", "maturity", Value("scale", Kind.REWEIGHTED, ("yes-no",), ("maturity",))),
        ("applies_if", "size == small", Value("applies_if", Kind.CONDITION, (), ("size == small",))),
        ("citations", ("law/2",), Value("citations", Kind.RECITED, ("law/1",), ("law/2",))),
    ],
)
def test_question_that_counts_or_applies_otherwise(field, value, expected):
    after = section("first", question("a", **{field: value}), question("b"))

    (change,) = diff(version(), version(after)).changes

    assert (change.ref, change.kinds, change.wordings, change.values) == ("a", (expected.kind,), (), (expected,))


def test_new_and_removed_questions_come_with_all_they_say():
    after = version(section("first", question("new", severity=Severity.LOW), question("a")))

    difference = diff(version(), after)

    assert summary(difference) == [
        (Part.QUESTION, "new", "first", (Kind.NEW,)),
        (Part.QUESTION, "b", "first", (Kind.REMOVED,)),
    ]
    new, removed = difference.changes
    assert (new.before, new.after, removed.before, removed.after) == (
        (None, both("Is new done?"), both("Is b done?"), None)
    )
    assert [(w.field, w.language, w.pieces) for w in new.wordings[:2]] == [
        ("text", "en", (Piece(ADDED, "Is new done?"),)),
        ("text", "zh", (Piece(ADDED, "Is new done?中文"),)),
    ]
    assert [(value.field, value.before, value.after) for value in removed.values] == [
        ("severity", ("high",), ()),
        ("scale", ("yes-no",), ()),
        ("citations", ("law/1",), ()),
    ]


def test_question_moves_to_another_section_and_within_its_own():
    a, b, c, d = (question(ref) for ref in "abcd")

    to_another = diff(version(section("s", a, b), section("t", c)), version(section("s", a), section("t", b, c)))
    within = diff(version(section("s", a, b, c, d)), version(section("s", d, a, b, c)))

    (other,), (own,) = to_another.changes, within.changes
    assert (other.ref, other.kinds, other.values) == (
        ("b", (Kind.MOVED,), (Value("section", Kind.MOVED, ("s",), ("t",)),))
    )
    assert (own.ref, own.kinds, own.values) == ("d", (Kind.MOVED,), (Value("position", Kind.MOVED, ("4",), ("1",)),))


def test_every_other_part_is_compared():
    maturity = replace(SCALE, ref="maturity")
    after = version(
        section("second"),
        section("first", question("a"), question("b"), title=both("First of all")),
        weights=version().weights | {Severity.LOW: Decimal("1.50")},
        scales=(replace(SCALE, levels=(LEVELS[1], replace(LEVELS[0], score=Decimal("0.9")))), maturity),
        facts=(replace(SIZE, kind=FactKind.CHOICES, choices=(SIZE.choices[0],)),),
        duties=(replace(DUTY, rhythm=Rhythm.ON, day=date(2027, 1, 31), count=None, unit=None),),
        contradictions=(replace(CLASH, holds_if="size == large"),),
    )

    difference = diff(version(), after)

    assert summary(difference) == [
        (Part.VERSION, "set", "", (Kind.REWEIGHTED,)),
        (Part.SECTION, "second", "", (Kind.NEW,)),
        (Part.SECTION, "first", "", (Kind.REWORDED,)),
        (Part.SCALE, "maturity", "", (Kind.NEW,)),
        (Part.LEVEL, "no", "yes-no", (Kind.MOVED,)),
        (Part.LEVEL, "yes", "yes-no", (Kind.REWEIGHTED,)),
        (Part.LEVEL, "yes", "maturity", (Kind.NEW,)),
        (Part.LEVEL, "no", "maturity", (Kind.NEW,)),
        (Part.FACT, "size", "", (Kind.RETYPED,)),
        (Part.CHOICE, "large", "size", (Kind.REMOVED,)),
        (Part.DUTY, "file", "", (Kind.RETIMED,)),
        (Part.CONTRADICTION, "clash", "", (Kind.CONDITION,)),
    ]
    assert difference.of(Part.VERSION)[0].values == (Value("low", Kind.REWEIGHTED, ("1",), ("1.5",)),)
    assert difference.counts == {
        Kind.NEW: 4,
        Kind.REMOVED: 1,
        Kind.REWORDED: 1,
        Kind.MOVED: 1,
        Kind.REWEIGHTED: 2,
        Kind.CONDITION: 1,
        Kind.RETYPED: 1,
        Kind.RETIMED: 1,
    }
    assert [c.ref for c in difference.with_kind(Kind.REWEIGHTED)] == ["set", "yes"]


def test_the_same_decimal_written_otherwise_is_no_difference():
    written = replace(SCALE, levels=(replace(LEVELS[0], score=Decimal("1.000")), LEVELS[1]))

    assert diff(version(), version(scales=(written,))).changes == ()


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("", "", []),
        ("same", "same", [(KEPT, "same")]),
        ("", "new", [(ADDED, "new")]),
        ("the consent", "the written consent", [(KEPT, "the "), (ADDED, "written "), (KEPT, "consent")]),
        (
            "six months.",
            "three months!",
            [(REMOVED, "six"), (ADDED, "three"), (KEPT, " months"), (REMOVED, "."), (ADDED, "!")],
        ),
        # Changed words next to each other are one change, not a patchwork with spaces kept.
        ("one two three", "four five three", [(REMOVED, "one two"), (ADDED, "four five"), (KEPT, " three")]),
        (
            "是否取得单独同意？",
            "是否取得书面同意？",
            [(KEPT, "是否取得"), (REMOVED, "单独"), (ADDED, "书面"), (KEPT, "同意？")],
        ),
        # A single character left standing between two changes cannot be read.
        ("甲的乙", "丙的丁", [(REMOVED, "甲的乙"), (ADDED, "丙的丁")]),
        ("GB/T 35273", "GB/T 45574", [(KEPT, "GB/T "), (REMOVED, "35273"), (ADDED, "45574")]),
    ],
)
def test_words(before, after, expected):
    assert [(piece.operation, piece.text) for piece in words(before, after)] == expected


TEXTS = st.text(alphabet="ab .,，的是否人脸🙂\n'", max_size=40)


@given(TEXTS, TEXTS)
def test_pieces_make_both_texts_again(before, after):
    pieces = words(before, after)

    assert "".join(p.text for p in pieces if p.operation is not ADDED) == before
    assert "".join(p.text for p in pieces if p.operation is not REMOVED) == after
    assert all(piece.text for piece in pieces)
    assert any(p.operation is not KEPT for p in pieces) == (before != after)


def test_a_very_long_text_is_compared_at_once():
    before = " ".join(f"a{n}" for n in range(3_000))
    after = " ".join(f"b{n}" for n in range(3_000))

    assert [p.operation for p in words(f"same {before}", f"same {after}")] == [KEPT, REMOVED, ADDED]


@given(st.permutations(range(7)))
def test_longest_rising_rises_and_none_is_longer(numbers):
    run = [numbers[index] for index in longest_rising(numbers)]

    longest = {-1: 0}
    for number in numbers:
        longest[number] = 1 + max(length for smaller, length in longest.items() if smaller < number)
    assert run == sorted(run)
    assert len(run) == max(longest.values())


QUESTIONS = st.builds(
    question,
    ref=st.sampled_from("abcdef"),
    text=st.sampled_from(["Is it kept?", "Is it kept safe?", "Who asks?"]),
    severity=st.sampled_from(Severity),
    applies_if=st.sampled_from(["", "size == small"]),
    citations=st.sampled_from([("law/1",), ("law/1", "law/2"), ("law/2",)]),
)


@st.composite
def versions(draw):
    questions = draw(st.lists(QUESTIONS, unique_by=lambda q: q.ref))
    cut = draw(st.integers(0, len(questions)))
    return version(section("s", *questions[:cut]), section("t", *questions[cut:]))


@given(versions())
def test_no_version_differs_from_itself(one):
    assert diff(one, replace(one, number=2)).changes == ()


@settings(max_examples=60)
@given(versions(), versions())
def test_difference_read_backwards_is_the_difference_backwards(before, after):
    there, back = diff(before, after), diff(after, before)

    turned = {Kind.NEW: Kind.REMOVED, Kind.REMOVED: Kind.NEW}
    # Of two that changed places one has moved: which of them depends on the side one looks from.
    forwards = {(c.ref, c.before, c.after, kind) for c in there.changes for kind in c.kinds}
    backwards = {(c.ref, c.after, c.before, turned.get(kind, kind)) for c in back.changes for kind in c.kinds}
    assert {row for row in forwards ^ backwards if row[3] is not Kind.MOVED} == set()
    assert there.counts.get(Kind.MOVED, 0) == back.counts.get(Kind.MOVED, 0)


@settings(max_examples=60)
@given(versions(), versions())
def test_what_is_not_listed_is_the_same_and_stands_in_the_same_order(before, after):
    listed = {c.ref for c in diff(before, after).changes}

    def rest(one):
        return [[q for q in s.questions if q.ref not in listed] for s in one.sections]

    assert rest(before) == rest(after)


@given(versions(), versions())
def test_applied_to_the_older_version_it_gives_the_newer(before, after):
    changes = {c.ref: c for c in diff(before, after).of(Part.QUESTION)}
    rebuilt = {q.ref: q for q in before.questions}

    for ref, change in changes.items():
        if Kind.REMOVED in change.kinds:
            del rebuilt[ref]
            continue
        base = rebuilt.get(ref) or replace(question(ref), text=EMPTY, why=EMPTY, evidence=EMPTY, remediation=EMPTY)
        for wording in change.wordings:
            new = "".join(p.text for p in wording.pieces if p.operation is not REMOVED)
            base = replace(base, **{wording.field: replace(getattr(base, wording.field), **{wording.language: new})})
        for value in change.values:
            if value.kind is Kind.MOVED:
                continue
            new = value.after if value.field == "citations" else "".join(value.after)
            base = replace(base, **{value.field: Severity(new) if value.field == "severity" else new})
        rebuilt[ref] = base

    assert rebuilt == {q.ref: q for q in after.questions}


@settings(max_examples=6, deadline=None)
@given(strategies.versions(), strategies.versions())
def test_whatever_a_version_holds_every_part_that_differs_is_listed(before, after):
    assert diff(before, replace(before, number=99)).changes == ()
    listed = {(change.part, change.parent, change.ref) for change in diff(before, after).changes}
    for part, name in ((Part.FACT, "facts"), (Part.DUTY, "duties"), (Part.CONTRADICTION, "contradictions")):
        old, new = ({row.ref: row for row in getattr(version, name)} for version in (before, after))
        come_or_gone = old.keys() ^ new.keys()
        assert {(part, "", ref) for ref in come_or_gone} <= listed
        changed = {ref for ref in old.keys() & new.keys() if part is not Part.FACT and old[ref] != new[ref]}
        assert {(part, "", ref) for ref in changed} <= listed
