"""All deployments on one page: figures of the newest reports, shared gaps, due actions; and as CSV."""

import csv
import io
from datetime import date, timedelta
from decimal import Decimal
from importlib import import_module

import pytest
from django.apps import apps
from django.urls import reverse
from django.utils import timezone

from questionnaires.models import ReportFigure, ReportGap
from tests.bench.factories_of_reports import organisation_of
from tests.factories import (
    answer,
    make_action,
    make_assessment,
    make_member,
    make_organisation,
    make_submitted,
    make_user,
)
from tests.views.browsing import query_count, read, text, texts
from tests.views.test_planning import make_graded

pytestmark = pytest.mark.django_db


@pytest.fixture
def organisation(client):
    made = make_organisation("Lantern")
    client.force_login(made.members.get())
    return made


def submitted(version, organisation, name, level="no", **fields):
    return make_submitted(version, level=level, organisation=organisation, name=name, **fields)


def look(client, **query):
    return read(client.get(reverse("portfolio", query=query)))


def cells(row):
    return texts(row, "th > a, td")


def table(page):
    return [cells(row) for row in page.select(".heat-map tbody tr")]


def test_each_deployment_has_the_figures_of_its_newest_report(client, organisation):
    version = make_graded()
    better = submitted(version, organisation, "Better", "partly")
    revision = better.reopen(by=better.created_by)
    answer(revision, "grave1", "yes", seen=1)
    revision.submit(by=better.created_by)
    revision.reopen(by=better.created_by)
    worse = submitted(version, organisation, "Worse", "no")
    make_action(worse, due_on=timezone.localdate() - timedelta(days=1))
    make_action(worse, status="done")
    make_assessment(version, organisation=organisation, name="Begun")
    make_submitted(version, name="Secret")

    page = look(client)

    assert texts(page, ".heat-map thead th")[-2:] == ["Law", "Company guideline"]
    assert table(page) == [
        ["Worse", "0 %", "–", "3 2 binding", "1 actions under way 1 overdue", "0 %", "0 %"],
        ["Better", "81 %", "↑ up 31 points", "2 1 binding", "0 actions under way", "83 %", "50 %"],
        ["Begun", "–", "–", "–", "0 actions under way", "–", "–"],
    ]
    assert [cells(row)[0:1] + texts(row, "td")[2:] for row in page.select("tfoot tr")] == [
        ["40 %", "42 %", "25 %"],
        ["0 %", "0 %", "0 %"],
    ]
    assert "open, 3 answers" in text(page.select(".heat-map tbody th")[1])
    assert "Secret" not in page.get_text()


def test_gaps_that_weigh_most_and_due_actions_stand_beside(client, organisation):
    version = make_graded()
    first = submitted(version, organisation, "First")
    second = submitted(version, organisation, "Second", "yes")
    newer = second.reopen(by=second.created_by)
    answer(newer, "both1", "partly", seen=1)
    newer.submit(by=second.created_by)
    today = timezone.localdate()
    make_action(first, title="Late", due_on=today - timedelta(days=1))
    make_action(newer, title="Soon", due_on=today + timedelta(days=14))
    make_action(newer, title="Later", due_on=today + timedelta(days=15))

    page = look(client)
    with_gap = look(client, gap="grave1")

    worst, due = page.select(".beside section")
    assert [texts(row, "a") + texts(row, "span.meta") for row in worst.select("li")] == [
        ["Is grave1 done?", "Critical · binding · 1 deployment"],
        ["Is both1 done?", "High · binding · 2 deployments"],
        ["Is soft1 done?", "Low · 1 deployment"],
    ]
    assert texts(due, "li > a") == ["Late", "Soon"]
    assert [row[0] for row in table(with_gap)] == ["First"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"sort": "name"}, ["A", "B", "C"]),
        ({"sort": "best"}, ["C", "A", "B"]),
        ({"sort": "newest"}, ["C", "B", "A"]),
        ({"name": "b"}, ["B"]),
        ({"name": "zz"}, []),
        ({"organisation": "x", "question_set": "999999", "by": "<b>", "sort": "?"}, ["B", "A", "C"]),
        ({"name": "x" * 300, "gap": "\x00"}, ["B", "A", "C"]),
    ],
)
def test_page_is_filtered_and_sorted(client, organisation, query, names):
    version = make_graded()
    for name, level in [("A", "partly"), ("B", "no"), ("C", "yes")]:
        submitted(version, organisation, name, level)

    assert [row[0] for row in table(look(client, **query))] == names


@pytest.mark.parametrize(
    ("by", "titles"), [("instrument", ["CSL", "Guide"]), ("section", ["Section first", "Section second"])]
)
def test_columns_are_instruments_or_topics(client, organisation, by, titles):
    submitted(make_graded(), organisation, "Gate", "partly")

    page = look(client, by=by)

    assert texts(page, ".heat-map thead th")[5:] == titles
    assert table(page)[0][-2:] == ["50 %", "50 %"]


def test_organisations_are_told_apart_where_there_are_several(client, organisation):
    version = make_graded()
    other = make_organisation("Other", owner=organisation.members.get())
    submitted(version, organisation, "Here")
    submitted(version, other, "There")

    page = look(client, organisation=other.pk, question_set=version.question_set_id)

    assert ([row[0] for row in table(page)], texts(page, "tfoot th")) == (["There"], ["Mean of 1 report", "Lowest"])
    assert set(texts(page, "[name=organisation] option")) == {"All", "Lantern", "Other"}


def test_stranger_sees_nothing_and_member_of_any_role_everything(client, organisation):
    submitted(make_graded(), organisation, "Gate")
    seen = []
    for user in (make_user(), make_member(organisation)):
        client.force_login(user)
        seen.append(
            ("Gate" in look(client).get_text(), "Gate" in client.get(reverse("portfolio-file")).content.decode())
        )

    assert seen == [(False, False), (True, True)]


def test_csv_has_every_deployment_and_no_formula(client, organisation):
    version = make_graded()
    gate = submitted(version, organisation, "=HYPERLINK(1)", "partly")
    make_action(gate, due_on=date(2020, 1, 1))
    make_assessment(version, organisation=organisation, name="Begun")

    response = client.get(reverse("portfolio-file", query={"sort": "name"}))

    rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert rows == [
        [
            *("Organisation", "Name", "Question set", "As of", "Revision", "Submitted", "Overall"),
            *("Law", "Company guideline", "Gaps", "Binding gaps", "Actions under way", "Overdue"),
        ],
        [
            *("Lantern", "'=HYPERLINK(1)", str(version), "2026-03-01", "1", f"{gate.submitted_at:%Y-%m-%d}", "0.5"),
            *("0.5", "0.5", "3", "2", "1", "1"),
        ],
        ["Lantern", "Begun", str(version), "2026-03-01", "1", "", "", "", "", "", "", "0", "0"],
    ]


def test_pages_and_csv_cost_the_same_at_1_and_at_60_deployments(client):
    version = make_graded()
    urls = [reverse("portfolio"), reverse("portfolio", query={"by": "section"}), reverse("portfolio-file")]
    costs = []
    for number in (1, 60):
        client.force_login(organisation_of(version, number, revisions=2, gaps=2))
        costs.append([query_count(lambda url=url: client.get(url)) for url in urls])

    assert costs[0] == costs[1]
    assert max(costs[1]) <= 18
    assert (len(table(look(client))), len(table(look(client, page=2)))) == (50, 10)


# --- figures as rows --------------------------------------------------------------------------------------------------


def rows_of(report):
    figures = ReportFigure.objects.filter(report=report).order_by("kind", "key")
    gaps = ReportGap.objects.filter(report=report).order_by("ref")
    return (
        list(figures.values_list("kind", "key", "value", "low", "high", "met", "partly_met", "not_met", "unanswered")),
        list(gaps.values_list("ref", "severity", "outcome", "is_binding", "points")),
    )


def test_figures_and_gaps_are_those_of_the_payload(organisation):
    assessment = make_assessment(make_graded(), organisation=organisation)
    answer(assessment, "grave1", "partly")
    answer(assessment, "both1", "no")
    report = assessment.submit(by=assessment.created_by, accept_unanswered=True)

    figures, gaps = rows_of(report)

    third, thirteenth = Decimal("0.333333"), Decimal(1) / 13
    by_kind = {(kind, key): rest for kind, key, *rest in figures}
    assert by_kind["overall", ""] == [
        third,
        (4 * thirteenth).quantize(third),
        (5 * thirteenth).quantize(third),
        0,
        1,
        1,
        1,
    ]
    assert by_kind["section", "second"] == [None, Decimal(0), Decimal(1), 0, 0, 0, 1]
    assert {kind for kind, _key in by_kind} == {"overall", "legal_force", "instrument", "section"}
    assert gaps == [
        ("both1", "high", "not_met", True, Decimal(4)),
        ("grave1", "critical", "partly_met", True, Decimal(4)),
    ]


def test_reports_from_before_are_filled_in_once(organisation):
    report = make_submitted(make_graded(), level="partly", organisation=organisation).report
    before = rows_of(report)
    ReportFigure.objects.all().delete()
    ReportGap.objects.all().delete()
    backfill = import_module("questionnaires.migrations.0014_backfill_figures").backfill

    backfill(apps, None)
    backfill(apps, None)

    assert rows_of(report) == before != ([], [])
