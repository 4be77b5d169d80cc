import pytest

from questionnaires import reading
from questionnaires.content import Place, Problem
from tests.library_files import FIRST_1, INSTRUMENT, LAW_A, VERSION, edited, line_of, write_library

LATIN = "Use lower-case letters, digits, “-”, “.” and “/”, 120 at most."
WEIGHT = "Write a number above 0 and below 10000, with two decimals at most."
SCORE = "Write a number such as 0.5, with three decimals at most."
PLAIN = "Write one value after the colon."
KEYS = "Correct its spelling; docs/content-format.md lists the keys."
CASES = {
    # what: (file, old, new, text that marks the line after the edit, message, cure)
    "missing key": (LAW_A, "stage: adopted\n", "", "slug: law-a", "“stage” is missing.", "Add it."),
    "missing text": (
        LAW_A,
        'source: {en: "Gazette", zh: "公报"}\n',
        "",
        "slug: law-a",
        "“source” is missing.",
        "Add it.",
    ),
    "unknown key": (LAW_A, "stage: adopted", "stage: adopted\nstages: 1", "stages: 1", "Unknown key “stages”.", KEYS),
    "merge key": (LAW_A, "stage: adopted", "stage: adopted\n<<: {a: b}", "<<", "Unknown key “<<”.", KEYS),
    "key that is a list": (LAW_A, "stage: adopted", "stage: adopted\n[a]: b", "[a]", "Unknown key “?”.", KEYS),
    "key twice": (
        LAW_A,
        "stage: adopted",
        "stage: adopted\nstage: adopted",
        "stage: adopted\nissued",
        "The key “stage” stands twice.",
        "Remove one.",
    ),
    "one language": (LAW_A, '"Art. 1", zh: "第1条"', '"Art. 1"', '"Art. 1"', "“zh” is missing.", "Add it."),
    "third language": (
        LAW_A,
        'zh: "第1条"',
        'zh: "第1条", de: "Art. 1"',
        '"Art. 1"',
        "Unknown key “de”.",
        KEYS,
    ),
    "empty language": (LAW_A, '"第1条"', '" "', '"Art. 1"', "“zh” is not a plain value.", PLAIN),
    "text in no language": (
        LAW_A,
        'issuer: {en: "Congress", zh: "大会"}',
        "issuer: Congress",
        "issuer: Congress",
        "“issuer” is not in two languages.",
        'Write {en: "…", zh: "…"}.',
    ),
    "list for a value": (LAW_A, "stage: adopted", "stage: [adopted]", "stage:", "“stage” is not a plain value.", PLAIN),
    "empty value": (LAW_A, "stage: adopted", "stage:", "stage:", "“stage” is not a plain value.", PLAIN),
    "choice": (
        LAW_A,
        "stage: adopted",
        "stage: passed",
        "stage: passed",
        "“passed” is not a valid stage.",
        "Use one of: adopted, draft.",
    ),
    "no such day": (
        LAW_A,
        "2020-01-01",
        "2020-02-30",
        "2020-02-30",
        "“2020-02-30” is not a valid issued_on.",
        "Write it as YYYY-MM-DD.",
    ),
    "flag": (
        LAW_A,
        "is_derived: true",
        "is_derived: yes",
        "is_derived",
        "“is_derived” is neither true nor false.",
        "Write true or false.",
    ),
    "flag that is a mapping": (
        LAW_A,
        "is_derived: true",
        "is_derived: {}",
        "is_derived",
        "“is_derived” is neither true nor false.",
        "Write true or false.",
    ),
    "upper-case key": (LAW_A, "key: law-a/1", "key: law-a/A", "law-a/A", "“law-a/A” is not a valid key.", LATIN),
    "long key": (
        LAW_A,
        "key: law-a/1",
        "key: law-a/" + "1" * 120,
        "law-a/111",
        f"“law-a/{'1' * 120}” is not a valid key.",
        LATIN,
    ),
    "control character": (
        LAW_A,
        '"Ask first."',
        r'"Ask\x07."',
        r"Ask\x07",
        "“en” has control characters.",
        "Remove them.",
    ),
    "half a character": (
        LAW_A,
        '"Ask first."',
        r'"Ask\uD83D."',
        r"Ask\uD83D",
        "“en” has control characters.",
        "Remove them.",
    ),
    "long text": (
        LAW_A,
        "Ask first.",
        "x" * 4001,
        "xxx",
        "“en” is over 4000 characters.",
        "Shorten it.",
    ),
    "long short title": (
        LAW_A,
        'short_title: {en: "Law A", zh: "甲法"}',
        f'short_title: {{en: "Law A", zh: "{"甲" * 41}"}}',
        "short_title",
        "“zh” is over 40 characters.",
        "Shorten it.",
    ),
    "list that is a value": (
        FIRST_1,
        "citations: [law-a/2]",
        "citations: law-a/2",
        "citations: law-a/2",
        "“citations” is not a list.",
        "Begin each item with “- ”.",
    ),
    "citation that is no key": (
        FIRST_1,
        "citations: [law-a/2]",
        "citations: [Art. 2]",
        "citations: [Art",
        "An item of “citations” is not a key.",
        "Write keys such as csl-2025/43-1.",
    ),
    "item that is no mapping": (
        FIRST_1,
        "facts:\n",
        "facts:\n  - minors\n",
        "- minors",
        "An item of “facts” is not a mapping.",
        "Give it keys and values.",
    ),
    "another file's slug": (
        LAW_A,
        "slug: law-a",
        "slug: law-b",
        "slug: law-b",
        "“law-b” differs from the file's name.",
        "Write slug: law-a or rename the file.",
    ),
    "another folder's slug": (
        FIRST_1,
        "slug: first",
        "slug: second",
        "slug: second",
        "“second” differs from the file's name.",
        "Write slug: first or rename the file.",
    ),
    "another file's number": (
        FIRST_1,
        "number: 1",
        "number: 2",
        "number: 2",
        "“2” differs from the file's name.",
        "Write number: 1 or rename the file.",
    ),
    "number with a nought": (
        FIRST_1,
        "number: 1",
        "number: 01",
        "number: 01",
        "“01” differs from the file's name.",
        "Write number: 1 or rename the file.",
    ),
    "weights that are a value": (
        FIRST_1,
        "weights: {critical: 8, high: 4, medium: 2.5, low: 1}",
        "weights: 8",
        "weights: 8",
        "“weights” is not a mapping.",
        "Give each severity a weight.",
    ),
    "missing weight": (FIRST_1, ", low: 1}", "}", "weights", "“low” is missing.", "Add it."),
    "weight of nothing": (FIRST_1, "high: 4", "high: 0", "weights", "“0” is not a valid high.", WEIGHT),
    "weight below nothing": (FIRST_1, "high: 4", "high: -4", "weights", "“-4” is not a valid high.", WEIGHT),
    "weight beyond its column": (FIRST_1, "high: 4", "high: 1e4", "weights", "“1e4” is not a valid high.", WEIGHT),
    "weight finer than its column": (
        FIRST_1,
        "high: 4",
        "high: 0.001",
        "weights",
        "“0.001” is not a valid high.",
        WEIGHT,
    ),
    "weight that is no number": (FIRST_1, "high: 4", "high: four", "weights", "“four” is not a valid high.", WEIGHT),
    "weight without end": (FIRST_1, "high: 4", "high: Infinity", "weights", "“Infinity” is not a valid high.", WEIGHT),
    "score that is no number": (FIRST_1, '"0.875"', "NaN", "NaN", "“NaN” is not a valid score.", SCORE),
    "score finer than its column": (
        FIRST_1,
        '"0.875"',
        '"0.3333"',
        "0.3333",
        "“0.3333” is not a valid score.",
        SCORE,
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_fault_of_form_names_file_line_and_cure(tmp_path, case):
    path, old, new, mark, message, cure = CASES[case]
    text = edited({LAW_A: INSTRUMENT, FIRST_1: VERSION}[path], old, new)

    _library, problems = reading.read_library(write_library(tmp_path, {path: text}))

    assert problems == [Problem(Place(f"library/{path}", line_of(text, mark)), message, cure)]
