"""The addresses of a report: who gets what, under which headers. What a report says is tested in tests/reporting."""

import hashlib
import json
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.core.cache import caches
from django.urls import reverse

from frcheck.accounts.models import Organisation, User
from questionnaires.models import (
    Assessment,
    Instrument,
    Provision,
    QuestionSet,
    Report,
    ReportFile,
    ReportSettings,
)
from questionnaires.models.freezing import canonical, frozen_content
from tests.factories import (
    answer,
    answer_all,
    make_action,
    make_assessment,
    make_draft,
    make_member,
    make_organisation,
    make_question,
    make_section,
    make_submitted,
    make_version,
    state_fact,
)
from tests.views.browsing import address, query_count, read, start, text, texts

pytestmark = pytest.mark.django_db
HOSTILE = "<script>alert(1)</script> & 张贴 😀"
LANGUAGES = [("en", "English"), ("zh-hans", "Chinese"), ("both", "English and Chinese")]


@pytest.fixture
def submitted(client):
    assessment = make_submitted(make_version(questions=2), level="no", name="Gate 1")
    client.force_login(assessment.created_by)
    return assessment


def get(client, assessment, **query):
    return read(client.get(reverse("questionnaires:assessment-report", args=[assessment.uuid], query=query or None)))


def article(response):
    return str(BeautifulSoup(response.content, "html.parser").find("article", "report"))


def is_drawn(response):
    return "reports/_article.html" in {template.name for template in response.templates}


def links(page):
    return {text(a): a["href"] for a in page.select("main a[href]")}


# --- on the web ---------------------------------------------------------------------------------------------------


def test_submitted_report_offers_its_downloads_and_reopening(client, submitted):
    page = get(client, submitted)

    assert texts(page, "h1") == ["Gate 1"]
    assert page.select(".draft") == []
    pdfs = {href for href in links(page).values() if href.endswith(".pdf")}
    assert pdfs == {address("report-pdf", submitted, language) for language, _label in LANGUAGES}
    assert address("report-data", submitted) in links(page).values()
    assert links(page)["Reopen"] == address("assessment-reopen", submitted)


def test_report_of_an_open_assessment_is_a_draft_without_pdf(client):
    assessment = start(client, make_version(questions=2))
    answer(assessment, "topic.q1", "no", note=HOSTILE)

    page = get(client, assessment)

    assert len(page.select(".draft")) == 1
    assert [href for href in links(page).values() if href.endswith(".pdf")] == []
    assert HOSTILE in text(page)
    assert [script for script in page.find_all("script") if not script.get("src")] == []
    assert (Report.objects.count(), ReportFile.objects.count()) == (0, 0)


def test_report_without_any_answer_opens(client):
    assessment = start(client)

    page = get(client, assessment)

    assert (texts(page, "h1"), len(page.select(".draft"))) == (["Gate"], 1)


def test_viewer_is_not_offered_reopening(client, submitted):
    client.force_login(make_member(submitted.organisation))

    page = get(client, submitted)

    assert address("assessment-reopen", submitted) not in links(page).values()
    assert address("report-data", submitted) in links(page).values()


def test_report_that_was_reopened_is_not_reopened_again(client, submitted):
    submitted.reopen(by=submitted.created_by)

    page = get(client, submitted)

    assert address("assessment-reopen", submitted) not in links(page).values()


def test_report_shows_what_was_frozen_not_what_was_answered_since(client, submitted):
    revision = submitted.reopen(by=submitted.created_by)
    answer(revision, "topic.q1", "yes", seen=1, note="Mended since")

    old, new = get(client, submitted), get(client, revision)

    assert ("Mended since" in text(old), "Mended since" in text(new)) == (False, True)


@pytest.mark.parametrize(
    ("language", "shows_english", "shows_chinese"),
    [("en", True, False), ("zh-hans", False, True), ("both", True, True), ("xx", True, False), ("\x00", True, False)],
)
def test_report_language_is_chosen_by_the_address(client, submitted, language, shows_english, shows_chinese):
    page = get(client, submitted, language=language)

    said = text(page.article)
    assert ("Is topic.q1 done? " in f"{said} ", "Is topic.q1 done?中文" in said) == (shows_english, shows_chinese)
    current = [a["href"] for a in page.select("a[aria-current=true]")]
    assert current == [f"?language={language if language in dict(LANGUAGES) else 'en'}"]


def test_report_follows_the_language_of_the_page(client, submitted):
    client.cookies["django_language"] = "zh-hans"

    page = get(client, submitted)

    assert "Is topic.q1 done?中文" in text(page.article)


# --- as data ------------------------------------------------------------------------------------------------------


def test_data_of_a_submitted_report_are_the_bytes_behind_its_digest(client, submitted):
    report = Report.objects.get()

    response = client.get(address("report-data", submitted))

    assert response["Content-Type"] == "application/json"
    assert response["Content-Disposition"] == 'attachment; filename="frcheck-gate-1-r1.json"'
    assert hashlib.sha256(response.content).hexdigest() == report.digest
    assert json.loads(response.content) == report.content


def test_data_of_an_open_assessment_are_what_it_would_say_now(client):
    assessment = start(client)
    answer(assessment, "topic.q1", "no", note=HOSTILE)

    response = client.get(address("report-data", assessment))

    assert response.content == canonical(frozen_content(assessment))
    assert (json.loads(response.content)["assessment"]["submitted_at"], Report.objects.count()) == (None, 0)


def test_report_is_the_same_at_every_request(client, submitted):
    before = client.get(address("report-data", submitted)).content
    submitted.reopen(by=submitted.created_by)

    assert client.get(address("report-data", submitted)).content == before


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("张三的闸机", "frcheck-report-r1.json"),
        ('a"b\r\nSet-Cookie: x', "frcheck-ab-set-cookie-x-r1.json"),
        ("../../etc/passwd", "frcheck-etcpasswd-r1.json"),
        ("x" * 200, f"frcheck-{'x' * 200}-r1.json"),
    ],
)
def test_file_name_is_plain_whatever_the_assessments_name(client, name, expected):
    assessment = start(client, name=name)

    response = client.get(address("report-data", assessment))

    assert response["Content-Disposition"] == f'attachment; filename="{expected}"'


# --- queries ------------------------------------------------------------------------------------------------------


def test_submitted_report_is_drawn_once(client, submitted):
    client.force_login(submitted.created_by)
    url = address("assessment-report", submitted)
    pages = []

    first = query_count(lambda: pages.append(client.get(url)))
    second = query_count(lambda: pages.append(client.get(url)))

    articles = [BeautifulSoup(page.content, "html.parser").find("article", "report") for page in pages]
    assert second == first - 1
    assert articles[0] == articles[1]


CHANGES = {
    "answer": lambda a: answer(a, "topic.q1", "yes", seen=1),
    "fact": lambda a: state_fact(a, "size", "large"),
    "action": lambda a: make_action(a, title="Put up a sign"),
    "name": lambda a: Assessment.objects.filter(pk=a.pk).update(name="Gate 7"),
    "day": lambda a: Assessment.objects.filter(pk=a.pk).update(as_of=date(2020, 6, 1)),
    "instruments": lambda a: a.instruments.clear(),
    "organisation": lambda a: Organisation.objects.update(name="Acme & Sons"),
    "person": lambda a: User.objects.update(first_name="Ada"),
    "settings": lambda a: ReportSettings.objects.create(organisation=a.organisation, left_out=["facts"]),
    "library": lambda a: Provision.objects.update(statement_en="Tell people twice."),
    "title of the set": lambda a: QuestionSet.objects.update(title_en="Another title"),
}


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_open_report_is_drawn_again_when_what_it_says_changes(client, change):
    assessment = start(client, make_version(questions=2))
    answer(assessment, "topic.q1", "no")
    url = address("assessment-report", assessment)
    first, unchanged = client.get(url), client.get(url)

    change(assessment)

    changed = client.get(url)
    caches["reports"].clear()
    anew = client.get(url)
    assert [is_drawn(page) for page in (first, unchanged, changed, anew)] == [True, False, True, True]
    assert article(first) == article(unchanged) != article(changed) == article(anew)


def test_after_one_answer_only_its_card_is_drawn(client):
    assessment = start(client, make_version(questions=5))
    answer_all(assessment, "no")
    url = address("assessment-report", assessment)
    first = [template.name for template in client.get(url).templates]
    answer(assessment, "topic.q2", "no", seen=1, note="A sign was put up.")

    page = client.get(url)

    second = [template.name for template in page.templates]
    cards = "reports/_question.html", "reports/_gap.html"
    assert [[drawn.count(card) for card in cards] for drawn in (first, second)] == [[5, 5], [1, 0]]
    assert "A sign was put up." in article(page)


def test_open_report_goes_back_to_what_it_said_before(client):
    assessment = start(client, make_version(questions=2))
    url = address("assessment-report", assessment)
    before = client.get(url)
    action = make_action(assessment, title="Put up a sign")
    client.get(url)

    action.delete()

    after = client.get(url)
    assert (is_drawn(after), article(after)) == (False, article(before))


def test_open_report_is_kept_by_language(client):
    assessment = start(client, make_version(questions=2))
    url = address("assessment-report", assessment)

    english, chinese, again = (client.get(f"{url}?language={language}") for language in ("en", "zh-hans", "en"))

    assert [is_drawn(page) for page in (english, chinese, again)] == [True, True, False]
    assert article(english) == article(again) != article(chinese)


def test_report_on_a_draft_of_a_version_is_drawn_each_time(client):
    draft = make_draft()
    question = make_question(make_section(draft), "topic.q1")
    assessment = start(client, draft, instruments=Instrument.objects.all())
    url = address("assessment-report", assessment)
    client.get(url)
    question.text_en = "Is it asked otherwise?"
    question.save()

    page = client.get(url)

    assert "Is it asked otherwise?" in article(page)


def test_open_report_costs_at_most_ten_queries_drawn_or_kept_with_or_without_revisions(client):
    first = make_submitted(make_version(questions=3), level="no")
    client.force_login(first.created_by)
    revision = first.reopen(by=first.created_by)
    url = address("assessment-report", revision)
    client.get(url)  # the process now knows the version

    kept = query_count(lambda: client.get(url))
    answer(revision, "topic.q1", "yes", seen=1)
    pages = []
    drawn = query_count(lambda: pages.append(client.get(url)))

    assert is_drawn(pages[0])
    assert kept == drawn == 10


@pytest.mark.parametrize("name", ["assessment-report", "report-data"])
@pytest.mark.parametrize(("is_submitted", "at_most"), [(True, 7), (False, 12)])
def test_report_costs_the_same_at_1_and_at_3_questions(client, name, is_submitted, at_most):
    user = make_organisation().members.get()
    client.force_login(user)
    counts = []
    for questions in (1, 3):
        assessment = make_assessment(make_version(questions=questions), organisation=user.organisations.get())
        answer_all(assessment)
        if is_submitted:
            assessment.submit(by=user)

        counts.append(query_count(lambda a=assessment: client.get(address(name, a))))

    assert counts[0] == counts[1] <= at_most
