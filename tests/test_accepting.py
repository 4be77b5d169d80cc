import pytest

from questionnaires import accepting, merging
from questionnaires.accepting import Refused, accept, changes_of
from questionnaires.diffing import Part
from questionnaires.exporting import version_content
from questionnaires.importing import load_library
from questionnaires.merging import Kind
from questionnaires.models import Edit, Version
from questionnaires.reading import read_version
from questionnaires.tables import rows_of
from tests.factories import make_user
from tests.library_files import VERSION, edited, write_library

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft(tmp_path):
    load_library(write_library(tmp_path))
    return Version.objects.get().start_draft()


def wanted(*edits):
    text = edited(VERSION, "number: 1\n", "number: 2\n")
    for old, new in edits:
        text = edited(text, old, new)
    version, problems = read_version(text.encode(), "first.yaml", is_draft=True)
    assert problems == []
    return version


def take(draft, version, *, chosen=lambda change: True, base=None, by=None):
    ids = [change.id for change in changes_of(draft, rows_of(version), base) if chosen(change)]
    return accept(draft, rows_of(version), base, ids=ids, by=by or make_user())


NEW_SECTION = """  - ref: storage
    title: {en: "Storage", zh: "存储"}
    intro: {en: "Keep.", zh: "保存。"}
    questions:
      - ref: storage.short
        text: {en: "Short?", zh: "短？"}
        why: {en: "Why.", zh: "为何。"}
        evidence: {en: "Proof.", zh: "证明。"}
        remediation: {en: "Do.", zh: "做。"}
        severity: low
        scale: strict
        citations: [law-a/2, law-a/1]
"""
NEW_SCALE = """  - ref: strict
    title: {en: "Strict", zh: "严格"}
    levels:
      - {ref: all, label: {en: "All", zh: "全"}, outcome: met, score: 1}
"""
EVERYTHING = (
    ('title: {en: "First set", zh: "第一套"}', 'title: {en: "Best set", zh: "最好"}'),
    ("high: 4", "high: 5"),
    ("scales:\n", "scales:\n" + NEW_SCALE),
    ('score: "0.875"', 'score: "0.9"'),
    ("kind: choice\n", "kind: choices\n"),
    ("      - {ref: small, label: {en: \"Few\", zh: \"少\"}}\n", ""),
    ('"Consent", zh: "同意"', '"Consents", zh: "各项同意"'),
    ("[law-a/1, law-a/3]", "[law-a/3, law-a/2]"),
    ("        scale: practice\n", "        scale: strict\n"),
    ("duties:\n", NEW_SECTION + "duties:\n"),
    ("rhythm: keep\n    count: 36\n    unit: months", "rhythm: on\n    day: 2027-01-02"),
    ("(met, partly_met)", "(met)"),
)  # fmt: skip


def test_everything_that_differs_can_be_taken_over(draft):
    editor, version = make_user(), wanted(*EVERYTHING)

    count = take(draft, version, by=editor)

    assert version_content(Version.objects.get(pk=draft.pk)) == version
    assert count == len(changes_of(Version.objects.get(pk=draft.pk), rows_of(wanted()), None))  # as many back again
    edits = Edit.objects.filter(version=draft)
    assert {(edit.by, edit.note) for edit in edits} == {(editor, "Import of a file")}
    assert len({edit.batch for edit in edits}) == 1


def test_only_what_is_accepted_is_taken_over(draft):
    version = wanted(("Do you ask?", "Do you ask first?"), ("severity: critical", "severity: low"))

    count = take(draft, version, chosen=lambda change: change.fields[0].column == "severity")

    question = draft.questions.get(ref="consent.separate")
    assert (count, question.severity, question.text_en) == (1, "low", "Do you ask?")


def test_parts_come_in_the_place_and_order_that_the_file_has(draft):
    sections = VERSION[VERSION.index("  - ref: consent\n") : VERSION.index("duties:")]
    new_first = (sections, NEW_SECTION.replace("scale: strict\n", "scale: practice\n") + sections)
    duties = VERSION[VERSION.index("  - ref: audit.regular") : VERSION.index("  - ref: records.kept")]
    version = wanted(new_first, (duties, ""), ("  - ref: filing.deadline\n", duties + "  - ref: filing.deadline\n"))

    take(draft, version)

    assert version_content(draft) == version


def test_question_moves_to_another_section(draft):
    version = wanted(
        ("      - ref: consent.children\n", NEW_SECTION.split("      - ref")[0] + "      - ref: consent.children\n")
    )

    take(draft, version)

    assert version_content(draft) == version


def test_sections_leave_with_their_questions_or_not_at_all(draft):
    take(draft, wanted(("duties:\n", NEW_SECTION.replace("strict", "practice") + "duties:\n")))
    before = Edit.objects.count()

    with pytest.raises(Refused, match=r"Section “storage” is to be removed, but its question “storage.short” is not."):
        take(draft, wanted(), chosen=lambda change: change.key.part is Part.SECTION)
    assert Edit.objects.count() == before

    take(draft, wanted())
    assert version_content(draft) == wanted()


def test_what_does_not_go_together_changes_nothing(draft):
    version = wanted(*EVERYTHING)
    before = version_content(draft)

    with pytest.raises(Refused, match="“strict” is needed, too"):
        take(draft, version, chosen=lambda change: change.key.part is not Part.SCALE)
    with pytest.raises(Refused, match=r"A scale is to be removed that questions still use."):
        take(
            draft,
            wanted(
                ("scale: practice\n", "scale: yes-no\n"),
                (VERSION[VERSION.index("  - ref: practice") : VERSION.index("facts:")], ""),
            ),
            chosen=lambda change: change.kind is Kind.REMOVE,
        )

    assert version_content(draft) == before
    assert Edit.objects.count() == 0


def test_draft_that_changed_since_it_was_seen_is_looked_at_again(draft):
    version = wanted(("Do you ask?", "Do you ask first?"))
    ids = [change.id for change in changes_of(draft, rows_of(version), None)]
    draft.questions.filter(ref="consent.separate").update(text_en="Do you ever ask?")

    with pytest.raises(Refused, match="The draft has changed since you saw this"):
        accept(draft, rows_of(version), None, ids=ids, by=make_user())

    assert draft.questions.get(ref="consent.separate").text_en == "Do you ever ask?"


def test_conflict_is_told_and_taken_only_on_purpose(draft):
    base = rows_of(version_content(draft))
    draft.questions.filter(ref="consent.separate").update(text_en="Do you ever ask?")
    version = wanted(("Do you ask?", "Do you ask first?"), ("severity: critical", "severity: low"))

    found = changes_of(draft, rows_of(version), base)
    take(draft, version, base=base, chosen=lambda change: not change.is_conflict)

    assert [(change.fields[0], change.is_conflict) for change in found] == [
        (merging.Field("text_en", "Do you ask?", "Do you ever ask?", "Do you ask first?"), True),
        (merging.Field("severity", "critical", "critical", "low"), False),
    ]
    question = draft.questions.get(ref="consent.separate")
    assert (question.text_en, question.severity) == ("Do you ever ask?", "low")


def test_published_version_takes_nothing(draft):
    version = wanted(("Do you ask?", "Do you ask first?"))
    draft.publish()

    with pytest.raises(Version.Published):
        take(draft, version)


def test_parts_stand_before_what_belongs_to_them():
    order = list(accepting.MODELS)

    assert order.index(Part.SCALE) < order.index(Part.LEVEL)
    assert order.index(Part.SECTION) < order.index(Part.QUESTION)
    assert order.index(Part.FACT) < order.index(Part.CHOICE)
