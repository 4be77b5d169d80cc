from datetime import date
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from questionnaires.importing import Loaded, Refused, load_library
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Contradiction,
    Duty,
    DutyCitation,
    Edit,
    Fact,
    FactChoice,
    Instrument,
    Provision,
    Question,
    QuestionSet,
    Section,
    Version,
)
from tests.factories import make_draft
from tests.library_files import (
    FIRST_1,
    INSTRUMENT,
    LAW_A,
    VERSION,
    edited,
    next_edition,
    write_library,
)

pytestmark = pytest.mark.django_db

SECOND = "question-sets/first/2.yaml"
TABLES = (
    Instrument,
    Provision,
    QuestionSet,
    Version,
    AnswerScale,
    AnswerLevel,
    Fact,
    FactChoice,
    Section,
    Question,
    Citation,
    Duty,
    DutyCitation,
    Contradiction,
)


def everything():
    return {model.__name__: list(model.objects.order_by("pk").values()) for model in TABLES}


def test_load_library_writes_both_languages(tmp_path):
    loaded = load_library(write_library(tmp_path))

    question = Question.objects.get(ref="consent.children")
    provision = Provision.objects.get(key="law-a/2")
    assert loaded == Loaded(instruments=1, provisions=3, versions=1)
    assert (question.text_en, question.text_zh_hans) == ("Do you ask parents?", "是否征求家长？")
    assert (question.group_zh_hans, question.applies_if, question.scale.ref) == ("儿童", "minors == yes", "practice")
    assert (provision.ref_en, provision.ref_zh_hans, provision.change_note_zh_hans) == ("Art. 2", "第2条", "2020年新增")
    assert (provision.is_derived, provision.verification, provision.superseded_by.key) == (True, "section", "law-a/1")
    assert (provision.in_force_from, provision.in_force_until) == (date(2022, 1, 1), date(2029, 12, 31))


def test_load_library_writes_duties_and_contradictions_in_both_languages_and_in_order(tmp_path):
    load_library(write_library(tmp_path))

    timing = ("rhythm", "day", "month", "day_of_month", "count", "unit", "event_en", "event_zh_hans")
    growth, nothing = ("reaching 100,000 persons", "达到10万人"), ("", "")
    assert list(Duty.objects.values_list("ref", "position", *timing)) == [
        ("filing.deadline", 0, "on", date(2025, 7, 14), None, None, None, "", *nothing),
        ("filing.growth", 1, "within", None, None, None, 30, "working_days", *growth),
        ("minors.report", 2, "yearly", None, 1, 31, None, "", *nothing),
        ("audit.regular", 3, "every", None, None, None, 2, "years", *nothing),
        ("records.kept", 4, "keep", None, None, None, 36, "months", *nothing),
    ]
    first = Duty.objects.get(ref="filing.deadline")
    assert (first.title_en, first.title_zh_hans) == ("File what is stored", "备案存量")
    assert (first.text_en, first.text_zh_hans) == ("Stores of before are filed.", "存量应当备案。")
    assert (first.applies_if, first.version) == ("minors == yes", Version.objects.get())
    cited = DutyCitation.objects.filter(duty=first).values_list("provision__key", "position")
    assert list(cited) == [("law-a/2", 0), ("law-a/1", 1)]
    contradiction = Contradiction.objects.get()
    assert (contradiction.ref, contradiction.version) == ("children.unseen", Version.objects.get())
    assert contradiction.holds_if == "minors == no and consent.children in (met, partly_met)"
    assert contradiction.text_en == "No children, yet parents are asked."
    assert contradiction.text_zh_hans == "无儿童却征求家长。"


def test_jurisdiction_follows_its_file(tmp_path):
    load_library(write_library(tmp_path))
    before = Instrument.objects.get().jurisdiction
    abroad = edited(INSTRUMENT, "stage: adopted", "stage: adopted\njurisdiction: us-il")

    loaded = load_library(write_library(tmp_path, {LAW_A: abroad}))

    assert (before, Instrument.objects.get().jurisdiction) == ("cn", "us-il")
    assert loaded == Loaded(instruments=1, provisions=0, versions=0)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_load_library_fills_the_bare_column_with_english_whoever_loads(tmp_path, language):
    changed = edited(INSTRUMENT, 'title: {en: "Law A"', 'title: {en: "Law A, revised"')

    with override(language):
        load_library(write_library(tmp_path))
        load_library(write_library(tmp_path, {LAW_A: changed}))

    assert Question.objects.rewrite(False).filter(text="Do you ask parents?").count() == 1
    assert Duty.objects.rewrite(False).filter(title="Audit").count() == 1
    assert Contradiction.objects.rewrite(False).filter(text="No children, yet parents are asked.").count() == 1
    assert Instrument.objects.rewrite(False).filter(title="Law A, revised").count() == 1


def test_load_library_keeps_the_order_of_the_files(tmp_path):
    load_library(write_library(tmp_path))

    version = Version.objects.get()
    refs = [list(part.values_list("ref", flat=True)) for part in (version.scales, version.facts, version.sections)]
    assert refs == [["yes-no", "practice"], ["minors", "size"], ["consent"]]
    assert list(version.questions.values_list("ref", flat=True)) == ["consent.separate", "consent.children"]
    assert list(FactChoice.objects.values_list("ref", flat=True)) == ["small", "large"]
    cited = Citation.objects.filter(question__ref="consent.separate").values_list("provision__key", flat=True)
    assert list(cited) == ["law-a/1", "law-a/3"]


def test_load_library_publishes_with_the_weights_of_the_file(tmp_path):
    load_library(write_library(tmp_path))

    version = Version.objects.get()
    assert version.is_published
    assert list(version.weights.values()) == [Decimal(8), Decimal(4), Decimal("2.5"), Decimal(1)]


def test_load_library_again_changes_nothing(tmp_path):
    folder = write_library(tmp_path)
    load_library(folder)
    before = everything()

    again = load_library(folder)

    assert again == Loaded(instruments=0, provisions=0, versions=0)
    assert everything() == before


def test_load_library_costs_the_same_for_more_questions(tmp_path, django_assert_num_queries):
    at, end = VERSION.index("      - ref: consent.children"), VERSION.index("duties:")
    question, duties = VERSION[at:end], VERSION[end : VERSION.index("contradictions:")]
    questions = "".join(edited(question, "consent.children", f"consent.child{n}") for n in range(30))
    later = "".join(duties.removeprefix("duties:\n").replace("ref: ", f"ref: {n}.") for n in range(5))
    many = f"{VERSION[:at]}{question}{questions}{duties}{later}{VERSION[end + len(duties) :]}"
    load_library(write_library(tmp_path))

    with CaptureQueriesContext(connection) as few:
        load_library(write_library(tmp_path / "few", {SECOND: next_edition()}))
    with django_assert_num_queries(len(few)):
        third = edited(many, "number: 1", "number: 3")
        load_library(write_library(tmp_path / "many", {"question-sets/first/3.yaml": third}))

    assert Question.objects.filter(version__number=3).count() == 32
    assert Duty.objects.filter(version__number=3).count() == 6 * 5


def test_instruments_follow_their_files(tmp_path):
    load_library(write_library(tmp_path))
    changed = edited(INSTRUMENT, "in_force_until: 2030-12-31", "in_force_until: 2031-12-31")
    changed = edited(changed, "征得同意", "取得同意")

    loaded = load_library(write_library(tmp_path, {LAW_A: changed}))

    assert loaded == Loaded(instruments=1, provisions=1, versions=0)
    assert Instrument.objects.get().in_force_until == date(2031, 12, 31)
    assert Provision.objects.get(key="law-a/1").statement_zh_hans == "先取得同意。"
    assert [(e.ref, e.field, e.old, e.by, e.note) for e in Edit.objects.all()] == [
        ("law-a", "in_force_until", "2030-12-31", None, "load_library"),
        ("law-a/1", "statement_zh_hans", "先征得同意。", None, "load_library"),
    ]


def test_instrument_gets_and_loses_a_successor(tmp_path):
    successor = INSTRUMENT.replace("law-a", "law-b").replace("2030-", "2040-").replace("2029-", "2039-")
    successor = successor.replace("2022-", "2032-").replace("2021-", "2031-")
    superseded = edited(INSTRUMENT, "stage: adopted", "stage: adopted\nsuperseded_by: law-b")
    load_library(write_library(tmp_path))

    first = load_library(write_library(tmp_path, {LAW_A: superseded, "instruments/law-b.yaml": successor}))
    got = Instrument.objects.get(slug="law-a").superseded_by
    second = load_library(write_library(tmp_path, {"instruments/law-b.yaml": successor}))

    assert got == Instrument.objects.get(slug="law-b")
    assert Instrument.objects.get(slug="law-a").superseded_by is None
    assert (first, second) == (Loaded(2, 3, 0), Loaded(1, 0, 0))


def test_text_left_out_of_a_file_is_taken_back(tmp_path):
    load_library(write_library(tmp_path))
    without_note = edited(INSTRUMENT, 'note: {en: "Read with care.", zh: "请谨慎阅读。"}\n', "")

    load_library(write_library(tmp_path, {LAW_A: without_note}))

    law = Instrument.objects.get()
    assert (law.note_en, law.note_zh_hans) == ("", "")


def test_second_version_leaves_the_first_as_it_was(tmp_path):
    load_library(write_library(tmp_path))
    first = list(Question.objects.values())
    second = edited(next_edition(), "Do you ask?", "Do you always ask?")

    loaded = load_library(write_library(tmp_path, {SECOND: second}))

    assert loaded == Loaded(0, 0, 1)
    assert list(Question.objects.filter(version__number=1).values()) == first
    texts = (
        Question.objects.filter(ref="consent.separate").order_by("version__number").values_list("text_en", flat=True)
    )
    assert list(texts) == ["Do you ask?", "Do you always ask?"]


def test_title_of_a_question_set_is_that_of_its_highest_version(tmp_path):
    files = {
        f"question-sets/first/{number}.yaml": edited(next_edition(number), "First set", f"Set {number}")
        for number in (2, 10)
    }

    load_library(write_library(tmp_path, files))

    assert QuestionSet.objects.get().title_en == "Set 10"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Do you ask?", "Do you ever ask?"),
        ("是否征求？", "是否同意？"),
        ("severity: medium", "severity: low"),
        ("high: 4", "high: 5"),
        ('"0.875"', '"0.9"'),
        ("[law-a/1, law-a/3]", "[law-a/3, law-a/1]"),
        ("minors == yes", "minors != no"),
        ("ref: large", "ref: huge"),
        ("rhythm: keep", "rhythm: every"),
        ("day: 2025-07-14", "day: 2025-07-15"),
        ("count: 36", "count: 35"),
        ("unit: working_days", "unit: days"),
        ("达到10万人", "达到100万人"),
        ("[law-a/2, law-a/1]", "[law-a/2]"),
        ("无儿童却征求家长。", "并无儿童。"),
        ("(met, partly_met)", "(met)"),
    ],
)
def test_published_version_that_changed_is_refused_and_nothing_is_loaded(tmp_path, old, new):
    load_library(write_library(tmp_path))
    before = everything()
    files = {
        FIRST_1: edited(VERSION, old, new),
        LAW_A: edited(INSTRUMENT, "征得同意", "取得同意"),
        "question-sets/alpha/1.yaml": edited(VERSION, "slug: first", "slug: alpha"),
    }

    with pytest.raises(Refused) as caught:
        load_library(write_library(tmp_path, files))

    assert caught.value.problems == [
        "library/question-sets/first/1.yaml: version 1 of first is already published and differs. "
        "Restore the file and make the change as version 2."
    ]
    assert everything() == before


def test_published_version_may_move_its_lines(tmp_path):
    load_library(write_library(tmp_path))
    before = everything()

    loaded = load_library(write_library(tmp_path, {FIRST_1: "# a comment\n\n" + VERSION.replace("first set", "x")}))

    assert loaded == Loaded(0, 0, 0)
    assert everything() == before


def test_version_with_the_number_of_a_draft_is_refused(tmp_path):
    make_draft("first")

    with pytest.raises(Refused, match=r"version 1 of first is already a draft in the admin and differs\."):
        load_library(write_library(tmp_path))

    assert not Version.objects.get().is_published
    assert Instrument.objects.count() == 0


def test_fault_in_one_file_loads_nothing(tmp_path):
    files = {"instruments/law-b.yaml": INSTRUMENT.replace("law-a", "law-b").replace("stage: adopted", "stage: passed")}

    with pytest.raises(Refused) as caught:
        load_library(write_library(tmp_path, files))

    assert caught.value.problems == [
        "library/instruments/law-b.yaml:7: “passed” is not a valid stage. Use one of: adopted, draft."
    ]
    assert not any(everything().values())


def test_instrument_without_its_file_stays(tmp_path):
    load_library(write_library(tmp_path, {"instruments/law-b.yaml": INSTRUMENT.replace("law-a", "law-b")}))

    load_library(write_library(tmp_path / "fewer"))

    assert list(Instrument.objects.order_by("slug").values_list("slug", flat=True)) == ["law-a", "law-b"]


def test_command_says_what_it_loaded(tmp_path):
    out = StringIO()

    call_command("load_library", folder=write_library(tmp_path), stdout=out)

    assert out.getvalue() == "Library: 1 instruments and 3 provisions new or changed, 1 versions published.\n"


def test_command_names_the_faults(tmp_path):
    folder = write_library(tmp_path, {LAW_A: edited(INSTRUMENT, "stage: adopted", "stage: passed")})

    with pytest.raises(CommandError) as caught:
        call_command("load_library", folder=folder)

    assert str(caught.value).startswith("library/instruments/law-a.yaml:7: “passed” is not a valid stage.")


def test_folder_without_a_library_is_refused(tmp_path):
    with pytest.raises(Refused, match=r"holds no instruments/\*\.yaml"):
        load_library(tmp_path)
