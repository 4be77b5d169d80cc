"""The page that opens a score into its terms."""

import json

import pytest
from bs4 import BeautifulSoup
from django.urls import reverse

from questionnaires.models import Report
from questionnaires.models.freezing import frozen_content
from tests import factories as f
from tests.reporting.contents import make_mixed
from tests.views.browsing import address, query_count, read, text, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def mixed(client):
    """Open: weights 8 × 0 and 2 × 0.5 answered, 4 unanswered, 1 not applicable."""
    assessment = make_mixed()
    client.force_login(assessment.created_by)
    return assessment


def explained(client, assessment, *group, **query):
    return client.get(reverse("questionnaires:score-explained", args=[assessment.uuid, *group], query=query or None))


def rows(page):
    return [[text(cell) for cell in row.select("th, td")] for row in page.select("tbody tr")]


def test_overall_score_opens_into_its_terms(client, mixed):
    page = read(explained(client, mixed, "overall"))

    assert (texts(page, "h1"), texts(page, ".formula")) == (["All questions: 10 %"], ["1 ÷ 10 = 0.1"])
    assert rows(page) == [
        ["1.1 Is consent.asked done?", "Not met No · Critical", "8", "0", "0", "0", "0"],
        ["1.2 Is consent.recorded done?", "Partly met Partly · Medium", "2", "0.5", "1", "1", "1"],
        ["2.1 Is storage.encrypted done?", "Unanswered High", "4", "–", "–", "0", "4"],
        ["2.2 Is storage.short done?", "Not applicable Low", "1", "–", "–", "–", "–"],
    ]
    assert [text(cell) for cell in page.select("tfoot td")] == ["10", "", "1", "1", "5"]
    assert "from 1 ÷ 14 = 0.071429 to 5 ÷ 14 = 0.357143" in text(page)
    assert "Scoring version 1" in text(page)


@pytest.mark.parametrize(
    ("group", "heading", "numbers"),
    [
        (("section", "consent"), "Section consent: 10 %", ["1.1", "1.2"]),
        (("instrument", "guide"), "The Guide: –", ["2.1", "2.2"]),
        (("legal-force", "law"), "Law: 10 %", ["1.1", "1.2", "2.1"]),
    ],
)
def test_every_group_has_its_page(client, mixed, group, heading, numbers):
    page = read(explained(client, mixed, *group))

    assert page.h1.get_text() == heading.replace(" %", "\xa0%")
    assert [row[0].split()[0] for row in rows(page)] == numbers


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_report_links_to_the_terms_of_each_score_and_back(client, mixed, language):
    mixed.submit(by=mixed.created_by, accept_unanswered=True)
    report = address("assessment-report", mixed)

    page = read(client.get(f"{report}?language={language}"))

    links = {a["href"] for a in page.select('article a[href^="explained/"]')}
    assert len(links) == 1 + 2 + 2 + 2
    for link in links:
        linked = read(client.get(report + link))
        for row in linked.select("tbody a"):
            target, anchor = row["href"].split("#")
            assert (target, page.find(id=anchor) is not None) == (f"{report}?language={language}", True)


def test_submitted_score_is_explained_as_it_was_frozen(client, mixed):
    mixed.submit(by=mixed.created_by, accept_unanswered=True)
    before = BeautifulSoup(explained(client, mixed, "overall").content, "html.parser").find("table")

    revision = mixed.reopen(by=mixed.created_by)
    f.answer(revision, "storage.encrypted", "yes")

    after = BeautifulSoup(explained(client, mixed, "overall").content, "html.parser").find("table")
    assert after == before


def test_report_frozen_before_bounds_were_kept_gives_the_range_without_its_terms(client, mixed):
    content = frozen_content(mixed)
    for section in content["sections"]:
        for question in section["questions"]:
            question.pop("bounds", None)
    del content["settings"]
    make_report(mixed, content)

    page = read(explained(client, mixed, "overall"))

    assert "The range is 0.071429 to 0.357143; this report was frozen before its terms were kept." in text(page)
    assert [len(row) for row in rows(page)] == [5, 5, 5, 5]


def make_report(assessment, content):
    Report.objects.create(assessment=assessment, payload=json.dumps(content), digest="0" * 64, scoring_version=1)


@pytest.mark.parametrize(
    "group",
    [
        ("overall", "x"),
        ("section",),
        ("section", "nowhere"),
        ("instrument", "nowhere"),
        ("legal-force", "case"),
        ("nothing",),
        ("nothing", "x"),
    ],
)
def test_score_that_is_not_there_is_not_found(client, mixed, group):
    assert explained(client, mixed, *group).status_code == 404


def test_stranger_gets_no_terms(client, mixed):
    client.force_login(f.make_organisation("Other").members.get())

    assert explained(client, mixed, "overall").status_code == 404


def test_terms_cost_the_same_at_1_and_at_30_questions(client):
    counts = []
    for questions in (1, 30):
        assessment = f.make_submitted(f.make_version(questions=questions))
        client.force_login(assessment.created_by)
        counts.append(query_count(lambda a=assessment: explained(client, a, "overall")))

    assert counts[0] == counts[1] <= 5


def test_score_of_nothing_says_so(client):
    assessment = f.make_assessment()
    client.force_login(assessment.created_by)

    page = read(explained(client, assessment, "overall"))

    assert texts(page, ".formula") == ["Nothing was scored: there is no sum of weights to divide by."]
