"""What changed between two results, and why; the line over revisions."""

from datetime import date

import pytest
from django.urls import reverse

from questionnaires.models import Provision
from questionnaires.models.moving import move
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_draft,
    make_instrument,
    make_member,
    make_next_version,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_user,
    make_version,
    publish,
)
from tests.views.browsing import address, query_count, read, start, text, texts

pytestmark = pytest.mark.django_db
LAST_DAY, SWITCH = date(2025, 12, 31), date(2026, 1, 1)


def make_changing(number=1):
    """As many questions that end with the old law and begin with the new one; and one that stays."""
    law = make_instrument(short_title_en="CSL")
    draft = make_draft()
    section = make_section(draft, "first")
    for n in range(1, number + 1):
        old = make_provision(law, f"Art. 41({n})", in_force_until=LAST_DAY)
        new = make_provision(law, f"Art. 43({n})", in_force_from=SWITCH)
        make_question(section, f"ends{n}", provisions=[old])
        make_question(section, f"begins{n}", provisions=[new])
    make_question(section, "stays", provisions=[make_provision(law, "Art. 1")])
    return publish(draft)


@pytest.fixture
def first(client):
    """Submitted as of the last day of the old law: what ends is not met, the rest met."""
    made = make_assessment(make_changing(), as_of=LAST_DAY)
    answer(made, "ends1", "no")
    answer(made, "begins1", "yes")
    answer_all(made)
    made.submit(by=made.created_by)
    client.force_login(made.created_by)
    return made


@pytest.fixture
def second(first):
    """The next revision; what stays is not met any more."""
    made = first.reopen(by=first.created_by)
    answer(made, "stays", "no", seen=1)
    return made


def compare(client, assessment, **query):
    return client.get(reverse("questionnaires:assessment-compare", args=[assessment.uuid], query=query))


def rows(page, selector):
    return [texts(row, "th, td") for row in page.select(f"{selector} tr")]


def moved(page, name):
    items = page.select(f"#{name}-heading ~ ul > li")
    return [(text(item.p), texts(item, ".outcome"), texts(item, ".cause")) for item in items]


def test_revision_is_compared_with_the_one_before_it(client, first, second):
    page = read(compare(client, second))

    assert page.select_one("[name=before] option[selected]")["value"] == str(first.uuid)
    assert rows(page, ".waterfall")[1:] == [
        ["Before", "Before: 50.0 %", "50.0 %"],
        ["The law changed", "The law changed: ±0.0", "±0.0"],
        ["The questions changed", "The questions changed: ±0.0", "±0.0"],
        ["The organisation changed", "The organisation changed: −50.0", "−50.0"],
        ["After", "After: 0.0 %", "0.0 %"],
    ]
    assert rows(page, ".table-scroll .table") == [
        ["Legal force", "Before", "The law changed", "The questions changed", "The organisation changed", "After"],
        ["Law", "50.0 %", "±0.0", "±0.0", "−50.0", "0.0 %"],
    ]
    assert moved(page, "questions") == [("Is stays done?", ["Met", "Not met"], ["The organisation changed"])]
    assert moved(page, "provisions") == [
        (f"CSL, Art. 1 Duty of {key_of('Art. 1')}", ["Met", "Not met"], ["The organisation changed"])
    ]


def key_of(ref):
    return Provision.objects.get(ref_en=ref).key


def test_assessment_is_taken_to_another_day(client, first):
    page = read(compare(client, first, before=first.uuid, as_of="2026-01-01"))

    assert [row[2] for row in rows(page, ".waterfall")[1:]] == ["50.0 %", "+50.0", "±0.0", "±0.0", "100.0 %"]
    assert moved(page, "questions") == [
        ("Is ends1 done?", ["Not met", "Not asked"], ["The law changed"]),
        ("Is begins1 done?", ["Not asked", "Met"], ["The law changed"]),
    ]
    assert [row[1] for row in moved(page, "provisions")] == [["Not met", "Does not count"], ["Does not count", "Met"]]


def test_assessment_is_taken_to_another_version(client, first):
    draft = first.version.start_draft()
    draft.questions.get(ref="ends1").delete()
    version = publish(draft)

    page = read(compare(client, first, before=first.uuid, version=version.pk))

    assert [row[2] for row in rows(page, ".waterfall")[1:]] == ["50.0 %", "±0.0", "+50.0", "±0.0", "100.0 %"]
    assert moved(page, "questions") == [("Is ends1 done?", ["Not met", "Not asked"], ["The questions changed"])]


def test_two_assessments_are_compared_in_the_words_of_the_later(client, first):
    version = make_next_version(first.version, stays="Does it stay?")
    other = make_assessment(version, organisation=first.organisation, by=first.created_by, as_of=LAST_DAY, name="Door")
    answer(other, "stays", "no")

    page = read(compare(client, other, before=first.uuid))

    assert texts(page, ".facts-list dd") == [
        f"Gate, revision 1, as of 2025-12-31, {first.version}",
        f"Door, revision 1, as of 2025-12-31, {version}",
    ]
    assert moved(page, "questions") == [
        ("Is ends1 done?", ["Not met", "Unanswered"], ["The organisation changed"]),
        ("Does it stay?", ["Met", "Not met"], ["The organisation changed"]),
    ]


def test_correction_since_the_report_has_a_column_of_its_own(client, first, second):
    Provision.objects.filter(ref_en="Art. 41(1)").update(in_force_until=date(2025, 1, 1))

    page = read(compare(client, second))

    assert rows(page, ".table-scroll .table")[0][2] == "Corrected since the report"
    assert [row[2] for row in rows(page, ".waterfall")[1:]] == ["50.0 %", "+50.0", "±0.0", "±0.0", "−100.0", "0.0 %"]


def test_nothing_scored_yet_is_said(client):
    assessment = start(client, make_changing())

    page = read(compare(client, assessment, before=assessment.uuid, as_of="2025-12-31"))

    assert "One of the two has no overall score yet" in page.get_text()
    assert page.select(".waterfall") == []


def test_assessment_with_itself_is_no_comparison(client, first):
    page = read(compare(client, first))

    assert "This is the assessment itself, as it is." in page.get_text()
    assert page.select("section.panel") == []


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"as_of": "2026-02-30"}, "Enter a date such as 2026-01-01."),
        ({"version": "x"}, "Select a valid choice. That choice is not one of the available choices."),
        ({"before": "x"}, None),
    ],
)
def test_bad_input_is_told_beside_the_field(client, first, query, error):
    response = compare(client, first, **query)

    page = read(response)
    found = texts(page, ".field-error")
    assert (response.status_code, len(found), page.select("section.panel")) == (200, 1, [])
    assert error is None or found == [error]


def test_assessment_of_strangers_is_no_choice(client, first):
    other = make_submitted(first.version)

    page = read(compare(client, first, before=other.uuid))

    assert len(texts(page, ".field-error")) == 1
    assert page.select("section.panel") == []
    assert str(other.uuid) not in [option["value"] for option in page.select("[name=before] option")]


def test_stranger_gets_404_and_viewer_reads(client, first, second):
    client.force_login(make_member(first.organisation))
    seen = compare(client, second)
    client.force_login(make_user())

    assert (seen.status_code, compare(client, second).status_code) == (200, 404)
    assert client.post(address("assessment-compare", second)).status_code == 405


def test_every_page_of_an_assessment_leads_to_it(client, first, second):
    pages = [
        client.get(address("assessment-overview", second)),
        client.get(address("assessment-report", first)),
        client.get(reverse("questionnaires:assessment-redate", args=[first.uuid], query={"as_of": "2026-01-01"})),
        client.get(reverse("questionnaires:assessment-list")),
    ]

    found = [[a["href"] for a in read(page).select("a[href*=compare]")] for page in pages]
    assert address("assessment-compare", second) in found[0]
    assert address("assessment-compare", first) in found[1]
    assert found[2] == [f"{address('assessment-compare', first)}?before={first.uuid}&as_of=2026-01-01"]
    assert found[3] == [address("assessment-compare", second)]


def test_trend_shows_submitted_revisions_and_the_open_one(client, first, second):
    for page in (client.get(address(name, second)) for name in ("assessment-overview", "assessment-report")):
        table = rows(read(page), ".trend .table")

        assert [row[:6] for row in table[1:]] == [
            ["1", f"{first.submitted_at:%Y-%m-%d}", "2025-12-31", "1", "50 %", "–"],
            ["2", "Open", "2025-12-31", "1", "0 %", "–"],
        ]
        assert texts(read(page), ".chart-trend title") == [
            "Overall score by revision. revision 1: 50 %; revision 2: 0 %"
        ]


def test_trend_needs_a_second_revision(client, first):
    assert read(client.get(address("assessment-report", first))).select(".trend") == []


def test_trend_of_unanswered_questions_has_a_range(client):
    assessment = start(client, make_version(questions=2))
    answer(assessment, "topic.q1", "yes")
    assessment.submit(by=assessment.created_by, accept_unanswered=True)
    revision = assessment.reopen(by=assessment.created_by)
    answer(revision, "topic.q2", "no")

    page = read(client.get(address("assessment-overview", revision)))
    assert [row[4:6] for row in rows(page, ".trend .table")[1:]] == [["100 %", "50–100 %"], ["50 %", "–"]]


def test_superseded_revision_is_left_out_of_the_trend_and_that_is_said(client, first, second):
    third = move(second, make_next_version(first.version), instruments=first.instruments.all(), by=first.created_by)

    page = read(client.get(address("assessment-overview", third)))

    assert [row[0] for row in rows(page, ".trend .table")[1:]] == ["1", "3"]
    assert "has no score of its own here" in text(page.select_one(".trend > .meta"))


def test_pages_cost_the_same_at_1_and_at_3_rows(client):
    organisation = make_organisation()
    counts = []
    for number in (1, 3):
        first = start(client, make_changing(number), organisation=organisation, as_of=LAST_DAY)
        answer_all(first)
        for _n in range(number):
            first.submit(by=first.created_by)
            first = first.reopen(by=first.created_by)
        for _n in range(number):
            make_assessment(first.version, organisation=organisation)
        answer(first, "stays", "no", seen=1)
        requests = [
            lambda a=first: compare(client, a, as_of="2026-01-01"),
            lambda a=first: client.get(address("assessment-overview", a)),
        ]
        [request() for request in requests]
        counts.append([query_count(request) for request in requests])

    assert counts[0] == counts[1]
    assert counts[1][0] <= 22
