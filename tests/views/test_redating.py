"""The same answers on another day."""

from datetime import date

import pytest
from django.urls import reverse

from questionnaires.models import Answer, AnswerChange, Assessment, Report
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_draft,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_user,
    publish,
)
from tests.views.browsing import address, query_count, read, text, texts

pytestmark = pytest.mark.django_db
LAST_DAY, SWITCH = date(2025, 12, 31), date(2026, 1, 1)
NOTHING_CHANGES = "Nothing changes: the same provisions count on both days."


def make_changing(number=1):
    """As many questions that end, begin, and move from one provision to another; and one that stays."""
    law = make_instrument(short_title_en="CSL")
    guide = make_instrument(legal_force="company_guideline", short_title_en="Guide")
    draft = make_draft()
    section = make_section(draft, "first")
    for n in range(1, number + 1):
        old = make_provision(law, f"Art. 41({n})", in_force_until=LAST_DAY)
        new = make_provision(law, f"Art. 43({n})", in_force_from=SWITCH)
        make_question(section, f"ends{n}", provisions=[old])
        make_question(section, f"begins{n}", provisions=[new])
        make_question(section, f"moves{n}", provisions=[old, new])
    make_question(section, "stays", provisions=[make_provision(guide)])
    return publish(draft)


@pytest.fixture
def assessment(client):
    """As of the last day of the old law, all answered: what ends is not met, the rest met."""
    made = make_assessment(make_changing(), as_of=LAST_DAY)
    answer(made, "ends1", "no")
    answer_all(made)
    client.force_login(made.created_by)
    return made


def compare(client, assessment, day):
    return client.get(reverse("questionnaires:assessment-redate", args=[assessment.uuid], query={"as_of": day}))


def panels(page):
    """What stands under each heading, but for the scores."""
    return {text(s.h2): texts(s, "li > p:first-child, li:not(:has(p))") for s in page.select("section.panel")[1:]}


def scores(page):
    return [texts(row, "th, td") for row in page.select("table tr")]


def test_page_asks_for_a_day_first(client, assessment):
    page = read(client.get(address("assessment-redate", assessment)))

    assert texts(page, "h1") == ["The same answers on another day"]
    assert "takes the rules as of 2025-12-31" in text(page.select_one(".lead"))
    assert page.find("input", {"name": "as_of"})["value"] == ""
    assert page.select("section.panel, .field-error, table, .actions") == []


def test_later_day_shows_what_changes_because_the_law_did(client, assessment):
    page = read(compare(client, assessment, "2026-01-01"))

    assert panels(page) == {
        "1 question is asked that was not": ["Is begins1 done?"],
        "1 question is no longer asked": ["Is ends1 done?"],
        "1 question rests on other provisions": ["Is moves1 done?"],
        "1 provision comes in": ["CSL, Art. 43(1) Law · binding"],
        "1 provision drops out": ["CSL, Art. 41(1) Law · binding"],
    }
    assert texts(page, ".recited .meta") == ["Before: CSL Art. 41(1) After: CSL Art. 43(1)"]
    assert scores(page) == [
        ["Legal force", "2025-12-31", "2026-01-01"],
        ["Overall", "67 %", "100 %"],
        ["Law", "50 %", "100 %"],
        ["Company guideline", "100 %", "100 %"],
    ]
    assert NOTHING_CHANGES not in page.get_text()


def test_every_row_is_listed_and_counted(client):
    assessment = make_assessment(make_changing(3), as_of=LAST_DAY)
    client.force_login(assessment.created_by)

    page = read(compare(client, assessment, "2026-01-01"))

    assert {heading: len(rows) for heading, rows in panels(page).items()} == {
        "3 questions are asked that were not": 3,
        "3 questions are no longer asked": 3,
        "3 questions rest on other provisions": 3,
        "3 provisions come in": 3,
        "3 provisions drop out": 3,
    }
    assert scores(page)[1:] == [["Overall", "–", "–"], ["Law", "–", "–"], ["Company guideline", "–", "–"]]


def test_legal_force_that_counts_on_one_day_only_has_a_row(client, assessment):
    page = read(compare(client, assessment, "2020-06-01"))

    assert scores(page)[1:] == [["Overall", "67 %", "–"], ["Law", "50 %", "–"], ["Company guideline", "100 %", "–"]]


def test_day_of_the_same_rules_changes_nothing(client, assessment):
    page = read(compare(client, assessment, "2025-06-01"))

    assert (texts(page, "section.panel > p"), panels(page)) == ([NOTHING_CHANGES], {})


def test_score_short_of_100_is_never_shown_as_100(client):
    version = make_draft()
    section = make_section(version)
    type(version).objects.filter(pk=version.pk).update(weight_critical=999, weight_low=1)
    make_question(section, "grave", severity="critical")
    make_question(section, "light", severity="low")
    assessment = make_assessment(publish(type(version).objects.get(pk=version.pk)))
    answer(assessment, "grave", "yes")
    answer(assessment, "light", "no")
    client.force_login(assessment.created_by)

    assert scores(read(compare(client, assessment, "2026-03-02")))[1] == ["Overall", "99 %", "99 %"]


@pytest.mark.parametrize("asked", ["2026-02-30", "1.1.2026", "99999-01-01", "0000-01-01", "<b>", "2026-01"])
def test_bad_day_is_told_and_what_was_typed_is_still_there(client, assessment, asked):
    response = compare(client, assessment, asked)

    page = read(response)
    field = page.find("input", {"name": "as_of"})
    assert (response.status_code, texts(page, ".field-error")) == (200, ["Enter a date such as 2026-01-01."])
    assert (field["value"], field["aria-describedby"]) == (asked, "redate-error")
    assert page.find(id="redate-error") is not None
    assert page.select("section.panel, b") == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
def test_any_day_of_the_calendar_is_compared(client, assessment, day):
    page = read(compare(client, assessment, day))

    assert texts(page, "thead th")[1:] == ["2025-12-31", day]
    assert page.select_one(".actions a")["href"].endswith(f"&as_of={day}")


@pytest.mark.parametrize("is_submitted", [False, True])
def test_nothing_is_stored(client, is_submitted):
    assessment = (make_submitted if is_submitted else make_assessment)(make_changing(), as_of=LAST_DAY)
    client.force_login(assessment.created_by)
    models = (Assessment, Answer, AnswerChange, Report)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    page = read(compare(client, assessment, "2026-01-01"))

    assert len(panels(page)) == 5
    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_it_leads_to_a_new_assessment_on_that_day_with_these_answers(client, assessment):
    page = read(compare(client, assessment, "2026-01-01"))

    link = page.select_one(".actions a")
    form = read(client.get(link["href"]))

    query = {"version": assessment.version_id, "from": assessment.uuid, "as_of": "2026-01-01"}
    assert link["href"] == reverse("questionnaires:assessment-new", query=query)
    assert form.find("input", {"name": "as_of"})["value"] == "2026-01-01"
    assert form.select_one("[name=carry_from] option[selected]")["value"] == str(assessment.pk)


def test_viewer_compares_but_starts_nothing(client, assessment):
    client.force_login(make_member(assessment.organisation))

    page = read(compare(client, assessment, "2026-01-01"))

    assert (len(panels(page)), page.select(".actions")) == (5, [])


def test_stranger_gets_404(client, assessment):
    client.force_login(make_user())

    responses = [compare(client, assessment, day) for day in ("", "2026-01-01", "x")]

    assert [r.status_code for r in responses] == [404] * 3
    assert [name for r in responses for name in ("begins1", "Art. 43") if name in r.content.decode()] == []


def test_withheld_provision_is_never_named(client):
    law = make_instrument()
    secret = make_provision(law, "SECRET", verification="withheld", in_force_from=SWITCH)
    draft = make_draft()
    make_question(make_section(draft), provisions=[make_provision(law), secret])
    assessment = make_assessment(publish(draft), as_of=LAST_DAY)
    client.force_login(assessment.created_by)

    page = read(compare(client, assessment, "2026-01-01"))

    assert (texts(page, "section.panel > p"), "SECRET" in page.get_text()) == ([NOTHING_CHANGES], False)


def test_overview_leads_to_it(client, assessment):
    page = read(client.get(address("assessment-overview", assessment)))

    assert page.find("a", string="On another day")["href"] == address("assessment-redate", assessment)


def test_comparison_costs_the_same_at_1_and_at_3_rows(client):
    organisation = make_organisation()
    client.force_login(organisation.members.get())
    counts = []
    for number in (1, 3):
        assessment = make_assessment(make_changing(number), organisation=organisation, as_of=LAST_DAY)
        answer_all(assessment)
        counts.append([query_count(lambda a=assessment, d=d: compare(client, a, d)) for d in ("2026-01-01", "x")])

    assert counts[0] == counts[1]
    assert max(counts[1]) <= 16
