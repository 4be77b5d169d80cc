"""The overview: what an assessment is about, where it stands, and what comes up."""

from datetime import date

import pytest

from tests.factories import (
    both,
    make_draft,
    make_instrument,
    make_member,
    make_provision,
    make_question,
    make_section,
    make_version,
    publish,
    state_fact,
)
from tests.views.browsing import address, progress, read, start, text, texts

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment(client):
    """Sections first and second with two questions each."""
    draft = make_draft(slug="gates")
    for ref in ("first", "second"):
        section = make_section(draft, ref)
        make_question(section, f"{ref}.q1")
        make_question(section, f"{ref}.q2")
    return start(client, publish(draft))


def overview(client, assessment):
    return read(client.get(address("assessment-overview", assessment)))


def test_overview_describes_the_assessment_and_begins_with_the_facts(client, assessment):
    instruments = [instrument.short_title for instrument in assessment.instruments.in_order()]

    page = overview(client, assessment)

    assert (texts(page, "h1"), texts(page, ".lead")) == (["Gate"], ["Turnstiles at the office"])
    rows = dict(zip(texts(page, "dl.facts-list > dt"), texts(page, "dl.facts-list > dd"), strict=True))
    assert rows.pop("Instruments") == " ".join(f"{title} in force from 2021-01-01" for title in instruments)
    assert rows == {
        "Question set": "Set gates, version 1",
        "As of": "2026-03-01",
        "Organisation": "Acme",
        "Facts": "0 of 2 stated",
    }
    assert [(text(a), a["href"]) for a in page.select(".main-column .actions a")] == [
        ("Begin with the facts", address("assessment-facts", assessment)),
        ("Report so far", address("assessment-report", assessment)),
        ("On another day", address("assessment-redate", assessment)),
        ("Compare", address("assessment-compare", assessment)),
        ("Duty calendar", address("duty-calendar", assessment)),
        ("Delete", address("assessment-delete", assessment)),
    ]
    assert progress(page) == ["0 of 4 answered", "0/2", "0/2"]


def test_overview_goes_on_with_the_questions_once_a_fact_is_stated(client, assessment):
    state_fact(assessment, "minors", "no")

    page = overview(client, assessment)

    assert "1 of 2 stated" in texts(page, "dl.facts-list > dd")
    first = page.select_one(".main-column .actions a")
    assert (text(first), first["href"]) == ("Go on", address("next-unanswered", assessment))


def test_overview_offers_a_viewer_what_is_to_be_read(client, assessment):
    client.force_login(make_member(assessment.organisation))

    page = overview(client, assessment)

    assert texts(page, ".main-column .actions a") == ["Report so far", "On another day", "Compare", "Duty calendar"]


def test_overview_lists_what_comes_up_the_next_one_first(client):
    law = make_instrument(**both(short_title="CSL"))
    late = make_provision(law, "Art. 9", in_force_from=date(2027, 1, 1))
    soon = make_provision(law, "Art. 8", in_force_from=date(2026, 6, 1))
    hidden = make_provision(law, "SECRET", verification="withheld", in_force_from=date(2026, 6, 1))
    version = make_version(questions=1, provisions=[late, hidden, make_provision(law), soon])
    assessment = start(client, version)

    page = overview(client, assessment)

    coming = page.find("section", {"aria-labelledby": "coming-heading"})
    assert texts(coming, "h2, li") == ["Coming up", "2026-06-01 CSL, Art. 8 Law", "2027-01-01 CSL, Art. 9 Law"]
    assert "SECRET" not in page.get_text()


def test_overview_without_anything_coming_does_not_mention_it(client, assessment):
    assert overview(client, assessment).find(id="coming-heading") is None
