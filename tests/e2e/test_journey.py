"""The whole job in a browser, from signing up to the bytes of the PDF."""

import json
import re
from io import BytesIO
from urllib.parse import urljoin

import pytest
from playwright.sync_api import expect
from pypdf import PdfReader

from questionnaires.models import Answer, Assessment
from tests.recomputation import exported, recompute, rounded

ARTICLE = "Facial recognition in China: the frameworks of 2020"
CHINESE_NOTE = "前台和入口均已张贴告知，电子版见员工手册第4章。"
HOSTILE_NOTE = "<script>alert(1)</script> & 😀 done"
FACTS = {
    "What is your part in this deployment?": ["We use facial recognition for our own purposes"],
    "May children under 14 be captured?": ["No"],
    "Do people hold a pass, membership or lease that was agreed with another way of entry or identification?": ["No"],
}


@pytest.fixture
def saved(page):
    """Wait until the card under that prefix says that its answer is stored."""

    def saved(prefix):
        expect(page.locator(f"#{prefix}-saved .saved")).to_be_visible()

    return saved


def sign_up(page, url):
    page.goto(url)
    page.get_by_role("link", name="Start an assessment").click()
    page.get_by_label("Organisation").fill("Lantern Offices")
    page.get_by_label("Email").fill("lin@example.org")
    page.get_by_label("Password*", exact=True).fill("correct horse battery")
    page.get_by_label("Password (again)").fill("correct horse battery")
    page.get_by_role("button", name="Sign Up").click()
    expect(page.get_by_role("heading", name="Nothing here yet")).to_be_visible()


def start_assessment(page):
    page.get_by_role("link", name="Start the first one").click()
    page.get_by_role("link", name=ARTICLE).click()
    page.get_by_label("Name").fill("Office turnstiles")
    page.get_by_label("Deployment assessed").fill("Turnstiles at the Shanghai office")
    page.get_by_role("button", name="Create and describe the facts").click()
    expect(page.get_by_role("heading", name="Facts about the deployment")).to_be_visible()


def state_facts(page, saved):
    """State some facts; the count of applicable questions follows."""
    before = page.locator("#progress .meta").inner_text()
    for text, labels in FACTS.items():
        card = page.locator(".card-fact").filter(has_text=text)
        for label in labels:
            card.get_by_label(label, exact=True).check()
        saved(card.get_attribute("id"))
    assert page.locator("#progress .meta").inner_text() != before


def answer_every_section(page, saved):
    """Answer all that applies: levels in turn, notes here and there. Returns what was given, by question text."""
    given = {}
    page.get_by_role("button", name="Save and go on").click()
    while page.locator("article.question").count():
        for card in page.locator("article.question").all():
            at = len(given)
            prefix = card.get_attribute("id")
            options = card.locator(".option").all()
            levels = options[:-2]
            if at == 4:
                label = options[-2].inner_text()
                options[-2].click()
            else:
                level = levels[at % len(levels)]
                label = level.inner_text()
                level.click()
            saved(prefix)
            note = {2: CHINESE_NOTE, 3: HOSTILE_NOTE}.get(at, "")
            if note:
                card.get_by_label("Note").fill(note)
                with page.expect_response("**/answers/**"):
                    card.get_by_label("Note").blur()
                saved(prefix)
            given[card.locator("legend").inner_text()] = (label, note)
        page.get_by_role("button", name="Save and go on").click()
        page.wait_for_load_state()
    return given


def justify_what_the_review_lists(page):
    expect(page.get_by_role("heading", name="1 “not applicable” without a justification")).to_be_visible()
    expect(page.get_by_role("button", name="Submit and see the gap report")).to_be_disabled()
    page.locator(".review-list a").click()
    card = page.locator("article.question:target")
    card.get_by_label("Why does it not apply?").fill("No such function on these terminals.")
    with page.expect_response("**/answers/**"):
        card.get_by_label("Why does it not apply?").blur()
    page.get_by_role("link", name="Review and submit").click()
    expect(page.get_by_text("Every question that applies is answered.")).to_be_visible()


def download(page, address):
    response = page.request.get(address)
    assert response.status == 200
    return response.body()


def prepared_pdf(page, report, language):
    """Wait on the page that shows how far it is, then fetch what it offers."""
    page.goto(f"{report}/{language}/")
    link = page.get_by_role("link", name="Download PDF")
    expect(link).to_be_visible(timeout=180_000)
    return download(page, urljoin(page.url, link.get_attribute("href")))


def squeezed(text):
    """Text without spaces: a PDF breaks lines, and Chinese ones without a space."""
    return re.sub(r"\s+", "", text)


def pdf_text(body):
    return squeezed("".join(page.extract_text() for page in PdfReader(BytesIO(body)).pages))


def test_whole_job_from_sign_up_to_pdf(page, live_server, library, rendering, saved, complaints):
    sign_up(page, live_server.url)
    start_assessment(page)
    state_facts(page, saved)
    given = answer_every_section(page, saved)
    justify_what_the_review_lists(page)
    page.get_by_role("button", name="Submit and see the gap report").click()
    expect(page.get_by_role("heading", name="Office turnstiles", level=1)).to_be_visible()
    report = page.url.rstrip("/")
    data = json.loads(download(page, f"{report}.json"))
    web = squeezed(page.locator("main").inner_text())
    english, chinese, both = (pdf_text(prepared_pdf(page, report, code)) for code in ("en", "zh-hans", "both"))

    assessment = Assessment.objects.get()
    stored = Answer.objects.filter(assessment=assessment).select_related("question", "level")
    assert {
        a.question.text_en: ("Not applicable" if a.is_not_applicable else a.level.label_en, a.note) for a in stored
    } == {text: (label.removeprefix("✓ "), note) for text, (label, note) in given.items()}
    numbers = recompute(data)
    assert exported(data["result"]) == rounded(numbers)
    score = f"{round(100 * numbers['overall']['value'])}%"
    for text in (english, web):
        assert score in text
        for answer in stored:
            assert squeezed(answer.question.text_en) in text
            assert squeezed(answer.note) in text
    for answer in stored:
        assert squeezed(answer.question.text_zh_hans) in chinese
        if answer.level:
            assert squeezed(answer.level.label_zh_hans) in chinese
        assert squeezed(answer.question.text_en) in both
        assert squeezed(answer.question.text_zh_hans) in both
    assert squeezed(CHINESE_NOTE) in english
    assert squeezed("No such function on these terminals.") in chinese
    assert complaints == []
