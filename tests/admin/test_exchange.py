"""Files of a version in the admin: downloads, uploads over a draft, uploads as a new draft."""

import re
from io import BytesIO

import openpyxl
import pytest
from bs4 import BeautifulSoup
from django.core.files.uploadedfile import SimpleUploadedFile

from questionnaires import uploads
from questionnaires.admin import exchange
from questionnaires.exporting import version_content
from questionnaires.importing import load_library
from questionnaires.models import Edit, Instrument, PendingImport, QuestionSet, Version
from questionnaires.reading import read_version
from questionnaires.writing import version_yaml
from tests.admin.editors import make_editor, make_organisation_editor, make_reviewer, page, sign_in_editor
from tests.factories import make_draft, make_organisation, make_question, make_section
from tests.library_files import INSTRUMENT, VERSION, edited, next_edition, write_library

pytestmark = pytest.mark.django_db


@pytest.fixture
def published(tmp_path):
    load_library(write_library(tmp_path))
    return Version.objects.get()


@pytest.fixture
def draft(published):
    return published.start_draft()


def as_file(data, name="first.yaml"):
    return {"file": SimpleUploadedFile(name, data.encode() if isinstance(data, str) else data)}


def workbook_of(client, version, **cells):
    """The downloaded workbook with cells edited: `Questions_E3="..."`."""
    book = openpyxl.load_workbook(BytesIO(client.get(page("version_workbook", version.pk)).content))
    for name, value in cells.items():
        sheet, cell = name.split("_")
        book[sheet][cell] = value
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def text_of(response):
    return " ".join(response.content.decode().split())


# --- downloads ---


def test_version_downloads_in_the_format_of_the_library(client, published):
    sign_in_editor(client)

    response = client.get(page("version_yaml", published.pk))

    assert response.content.decode() == version_yaml(version_content(published))
    assert read_version(response.content, "")[0] == version_content(published)
    assert response["Content-Disposition"] == 'attachment; filename="first-1.yaml"'


def test_instrument_downloads_in_the_format_of_the_library(client, published):
    sign_in_editor(client)

    response = client.get(page("instrument_yaml", Instrument.objects.get().pk))

    assert response.content.decode().startswith(INSTRUMENT.partition("in_force_until")[0])


def test_workbook_downloads_with_labels_in_the_language_in_use(client, published):
    sign_in_editor(client)
    client.cookies["django_language"] = "zh-hans"

    response = client.get(page("version_workbook", published.pk))

    book = openpyxl.load_workbook(BytesIO(response.content))
    assert response["Content-Disposition"] == 'attachment; filename="first-1.xlsx"'
    assert [book["Questions"].cell(2, at).value for at in (5, 6)] == ["文字 (English)", "文字 (中文)"]
    assert book["Citations"]["C3"].value == "甲法"


@pytest.mark.parametrize("questions", [1, 3])
@pytest.mark.parametrize(("name", "queries"), [("version_yaml", 15), ("version_workbook", 16)])
def test_downloads_cost_constant_queries(client, django_assert_num_queries, questions, name, queries):
    draft = make_draft()
    for _ in range(questions):
        make_question(make_section(draft))
    sign_in_editor(client)

    with django_assert_num_queries(queries):
        client.get(page(name, draft.pk))


# --- an upload over a draft ---


def test_upload_is_shown_word_by_word_and_what_is_ticked_is_taken_over(client, draft):
    editor = sign_in_editor(client)
    data = workbook_of(client, draft, Questions_E3="Do you always ask?", Questions_M3="low", Questions_H3=None)

    shown = client.post(page("version_import", draft.pk), as_file(data, "mine.xlsx"), follow=True)
    boxes = {p.label: p.id for s in shown.context["subjects"] for p in s.proposals}
    client.post(shown.request["PATH_INFO"], {"accept": [boxes["Change: Text (English)"], boxes["Change: Severity"]]})

    assert "Do you <ins>always </ins>ask?" in text_of(shown)
    assert "<del>Faces are sensitive.</del>" in text_of(shown) or "<del>人脸敏感。</del>" in text_of(shown)
    assert shown.content.decode().count(" checked>") == 3
    question = draft.questions.get(ref="consent.separate")
    assert (question.text_en, question.severity, question.why_zh_hans) == ("Do you always ask?", "low", "人脸敏感。")
    assert list(Edit.objects.values_list("field", "by", "note").order_by("field")) == [
        ("severity", editor.pk, "Import of a file"),
        ("text_en", editor.pk, "Import of a file"),
    ]
    assert not PendingImport.objects.exists()


def test_conflict_is_shown_unticked_with_all_three_texts(client, draft):
    sign_in_editor(client)
    data = workbook_of(client, draft, Questions_E3="Do you always ask?")
    draft.questions.filter(ref="consent.separate").update(text_en="Do you ever ask?", why_en="Since the export.")

    shown = client.post(page("version_import", draft.pk), as_file(data), follow=True)

    (subject,) = shown.context["subjects"]
    (proposal,) = subject.proposals
    assert (proposal.is_conflict, proposal.fields[0].base) == (True, "Do you ask?")
    assert "Do you <del>ever</del><ins>always</ins> ask?" in text_of(shown)
    assert "checked>" not in shown.content.decode()


def test_draft_that_changed_while_it_was_looked_at_is_shown_again(client, draft):
    sign_in_editor(client)
    shown = client.post(
        page("version_import", draft.pk), as_file(edited(VERSION, "Do you ask?", "Do you always ask?")), follow=True
    )
    ((proposal,),) = [subject.proposals for subject in shown.context["subjects"]]
    draft.questions.filter(ref="consent.separate").update(text_en="Do you ever ask?")

    again = client.post(shown.request["PATH_INFO"], {"accept": [proposal.id]})

    assert "The draft has changed since you saw this" in text_of(again)
    assert draft.questions.get(ref="consent.separate").text_en == "Do you ever ask?"
    assert PendingImport.objects.count() == 1


def test_changes_that_one_page_does_not_hold_follow(client, draft, monkeypatch):
    monkeypatch.setattr(exchange, "SHOWN", 1)
    sign_in_editor(client)
    file = as_file(edited(edited(VERSION, "Do you ask?", "Do you always ask?"), "severity: critical", "severity: low"))

    shown = client.post(page("version_import", draft.pk), file, follow=True)
    ((proposal,),) = [subject.proposals for subject in shown.context["subjects"]]
    rest = client.post(shown.request["PATH_INFO"], {"accept": [proposal.id], "more": "1"}, follow=True)

    assert (shown.context["left_out"], rest.context["left_out"], rest.context["count"]) == (1, 0, 1)


def test_file_with_faults_changes_nothing_and_names_each(client, draft):
    sign_in_editor(client)
    file = as_file(edited(VERSION, "severity: critical", "severity: dire\n        colour: red"))

    response = client.post(page("version_import", draft.pk), file)

    assert "Nothing was taken over: the file has 2 faults" in text_of(response)
    assert "<strong>line 37:</strong> “dire” is not a valid severity." in text_of(response)
    assert not PendingImport.objects.exists()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (VERSION + "\ttab", "这不是有效的YAML：字符'\\t'不能出现在开头。 请更正缩进或引号。"),
        (VERSION + 'more: "\\xZZ"', "这不是有效的YAML：转义序列应有2位十六进制数字，却出现'Z'。"),
        (edited(VERSION, "number: 1", "number: one"), "“one”不是有效的number。 版本号请依次用1、2、3……"),
        (edited(VERSION, "scale: practice", "scale: theory"), "“theory”不是本版本的量表。 请使用本版本的量表。"),
        (edited(VERSION, "ref: large", "ref: small"), "选项“small”重复；第一处在"),
    ],
)
def test_faults_of_a_file_are_told_in_chinese(client, draft, data, fault):
    sign_in_editor(client)
    client.cookies["django_language"] = "zh-hans"

    response = client.post(page("version_import", draft.pk), as_file(data))

    faults = BeautifulSoup(response.content, "html.parser").select("li:has(strong)")
    said = " ".join(item.get_text() for item in faults)
    assert fault in said
    assert not re.search(r"[A-Za-z]+ [a-z]+ [a-z]+", said)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (edited(VERSION, "slug: first", "slug: other"), "This file is of the question set “other”, not of “first”."),
        (b"x" * (uploads.MAX_SIZE + 1), "The file is over 5 MB."),
        (b"", "The submitted file is empty."),
    ],
)
def test_file_that_is_not_for_this_draft_is_refused(client, draft, data, message):
    sign_in_editor(client)

    response = client.post(page("version_import", draft.pk), as_file(data))

    assert message in text_of(response)


def test_file_can_be_discarded_and_a_newer_one_takes_its_place(client, draft):
    sign_in_editor(client)
    first = client.post(page("version_import", draft.pk), as_file(VERSION))
    second = client.post(page("version_import", draft.pk), as_file(VERSION))

    assert client.get(first["Location"]).status_code == 404
    assert "there is nothing to take over" in text_of(client.get(second["Location"]))
    client.post(f"{second['Location']}discard/")
    assert not PendingImport.objects.exists()


# --- who may ---


def test_upload_of_another_person_is_not_found(client, draft):
    sign_in_editor(client)
    mine = client.post(page("version_import", draft.pk), as_file(VERSION))["Location"]
    client.force_login(make_editor())

    assert [client.get(mine).status_code, client.post(f"{mine}discard/").status_code] == [404, 404]


def test_only_who_edits_a_version_uploads_over_it(client, draft):
    client.force_login(make_reviewer())

    assert client.get(page("version_workbook", draft.pk)).status_code == 200
    assert client.get(page("version_import", draft.pk)).status_code == 403
    assert client.get(page("questionset_import", draft.question_set_id)).status_code == 403


def test_private_content_is_not_found_by_strangers(client, draft):
    ours, theirs = make_organisation("Ours"), make_organisation("Theirs")
    QuestionSet.objects.update(organisation=theirs)
    client.force_login(make_organisation_editor(ours))
    names = ["version_yaml", "version_workbook", "version_import"]

    assert [client.get(page(name, draft.pk)).status_code for name in names] == [404] * 3
    assert client.get(page("questionset_import", draft.question_set_id)).status_code == 404


def test_published_version_takes_no_upload(client, published):
    sign_in_editor(client)

    response = client.get(page("version_import", published.pk), follow=True)

    assert "Only a draft takes changes: start one from this version." in text_of(response)
    assert page("version_import", published.pk) not in text_of(response)


def test_wrong_methods_are_refused(client, draft):
    sign_in_editor(client)

    assert client.post(page("version_yaml", draft.pk)).status_code == 405
    assert client.post(page("version_workbook", draft.pk)).status_code == 405
    pending = client.post(page("version_import", draft.pk), as_file(VERSION))["Location"]
    assert client.get(f"{pending}discard/").status_code == 405


# --- a new draft ---


def test_upload_becomes_a_new_draft(client, published):
    sign_in_editor(client)
    text = edited(next_edition(7), "Do you ask?", "Do you always ask?")

    response = client.post(page("questionset_import", published.question_set_id), as_file(text), follow=True)

    draft = Version.objects.get(number=2)
    assert response.redirect_chain[-1][0] == page("version_change", draft.pk)
    expected, _problems = read_version(edited(text, "number: 7", "number: 2").encode(), "")
    assert (version_content(draft), draft.is_draft) == (expected, True)


def test_new_draft_comes_whole_or_not_at_all(client, published):
    sign_in_editor(client)
    text = edited(next_edition(), "[law-a/2, law-a/1]", "[law-a/2, law-a/9]")

    response = client.post(page("questionset_import", published.question_set_id), as_file(text))

    assert "“filing.deadline” cites “law-a/9”, which is not a provision of the library." in text_of(response)
    assert Version.objects.count() == 1
