"""From gaps through what if and the cheapest path to actions, and into the PDF."""

import json
import re
from datetime import date
from io import BytesIO

from playwright.sync_api import expect
from pypdf import PdfReader

from questionnaires.models import Action
from questionnaires.reporting.embedding import FILE_NAME
from tests import factories
from tests.e2e.test_journey import prepared_pdf
from tests.reporting.contents import make_two_instruments
from tests.views.browsing import address

LEVELS = {"consent.asked": "no", "consent.recorded": "partly", "storage.encrypted": "no", "storage.short": "no"}


def test_gaps_become_actions_and_stand_in_the_pdf(page, live_server, rendering, sign_in, respondent, complaints):
    organisation = respondent.organisations.get()
    assessment = factories.make_assessment(make_two_instruments(), organisation=organisation)
    factories.state_fact(assessment, "minors", "no")
    for ref, level in LEVELS.items():
        factories.answer(assessment, ref, level)
    sign_in(respondent)

    switch_a_gap(page, f"{live_server.url}{address('what-if', assessment)}")
    plan_the_path(page)
    take_one_on(page, respondent)
    move_it_on_the_board(page)
    page.goto(f"{live_server.url}{address('assessment-review', assessment)}")
    page.get_by_role("button", name="Submit and see the gap report").click()
    expect(page.get_by_role("link", name="Reopen")).to_be_visible()
    body = prepared_pdf(page, page.url.rstrip("/"), "en")

    frozen = json.loads(PdfReader(BytesIO(body)).attachments[FILE_NAME][0])
    assert {action.pop("ref"): tuple(action.values()) for action in frozen["actions"]} == {
        "consent.asked": ("2026-05-01", "1", str(respondent), "done", "Put up a sign"),
        "consent.recorded": (None, "3", None, "to_do", "Do it."),
        "storage.encrypted": (None, "3", None, "to_do", "Do it."),
    }
    assert {gap["ref"] for gap in frozen["result"]["gaps"]} == set(LEVELS)
    assert complaints == []


def switch_a_gap(page, url):
    """At once with script; the address keeps it."""
    page.goto(url)
    expect(page.locator("#said")).to_have_text("Nothing is switched: these are the figures as answered.")
    page.get_by_role("checkbox", name="Is consent.asked done?").check()
    expect(page.locator("#said")).to_contain_text("1 gap met: overall score 7 % → 60 %")
    expect(page.get_by_role("heading", name="1 provision changes its outcome")).to_be_visible()
    expect(page).to_have_url(re.compile(r"\?met=1\.1$"))
    page.reload()
    expect(page.get_by_role("checkbox", name="Is consent.asked done?")).to_be_checked()


def plan_the_path(page):
    page.get_by_role("link", name="Cheapest path").click()
    expect(page.get_by_role("heading", name="3 gaps, 9 person-days.")).to_be_visible()
    page.get_by_text("Effort of each gap").click()
    page.get_by_label("Is consent.asked done?").select_option("S")
    page.get_by_role("button", name="Find the path").click()
    expect(page.get_by_role("heading", name="3 gaps, 7 person-days.")).to_be_visible()
    page.get_by_role("button", name="Plan 3 actions from it").click()
    expect(page.get_by_text("3 actions planned.")).to_be_visible()


def take_one_on(page, owner):
    page.locator("tr", has_text="Is consent.asked done?").get_by_role("link", name="Do it.").click()
    page.get_by_label("What is to be done").fill("Put up a sign")
    page.get_by_label("Owner").select_option(str(owner))
    page.get_by_label("Due on").fill("2026-05-01")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved: “Put up a sign”.")).to_be_visible()


def move_it_on_the_board(page):
    page.get_by_role("link", name="Board").click()
    page.get_by_label("Column for “Put up a sign”").select_option("Done")
    page.locator("article", has_text="Put up a sign").get_by_role("button").click()
    done = page.locator("[data-status=done]")
    expect(done.get_by_role("heading", name="Put up a sign")).to_be_visible()
    expect(done.get_by_text("Done, answer not yet changed")).to_be_visible()
    action = Action.objects.get(status="done")
    assert (action.title, action.due_on) == ("Put up a sign", date(2026, 5, 1))
