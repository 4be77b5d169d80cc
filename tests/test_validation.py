import pytest

from questionnaires import reading
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
        "in_force_until: 2029-12-31",
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
}
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
}
NAMES = {
    "provision key": "law-a/1",
    "level ref": "yes",
    "scale ref": "yes-no",
    "fact ref": "minors",
    "choice": "small",
    "question ref": "consent.separate",
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
    text = VERSION + VERSION[VERSION.index("  - ref: consent\n") :].replace("consent.", "again.")

    _library, problems = read(tmp_path, {FIRST_1: text})

    first, second = line_of(text, "ref: consent\n"), VERSION.count("\n") + 1
    message = f"The section ref “consent” is used twice; first at library/{FIRST_1}:{first}."
    assert problems == [problem(FIRST_1, second, message, RENAME)]


def test_provision_cited_twice_by_a_question(tmp_path):
    text = edited(VERSION, "[law-a/2]", "[law-a/2, law-a/2]")

    _library, problems = read(tmp_path, {FIRST_1: text})

    line = line_of(text, "ref: consent.children")
    message = f"The citation of consent.children “law-a/2” is used twice; first at library/{FIRST_1}:{line}."
    assert problems == [problem(FIRST_1, line, message, RENAME)]


def test_provision_key_used_in_two_files(tmp_path):
    _library, problems = read(tmp_path, {LAW_B: edited(SECOND_LAW, "key: law-b/1", "key: law-a/1")})

    assert [(p.place.path, p.place.line, p.message) for p in problems] == [
        (f"library/{LAW_B}", 15, f"The provision key “law-a/1” is used twice; first at library/{LAW_A}:15."),
        (f"library/{LAW_B}", 15, "The key “law-a/1” does not begin with “law-b/”."),
        (f"library/{LAW_B}", 20, "superseded_by names “law-b/1”, which is not in the library."),
    ]


def test_circle_of_superseding_is_named_at_each_of_its_members(tmp_path):
    third = INSTRUMENT.replace("law-a", "law-c")
    files = {
        LAW_A: edited(INSTRUMENT, "stage: adopted", "stage: adopted\nsuperseded_by: law-b"),
        LAW_B: edited(SECOND_LAW, "stage: adopted", "stage: adopted\nsuperseded_by: law-a"),
        "instruments/law-c.yaml": edited(third, "stage: adopted", "stage: adopted\nsuperseded_by: law-b"),
    }

    _library, problems = read(tmp_path, files)

    cure = "Break the circle of superseded_by."
    assert problems == [
        problem(LAW_A, 1, "“law-a” supersedes itself.", cure),
        problem(LAW_B, 1, "“law-b” supersedes itself.", cure),
    ]


def test_draft_with_dates_in_force(tmp_path):
    text = edited(INSTRUMENT, "stage: adopted", "stage: draft")

    _library, problems = read(tmp_path, {LAW_A: text})

    cure = "Remove them, or set stage: adopted."
    assert problems == [problem(LAW_A, 1, "A draft has dates in force.", cure)]


def test_provision_of_a_withheld_instrument_may_not_be_cited_alone(tmp_path):
    text = edited(INSTRUMENT, "verification: verified\nnote", "verification: withheld\nnote")

    _library, problems = read(tmp_path, {LAW_A: text})

    assert [p.message for p in problems] == [
        "“consent.separate” rests on no provision that may be shown.",
        "“consent.children” rests on no provision that may be shown.",
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
