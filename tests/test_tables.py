from decimal import Decimal

from hypothesis import HealthCheck, given, settings

from questionnaires import content
from questionnaires.content import Place
from questionnaires.diffing import Part
from questionnaires.reading import read_version
from questionnaires.scoring import Severity
from questionnaires.tables import Key, Line, rows_of, version_of
from tests import strategies
from tests.library_files import VERSION


def lines_of(rows):
    lines = {}
    for key, row in rows.items():
        lines.setdefault(key.part, []).append(Line(len(lines.get(key.part, ())) + 3, row))
    return lines


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(version=strategies.versions())
def test_generated_version_survives(version):
    again, problems = version_of(lines_of(rows_of(version)))

    assert problems == []
    assert again == version


def test_row_says_what_a_part_says():
    version, _problems = read_version(VERSION.encode(), "first.yaml")

    assert rows_of(version)[Key(Part.QUESTION, "", "consent.children")] == {
        "section": "consent",
        "ref": "consent.children",
        "group_en": "Children",
        "group_zh": "儿童",
        "text_en": "Do you ask parents?",
        "text_zh": "是否征求家长？",
        "why_en": "Children cannot.",
        "why_zh": "儿童不能。",
        "evidence_en": "A form.",
        "evidence_zh": "表格。",
        "remediation_en": "Ask parents.",
        "remediation_zh": "征求家长。",
        "severity": "medium",
        "scale": "practice",
        "applies_if": "minors == yes",
        "citations": "law-a/2",
    }
    assert rows_of(version)[Key(Part.LEVEL, "practice", "good")]["score"] == "0.875"


def test_faults_name_the_cell():
    version, _problems = read_version(VERSION.encode(), "first.yaml")
    rows = {key: dict(row) for key, row in rows_of(version).items()}
    rows[Key(Part.QUESTION, "", "consent.separate")] |= {"severity": "dire", "section": "nowhere"}
    rows[Key(Part.LEVEL, "practice", "good")] |= {"label_zh": "好" * 101, "score": "much"}
    rows[Key(Part.VERSION, "", "")] |= {"weight_low": "", "title_en": ""}  # of a draft a text may be missing

    _version, problems = version_of(lines_of(rows))

    assert [(problem.place, problem.message) for problem in problems] == [
        (Place("level.label_zh", 5), "“zh” is over 100 characters."),
        (Place("level.score", 5), "“much” is not a valid score."),
        (Place("question.section", 3), "“nowhere” is no section of this version."),
        (Place("question.severity", 3), "“dire” is not a valid severity."),
        (Place("version", 3), "“low” is missing."),
    ]


def test_version_without_parts_survives():
    version = content.Version(
        "bare",
        1,
        content.EMPTY,
        content.Text("", "中"),
        weights=dict.fromkeys(Severity, Decimal(1)),
        scales=(),
        facts=(),
        sections=(),
        place=Place("", 1),
    )

    again, problems = version_of(lines_of(rows_of(version)))

    assert (again, problems) == (version, [])
