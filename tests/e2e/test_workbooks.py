"""A workbook there and back: download it, edit it, upload it, accept some of it, and see that in the draft."""

from io import BytesIO

import openpyxl
import pytest
from django.test import Client
from playwright.sync_api import expect

from questionnaires.importing import load_library
from questionnaires.models import Version, editing
from tests.admin.editors import make_editor
from tests.library_files import write_library

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.fixture
def draft(transactional_db, tmp_path):
    load_library(write_library(tmp_path))
    return Version.objects.get().start_draft()


@pytest.fixture
def signed_in(page, live_server):
    """Signing in is tested elsewhere."""
    client = Client()
    client.force_login(make_editor())
    session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
    page.context.add_cookies([session])


def edited(path):
    book = openpyxl.load_workbook(BytesIO(path.read_bytes()))
    sheet = book["Questions"]
    assert [sheet["B3"].value, sheet["E3"].value] == ["consent.separate", "Do you ask?"]
    sheet["E3"], sheet["F3"], sheet["M3"] = "Do you always ask?", "是否每次都征求？", "low"
    sheet["E4"] = "Do you ask the parents?"
    data = BytesIO()
    book.save(data)
    return {"name": "edited.xlsx", "mimeType": XLSX, "buffer": data.getvalue()}


def test_lawyer_edits_a_workbook_and_accepts_some_changes(page, live_server, draft, signed_in, complaints, violations):
    address = f"{live_server.url}/admin/questionnaires/version/{draft.pk}/change/"
    page.goto(address)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download as a workbook (.xlsx)").click()
    file = edited(download.value.path())
    parents = draft.questions.get(ref="consent.children")
    editing.change(parents, {"text_en": "Do you ask both parents?"}, by=None, seen=parents.revision)

    page.get_by_role("link", name="Upload a file over this draft…").click()
    page.get_by_label("File:", exact=True).set_input_files(
        {"name": "letter.docx", "mimeType": XLSX, "buffer": file["buffer"][:3000]}
    )
    page.get_by_role("button", name="Upload").click()
    expect(page.get_by_role("alert")).to_contain_text("The workbook is damaged.")
    page.get_by_label("File:", exact=True).set_input_files(file)
    page.get_by_role("button", name="Upload").click()

    expect(page.get_by_role("heading", name="Changes of edited.xlsx")).to_be_visible()
    question = page.get_by_role("group", name="Do you always ask? consent.separate")
    expect(question.locator("ins").first).to_have_text("always ")
    conflict = page.get_by_role("group", name="consent.children")
    expect(conflict.get_by_role("checkbox")).not_to_be_checked()
    expect(conflict).to_contain_text("When it was exported: Do you ask parents?")
    assert violations() == []
    severity = question.get_by_label("Change: Severity")
    severity.focus()
    page.keyboard.press("Space")
    expect(severity).not_to_be_checked()
    page.get_by_role("button", name="Take over what is ticked").press("Enter")

    expect(page.locator(".messagelist .success")).to_contain_text("2 changes were taken over.")
    expect(page.locator("main, #main").first).to_contain_text("consent.separate")
    changed = draft.questions.get(ref="consent.separate")
    assert (changed.text_en, changed.text_zh_hans, changed.severity) == (
        "Do you always ask?",
        "是否每次都征求？",
        "critical",
    )
    assert draft.questions.get(ref="consent.children").text_en == "Do you ask both parents?"
    assert complaints == []
