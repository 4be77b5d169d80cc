from dataclasses import replace
from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from questionnaires import checks, reading
from questionnaires.content import Library, Place, Problem
from questionnaires.validation import validate
from tests.library_files import (
    FIRST_1,
    INSTRUMENT,
    LAW_A,
    VERSION,
    edited,
    line_of,
    next_edition,
    write_library,
)

LAW_B = "instruments/law-b.yaml"
SECOND_LAW = INSTRUMENT.replace("law-a", "law-b")
SUPERSEDED = edited(INSTRUMENT, "stage: adopted", "stage: adopted\nsuperseded_by: law-b")


def read(tmp_path, files):
    return reading.read_library(write_library(tmp_path, files))


def problem(path, line, message, cure):
    return Problem(Place(f"library/{path}", line), message, cure)


def test_validate_of_an_empty_library():
    assert validate(Library((), ())) == []


def test_validate_of_a_sound_library(tmp_path):
    library, problems = read(tmp_path, {LAW_B: SECOND_LAW})

    assert (problems, validate(library)) == ([], [])
    assert [p.key for _, p in library.provisions] == ["law-a/1", "law-a/2", "law-a/3", "law-b/1", "law-b/2", "law-b/3"]


EXPRESSION = "Correct the expression."
OVERLAP = "Set in_force_until to the day before the newer one begins."
RENAME = "Give one of them another name."
CASES = {
    # what: (file, old, new, text that marks the line after the edit, message, cure)
    "instrument dates reversed": (
        LAW_A,
        "in_force_from: 2021-01-01\nin_force_until: 2030-12-31",
        "in_force_from: 2021-01-01\nin_force_until: 2020-12-31",
        "slug: law-a",
        "in_force_from 2021-01-01 is after in_force_until 2020-12-31.",
        "Swap or correct the dates; until is the last day in force.",
    ),
    "provision dates reversed": (
        LAW_A,
        "in_force_until: 2029-12-31",
        "in_force_until: 2021-12-31",
        "key: law-a/2",
        "in_force_from 2022-01-01 is after in_force_until 2021-12-31.",
        "Swap or correct the dates; until is the last day in force.",
    ),
    "provision before its instrument": (
        LAW_A,
        "in_force_from: 2022-01-01",
        "in_force_from: 2020-12-31",
        "key: law-a/2",
        "2020-12-31 lies outside the dates of law-a (2021-01-01 to 2030-12-31).",
        "Correct the provision's date or the instrument's.",
    ),
    "provision after its instrument": (
        LAW_A,
        "in_force_until: 2029-12-31\n    superseded_by: law-a/1",
        "in_force_until: 2031-01-01",
        "key: law-a/2",
        "2031-01-01 lies outside the dates of law-a (2021-01-01 to 2030-12-31).",
        "Correct the provision's date or the instrument's.",
    ),
    "key of another instrument": (
        LAW_A,
        "key: law-a/3",
        "key: law-b/3",
        "key: law-b/3",
        "The key “law-b/3” does not begin with “law-a/”.",
        "Begin it with the instrument's slug and a slash.",
    ),
    "item letter at section level": (
        LAW_A,
        '"Art. 2"',
        '"6.3 c)"',
        "key: law-a/2",
        "“6.3 c)” names an item letter, but is verified at section level only.",
        "Cite the section without its letter.",
    ),
    "item letter in brackets": (
        LAW_A,
        '"Art. 2"',
        '"6.3(c)"',
        "key: law-a/2",
        "“6.3(c)” names an item letter, but is verified at section level only.",
        "Cite the section without its letter.",
    ),
    "item letter in Chinese": (
        LAW_A,
        '"第2条"',
        '"第6.3条c项"',
        "key: law-a/2",
        "“第6.3条c项” names an item letter, but is verified at section level only.",
        "Cite the section without its letter.",
    ),
    "item letter with a wide bracket": (
        LAW_A,
        '"第2条"',
        '"第6.3条c）"',
        "key: law-a/2",
        "“第6.3条c）” names an item letter, but is verified at section level only.",
        "Cite the section without its letter.",
    ),
    "superseded by nothing known": (
        LAW_A,
        "superseded_by: law-a/1",
        "superseded_by: law-z/1",
        "key: law-a/2",
        "superseded_by names “law-z/1”, which is not in the library.",
        "Correct the name, or add what it names.",
    ),
    "instrument superseded by nothing known": (
        LAW_A,
        "stage: adopted",
        "stage: adopted\nsuperseded_by: law-z",
        "slug: law-a",
        "superseded_by names “law-z”, which is not in the library.",
        "Correct the name, or add what it names.",
    ),
    "superseded by itself": (
        LAW_A,
        "stage: adopted",
        "stage: adopted\nsuperseded_by: law-a",
        "slug: law-a",
        "“law-a” supersedes itself.",
        "Break the circle of superseded_by.",
    ),
    "no scale of that name": (
        FIRST_1,
        "scale: practice",
        "scale: maturity",
        "ref: consent.children",
        "“maturity” is not a scale of this version.",
        "Name one of its scales.",
    ),
    "expression over an unknown fact": (
        FIRST_1,
        "minors == yes",
        "age == old",
        "ref: consent.children",
        "applies_if of “consent.children”: unknown fact “age”; known are: minors, size.",
        EXPRESSION,
    ),
    "expression that is none": (
        FIRST_1,
        "minors == yes",
        "minors is yes",
        "ref: consent.children",
        "applies_if of “consent.children”: one of == != >= <= > < in has expected at character 8, not “is”.",
        EXPRESSION,
    ),
    "citation of nothing known": (
        FIRST_1,
        "[law-a/1, law-a/3]",
        "[law-a/1, law-a/9]",
        "ref: consent.separate",
        "“consent.separate” cites “law-a/9”, which is not a provision of the library.",
        "Correct the key, or add the provision to its instrument.",
    ),
    "citation of the withheld alone": (
        FIRST_1,
        "[law-a/1, law-a/3]",
        "[law-a/3]",
        "ref: consent.separate",
        "“consent.separate” rests on no provision that may be shown.",
        "Cite at least one provision that is not withheld.",
    ),
    "no citation": (
        FIRST_1,
        "[law-a/1, law-a/3]",
        "[]",
        "ref: consent.separate",
        "“consent.separate” rests on no provision that may be shown.",
        "Cite at least one provision that is not withheld.",
    ),
    "level that is no outcome of an answer": (
        FIRST_1,
        "outcome: not_met",
        "outcome: not_applicable",
        'ref: "no"',
        "A level cannot have the outcome not_applicable.",
        "Use met, partly_met or not_met; N/A is offered beside the levels.",
    ),
    "level of unanswered": (
        FIRST_1,
        "outcome: not_met",
        "outcome: unanswered",
        'ref: "no"',
        "A level cannot have the outcome unanswered.",
        "Use met, partly_met or not_met; N/A is offered beside the levels.",
    ),
    "score above 1": (
        FIRST_1,
        '"0.875"',
        "1.001",
        "ref: good",
        "The score 1.001 is not between 0 and 1.",
        "Correct the score.",
    ),
    "score below 0": (
        FIRST_1,
        '"0.875"',
        "-0.5",
        "ref: good",
        "The score -0.5 is not between 0 and 1.",
        "Correct the score.",
    ),
    "scale without a met level": (
        FIRST_1,
        'ref: good, label: {en: "Good", zh: "好"}, outcome: met',
        'ref: good, label: {en: "Good", zh: "好"}, outcome: partly_met',
        "ref: practice",
        "No level of “practice” is met.",
        "Give at least one level outcome: met.",
    ),
    "choice without choices": (
        FIRST_1,
        "kind: yes_no",
        "kind: choices",
        "ref: minors",
        "The fact “minors” of kind choices has 0 choices.",
        "A yes_no fact has no choices; choice and choices have some.",
    ),
    "yes_no with choices": (
        FIRST_1,
        "kind: choice\n",
        "kind: yes_no\n",
        "ref: size",
        "The fact “size” of kind yes_no has 2 choices.",
        "A yes_no fact has no choices; choice and choices have some.",
    ),
    "provision that ends after its successor begins": (
        LAW_A,
        "in_force_until: 2029-12-31",
        "in_force_until: 2030-01-01",
        "key: law-a/2",
        "“law-a/2” is in force until 2030-01-01, “law-a/1”, which supersedes it, from 2030-01-01.",
        OVERLAP,
    ),
    "provision that ends with its instrument, after its successor begins": (
        LAW_A,
        "    in_force_until: 2029-12-31\n",
        "",
        "key: law-a/2",
        "“law-a/2” is in force until 2030-12-31, “law-a/1”, which supersedes it, from 2030-01-01.",
        OVERLAP,
    ),
    "duty over an unknown fact": (
        FIRST_1,
        'day: 2025-07-14\n    applies_if: "minors == yes"',
        'day: 2025-07-14\n    applies_if: "age == old"',
        "ref: filing.deadline",
        "applies_if of “filing.deadline”: unknown fact “age”; known are: minors, size.",
        EXPRESSION,
    ),
    "duty over an answer": (
        FIRST_1,
        'day: 2025-07-14\n    applies_if: "minors == yes"',
        'day: 2025-07-14\n    applies_if: "consent.separate == met"',
        "ref: filing.deadline",
        "applies_if of “filing.deadline”: unknown fact “consent.separate”; known are: minors, size.",
        EXPRESSION,
    ),
    "duty citing nothing known": (
        FIRST_1,
        "[law-a/2, law-a/1]",
        "[law-a/2, law-a/9]",
        "ref: filing.deadline",
        "“filing.deadline” cites “law-a/9”, which is not a provision of the library.",
        "Correct the key, or add the provision to its instrument.",
    ),
    "duty citing the withheld alone": (
        FIRST_1,
        "[law-a/2, law-a/1]",
        "[law-a/3]",
        "ref: filing.deadline",
        "“filing.deadline” rests on no provision that may be shown.",
        "Cite at least one provision that is not withheld.",
    ),
    "duty citing nothing": (
        FIRST_1,
        "    citations: [law-a/2, law-a/1]\n",
        "",
        "ref: filing.deadline",
        "“filing.deadline” rests on no provision that may be shown.",
        "Cite at least one provision that is not withheld.",
    ),
    "duty that counts too far": (
        FIRST_1,
        "count: 36",
        "count: 1000",
        "ref: records.kept",
        "“records.kept” counts 1000, over 999.",
        "Correct count, or use a longer unit.",
    ),
    "contradiction of nothing": (
        FIRST_1,
        '"minors == no and consent.children in (met, partly_met)"',
        '""',
        "holds_if",
        "“holds_if” is not a plain value.",
        "Write one value after the colon.",
    ),
    "contradiction of an unknown fact": (
        FIRST_1,
        '"minors == no and',
        '"age == old and',
        "ref: children.unseen",
        "holds_if of “children.unseen”: unknown fact “age”; "
        "known are: consent.children, consent.separate, minors, size.",
        EXPRESSION,
    ),
    "contradiction of an unknown question": (
        FIRST_1,
        "and consent.children",
        "and consent.parents",
        "ref: children.unseen",
        "holds_if of “children.unseen”: unknown fact “consent.parents”; "
        "known are: consent.children, consent.separate, minors, size.",
        EXPRESSION,
    ),
    "contradiction of an answer by its level": (
        FIRST_1,
        "(met, partly_met)",
        "(good, met)",
        "ref: children.unseen",
        "holds_if of “children.unseen”: “good” is no value of “consent.children”: "
        "not_met, partly_met, met, not_applicable.",
        EXPRESSION,
    ),
}
AUDIT_TWICE = 'ref: minors.report\n    title: {en: "Audit'
CONTRADICTIONS = """\
contradictions:
  - ref: children.unseen
    text: {en: "Other", zh: "其他"}
    holds_if: "size == large"
"""
REPEATED = {
    # what: (file, old, new, text that marks the second place, what is named, text that marks the first place)
    "provision key": (LAW_A, "key: law-a/3", "key: law-a/1", 'key: law-a/1\n    ref: {en: "Art. 3', "key: law-a/1"),
    "level ref": (FIRST_1, 'ref: "no"', 'ref: "yes"', 'ref: "yes", label: {en: "No"', 'ref: "yes"'),
    "scale ref": (FIRST_1, "- ref: practice", "- ref: yes-no", 'yes-no\n    title: {en: "Practice', "ref: yes-no"),
    "fact ref": (FIRST_1, "ref: size", "ref: minors", "ref: minors\n    kind: choice\n", "ref: minors"),
    "choice": (FIRST_1, "ref: large", "ref: small", 'ref: small, label: {en: "Many"', "ref: small"),
    "question ref": (
        FIRST_1,
        "ref: consent.children",
        "ref: consent.separate",
        'ref: consent.separate\n        text: {en: "Do you ask parents',
        "ref: consent.separate",
    ),
    "duty ref": (FIRST_1, "ref: audit.regular", "ref: minors.report", AUDIT_TWICE, "ref: minors.report"),
    "contradiction ref": (FIRST_1, "contradictions:\n", CONTRADICTIONS, 'seen\n    text: {en: "No', "ref: children.u"),
}
NAMES = {
    "provision key": "law-a/1",
    "level ref": "yes",
    "scale ref": "yes-no",
    "fact ref": "minors",
    "choice": "small",
    "question ref": "consent.separate",
    "duty ref": "minors.report",
    "contradiction ref": "children.unseen",
}


@pytest.mark.parametrize("case", CASES)
def test_fault_of_meaning_names_file_line_and_cure(tmp_path, case):
    path, old, new, mark, message, cure = CASES[case]
    text = edited({LAW_A: INSTRUMENT, FIRST_1: VERSION}[path], old, new)

    _library, problems = read(tmp_path, {path: text})

    # Others may follow from it: a citation of the key that is gone, say.
    assert problems[0] == problem(path, line_of(text, mark), message, cure)


@pytest.mark.parametrize("what", REPEATED)
def test_name_used_twice_names_both_places(tmp_path, what):
    path, old, new, second, first = REPEATED[what]
    text = edited({LAW_A: INSTRUMENT, FIRST_1: VERSION}[path], old, new)

    _library, problems = read(tmp_path, {path: text})

    place = f"library/{path}:{line_of(text, first)}"
    message = f"The {what} “{NAMES[what]}” is used twice; first at {place}."
    assert problems[0] == problem(path, line_of(text, second), message, RENAME)


def test_section_used_twice(tmp_path):
    section = VERSION[VERSION.index("  - ref: consent\n") : VERSION.index("duties:")].replace("consent.", "again.")
    text = edited(VERSION, "duties:\n", f"{section}duties:\n")

    _library, problems = read(tmp_path, {FIRST_1: text})

    first, second = line_of(text, "ref: consent\n"), line_of(VERSION, "duties:")
    message = f"The section ref “consent” is used twice; first at library/{FIRST_1}:{first}."
    assert problems == [problem(FIRST_1, second, message, RENAME)]


def test_provision_cited_twice_by_a_question(tmp_path):
    text = edited(VERSION, "[law-a/2]", "[law-a/2, law-a/2]")

    _library, problems = read(tmp_path, {FIRST_1: text})

    line = line_of(text, "ref: consent.children")
    message = f"The citation of consent.children “law-a/2” is used twice; first at library/{FIRST_1}:{line}."
    assert problems == [problem(FIRST_1, line, message, RENAME)]


def test_provision_cited_twice_by_a_duty(tmp_path):
    text = edited(VERSION, "[law-a/2, law-a/1]", "[law-a/2, law-a/2]")

    _library, problems = read(tmp_path, {FIRST_1: text})

    line = line_of(text, "ref: filing.deadline")
    message = f"The citation of filing.deadline “law-a/2” is used twice; first at library/{FIRST_1}:{line}."
    assert problems == [problem(FIRST_1, line, message, RENAME)]


def test_provision_key_used_in_two_files(tmp_path):
    _library, problems = read(tmp_path, {LAW_B: edited(SECOND_LAW, "key: law-b/1", "key: law-a/1")})

    assert [(p.place.path, p.place.line, p.message) for p in problems] == [
        (f"library/{LAW_B}", 15, f"The provision key “law-a/1” is used twice; first at library/{LAW_A}:15."),
        (f"library/{LAW_B}", 15, "The key “law-a/1” does not begin with “law-b/”."),
        (f"library/{LAW_B}", 21, "superseded_by names “law-b/1”, which is not in the library."),
    ]


def test_circle_of_superseding_is_named_at_each_of_its_members(tmp_path):
    third = INSTRUMENT.replace("law-a", "law-c")
    files = {
        LAW_A: SUPERSEDED,
        LAW_B: edited(SECOND_LAW, "stage: adopted", "stage: adopted\nsuperseded_by: law-a"),
        "instruments/law-c.yaml": edited(third, "stage: adopted", "stage: adopted\nsuperseded_by: law-b"),
    }

    _library, problems = read(tmp_path, files)

    cure = "Break the circle of superseded_by."
    assert [p for p in problems if p.cure != OVERLAP] == [
        problem(LAW_A, 1, "“law-a” supersedes itself.", cure),
        problem(LAW_B, 1, "“law-b” supersedes itself.", cure),
    ]


@pytest.mark.parametrize(
    ("until", "beginning", "message"),
    [
        ("in_force_until: 2030-12-31", "2030-12-30", "“law-a” is in force until 2030-12-31, {} 2030-12-30."),
        ("in_force_until: 2030-12-31", "2030-12-31", "“law-a” is in force until 2030-12-31, {} 2030-12-31."),
        ("in_force_until: 2030-12-31", "2031-01-01", None),
        ("in_force_until: 2030-12-31", "2035-01-01", None),
        ("", "2031-01-01", "“law-a” is in force without end, {} 2031-01-01."),
    ],
)
@pytest.mark.parametrize("date", ["in_force_from", "issued_on"])
def test_instrument_must_end_before_its_successor_begins(tmp_path, date, until, beginning, message):
    older = edited(SUPERSEDED, "in_force_until: 2030-12-31", until)
    start, end = SECOND_LAW.index("issued_on:"), SECOND_LAW.index("source:")
    newer = f"{SECOND_LAW[:start]}{date}: {beginning}\n{SECOND_LAW[end : SECOND_LAW.index('provisions:')]}"

    _library, problems = read(tmp_path, {LAW_A: older, LAW_B: newer})

    between = "“law-b”, which supersedes it, from"
    assert problems == ([problem(LAW_A, 1, message.format(between), OVERLAP)] if message else [])


@pytest.mark.parametrize(("force", "stage"), [("law", "draft"), ("company_guideline", "adopted")])
def test_what_has_no_dates_overlaps_nothing(tmp_path, force, stage):
    start, end = SUPERSEDED.index("legal_force:"), SUPERSEDED.index("source:")
    older = f"{SUPERSEDED[:start]}legal_force: {force}\nstage: {stage}\nsuperseded_by: law-b\n{SUPERSEDED[end:]}"
    dates = ["in_force_from: 2030-01-01", "in_force_from: 2022-01-01", "in_force_until: 2029-12-31"]
    for line in (*dates, "superseded_by: law-a/1"):
        older = edited(older, f"    {line}\n", "")

    _library, problems = read(tmp_path, {LAW_A: older, LAW_B: SECOND_LAW})

    assert [p for p in problems if not p.is_warning] == []


TIMINGS = {
    # rhythm and timing as written: (what is given, what is needed)
    "rhythm: on": ("no timing", "day"),
    "rhythm: on\n    count: 30\n    unit: days": ("count, unit", "day"),
    "rhythm: on\n    day: 2026-01-01\n    month: 1": ("day, month", "day"),
    "rhythm: within\n    count: 30\n    unit: days": ("count, unit", "count, unit, event"),
    "rhythm: yearly\n    month: 1": ("month", "month, day_of_month"),
    "rhythm: yearly\n    day: 2026-01-01": ("day", "month, day_of_month"),
    "rhythm: every\n    count: 2": ("count", "count, unit"),
    "rhythm: every\n    count: 2\n    unit: years\n    event: {en: a, zh: 乙}": ("count, unit, event", "count, unit"),
    "rhythm: keep\n    unit: years": ("unit", "count, unit"),
}


@pytest.mark.parametrize("written", TIMINGS)
def test_duty_gives_exactly_the_timing_of_its_rhythm(tmp_path, written):
    given, needed = TIMINGS[written]
    text = edited(VERSION, "rhythm: keep\n    count: 36\n    unit: months", written)

    _library, problems = read(tmp_path, {FIRST_1: text})

    message = f"“records.kept” with rhythm {written.split()[1]} gives {given}."
    assert problems == [problem(FIRST_1, line_of(text, "ref: records.kept"), message, f"Give exactly: {needed}.")]


@pytest.mark.parametrize(("day", "warned"), [("2029-12-31", True), ("2030-01-01", False)])
def test_duty_may_announce_what_takes_effect_by_its_day(tmp_path, day, warned):
    text = edited(VERSION, "day: 2025-07-14", f"day: {day}")
    text = edited(text, "citations: [law-a/2, law-a/1]", "citations: [law-a/1]")

    _library, problems = reading.read_library(write_library(tmp_path, {FIRST_1: text}), on=date(2029, 6, 1))

    said = "“filing.deadline” cites “law-a/1”, which is not in force until 2030-01-01."
    assert (said in [p.message for p in problems]) == warned


@pytest.mark.parametrize(("month", "day"), [(13, 1), (2, 29), (4, 31), (1, 32), (9999, 9999)])
def test_yearly_duty_on_no_day_of_every_year(tmp_path, month, day):
    text = edited(VERSION, "month: 1\n    day_of_month: 31", f"month: {month}\n    day_of_month: {day}")

    _library, problems = read(tmp_path, {FIRST_1: text})

    message = f"“minors.report” falls on no day: month {month}, day {day}."
    cure = "Correct month and day_of_month; 29 February is not in every year."
    assert problems == [problem(FIRST_1, line_of(text, "ref: minors.report"), message, cure)]


@pytest.mark.parametrize(("month", "day"), [(1, 31), (2, 28), (4, 30), (12, 31)])
def test_yearly_duty_on_the_last_day_of_a_month(tmp_path, month, day):
    text = edited(VERSION, "month: 1\n    day_of_month: 31", f"month: {month}\n    day_of_month: {day}")

    _library, problems = read(tmp_path, {FIRST_1: text})

    assert problems == []


def test_contradiction_that_always_holds(tmp_path):
    library, _problems = read(tmp_path, {})
    (version,) = library.versions
    (contradiction,) = version.contradictions
    always = replace(version, contradictions=(replace(contradiction, holds_if=""),))

    problems = validate(replace(library, versions=(always,)))

    line = line_of(VERSION, "ref: children.unseen")
    assert problems == [problem(FIRST_1, line, "“children.unseen” would always hold.", "Say in holds_if when it does.")]


def test_draft_with_dates_in_force(tmp_path):
    text = edited(INSTRUMENT, "stage: adopted", "stage: draft")

    _library, problems = read(tmp_path, {LAW_A: text})

    cure = "Remove them, or set stage: adopted."
    assert [p for p in problems if not p.is_warning] == [problem(LAW_A, 1, "A draft has dates in force.", cure)]


def test_provision_of_a_withheld_instrument_may_not_be_cited_alone(tmp_path):
    text = edited(INSTRUMENT, "verification: verified\nnote", "verification: withheld\nnote")

    _library, problems = read(tmp_path, {LAW_A: text})

    assert [p.message for p in problems] == [
        "“consent.separate” rests on no provision that may be shown.",
        "“consent.children” rests on no provision that may be shown.",
        "“filing.deadline” rests on no provision that may be shown.",
        "“filing.growth” rests on no provision that may be shown.",
        "“minors.report” rests on no provision that may be shown.",
        "“audit.regular” rests on no provision that may be shown.",
        "“records.kept” rests on no provision that may be shown.",
    ]


def test_version_that_asks_nothing(tmp_path):
    text = VERSION[: VERSION.index("sections:")]

    _library, problems = read(tmp_path, {FIRST_1: text})

    assert problems == [problem(FIRST_1, 1, "The version asks nothing.", "Add a section with a question.")]


def test_section_level_may_name_what_is_no_item(tmp_path):
    text = edited(edited(INSTRUMENT, '"Art. 2"', '"Art. 43(1) (all of it)"'), '"第2条"', '"第2条（一）附录A"')

    _library, problems = read(tmp_path, {LAW_A: text})

    assert problems == []


def test_next_edition_is_no_repetition(tmp_path):
    _library, problems = read(tmp_path, {"question-sets/first/2.yaml": next_edition()})

    assert problems == []


BAD_INPUT = {
    # what issue 3 wants refused: (files, file and text that mark the line, message, cure)
    "overlapping dates": (
        {LAW_A: SUPERSEDED, LAW_B: SECOND_LAW},
        (LAW_A, "slug"),
        "“law-a” is in force until 2030-12-31, “law-b”, which supersedes it, from 2021-01-01.",
        OVERLAP,
    ),
    "reversed dates": (
        {LAW_A: edited(INSTRUMENT, "in_force_until: 2030-12-31", "in_force_until: 2020-12-31")},
        (LAW_A, "slug"),
        "in_force_from 2021-01-01 is after in_force_until 2020-12-31.",
        "Swap or correct the dates; until is the last day in force.",
    ),
    "a provision cited before it exists": (
        {FIRST_1: edited(VERSION, "[law-a/2]", "[law-b/1]")},
        (FIRST_1, "ref: consent.children"),
        "“consent.children” cites “law-b/1”, which is not a provision of the library.",
        "Correct the key, or add the provision to its instrument.",
    ),
    "an instrument superseding itself": (
        {LAW_A: edited(INSTRUMENT, "stage: adopted", "stage: adopted\nsuperseded_by: law-a")},
        (LAW_A, "slug"),
        "“law-a” supersedes itself.",
        "Break the circle of superseded_by.",
    ),
    "a question without translation": (
        {FIRST_1: edited(VERSION, ', zh: "是否征求？"', "")},
        (FIRST_1, "Do you ask?"),
        "“zh” is missing.",
        "Add it.",
    ),
    "a ref used twice": (
        {FIRST_1: edited(VERSION, "ref: consent.children", "ref: consent.separate")},
        (FIRST_1, 'ref: consent.separate\n        text: {en: "Do you ask parents'),
        "The question ref “consent.separate” is used twice; "
        f"first at library/{FIRST_1}:{line_of(VERSION, 'ref: consent.separate')}.",
        RENAME,
    ),
}


@pytest.mark.parametrize("case", BAD_INPUT)
def test_check_refuses_bad_input_with_file_line_and_cure(tmp_path, monkeypatch, case):
    files, (path, mark), message, cure = BAD_INPUT[case]
    monkeypatch.setattr(checks, "LIBRARY", write_library(tmp_path, files))

    with pytest.raises(SystemCheckError) as caught:
        call_command("check")

    line = line_of(files[path], mark)
    assert f"(questionnaires.E001) library/{path}:{line}: {message}\n\tHINT: {cure}" in str(caught.value)
