"""The duty calendar: the page, and the file that calendar programs read."""

import icalendar
import pytest

from questionnaires.models import Instrument, Report
from tests.factories import (
    both,
    make_assessment,
    make_draft,
    make_duty,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_user,
    publish,
    state_fact,
)
from tests.reporting.contents import draft_with_duties, draft_with_every_duty
from tests.views.browsing import address, query_count, read, start, text, texts

pytestmark = pytest.mark.django_db


def assess(client, draft, **fields):
    return start(client, publish(draft), instruments=Instrument.objects.all(), **fields)


def page_of(client, assessment):
    return read(client.get(address("duty-calendar", assessment)))


def file_of(client, assessment):
    return client.get(address("duty-calendar-file", assessment))


def events(client, assessment):
    """Events by the ref of their duty, as icalendar reads them back."""
    calendar = icalendar.Calendar.from_ical(file_of(client, assessment).content)
    return {str(event["UID"]).split("/")[-1].removesuffix("@frcheck"): event for event in calendar.walk("VEVENT")}


def groups(page):
    sections = page.select("main section[aria-labelledby]")
    return {text(section.h2): texts(section, ".due") for section in sections}


# --- the page ---------------------------------------------------------------------------------------------------------


def test_page_groups_duties_by_kind_of_date_the_next_one_first(client):
    page = page_of(client, assess(client, draft_with_every_duty()))

    assert groups(page) == {
        "On a date, or again and again": [
            "2025-07-14 passed By this day",
            "2027-01-31 Every year by January 31",
            "2028-03-01 At least once in 2 years",
        ],
        "Within some time of an event": ["Within 30 working days of the start of use", "Within 4 hours of an incident"],
        "To be kept": ["Keep for at least 3 years"],
        "May apply": ["2027-03-01 At least once in 1 year"],
        "Coming": ["2026-10-01 At least once in 1 month"],
    }


def test_page_says_what_each_date_counts_from(client):
    page = page_of(client, assess(client, draft_with_every_duty()))

    assert [[text(line) for line in duty.select("ul.plain li")] for duty in page.select(".duty")] == [
        [],
        [],
        [
            "Counted from 2026-03-01, the as-of date; if it was last done before that, count from then.",
            "Counted from its entry into force on 2025-05-01: by 2027-05-01.",
        ],
        ["If that is on 2026-03-01: by 2026-04-13."],
        [],
        ["What is made on 2026-03-01 is kept at least until 2029-03-01."],
        [
            "Counted from 2026-03-01, the as-of date; if it was last done before that, count from then.",
            "Counted from its entry into force on 2025-05-01: by 2026-05-01.",
        ],
        ["Takes effect on 2026-09-01.", "Counted from 2026-09-01, when it takes effect."],
    ]


def test_page_cites_with_force_and_verification_and_names_open_facts(client):
    page = page_of(client, assess(client, draft_with_every_duty()))

    assert texts(page, ".duty .citations li") == [
        *["The Law, Art. 4 Law, binding · in force from 2025-05-01"] * 7,
        "next, Art. 9 Law, binding · in force from 2026-09-01 cited at section level",
    ]
    assert texts(page, ".duty ul.meta:not(.plain) li") == ["Are children captured?"]
    notes = texts(page, "main section > p.meta")
    assert [note.split(":")[0] for note in notes] == [
        "Working days",
        "Facts that are not stated decide whether these apply.",
        "Adopted, and in force only after the as-of date.",
    ]


def test_page_in_chinese_has_the_chinese_texts(client):
    client.cookies["django_language"] = "zh-hans"

    page = page_of(client, assess(client, draft_with_every_duty()))

    assert texts(page, ".duty h3")[:2] == ["Do late中文", "Do report中文"]
    assert ("01月31日" in text(page.main), "the start of use中文" in text(page.main)) == (True, True)


def test_stated_fact_takes_a_duty_off_the_page(client):
    assessment = assess(client, draft_with_every_duty())
    state_fact(assessment, "minors", "no")

    page = page_of(client, assessment)

    assert ("May apply" in groups(page), len(page.select(".duty"))) == (False, 7)


def test_page_without_duties_says_so_and_offers_no_file(client):
    assessment = assess(client, draft_with_duties({"applies_if": "minors == yes"}))
    state_fact(assessment, "minors", "no")

    page = page_of(client, assessment)

    assert texts(page, ".empty p")[0].startswith("No duty of this question set has a date here")
    assert page.select('main a[href$=".ics"]') == []


def test_page_counts_the_dates_of_its_file(client):
    assessment = assess(client, draft_with_every_duty())

    page = page_of(client, assessment)

    assert text(page.select_one(".main-column .actions")) == "Download for your calendar (.ics) 4 dates, with reminders"
    assert len(events(client, assessment)) == 4


def test_overview_and_navigation_lead_to_the_page(client):
    assessment = assess(client, draft_with_every_duty())
    url = address("duty-calendar", assessment)

    overview = read(client.get(address("assessment-overview", assessment)))
    page = page_of(client, assessment)

    assert [a["href"] for a in overview.select(".actions a")].count(url) == 1
    assert [a["href"] for a in page.select(".section-nav a[aria-current=page]")] == [url]


def test_page_escapes_what_was_typed(client):
    page = client.get(address("duty-calendar", assess(client, draft_with_every_duty(), name="<script>1</script>")))

    assert b"<script>1" not in page.content


def test_submitted_assessment_shows_what_was_frozen(client):
    assessment = make_submitted(publish(draft_with_every_duty()))
    client.force_login(assessment.created_by)

    Instrument.objects.filter(slug="law").update(**both(short_title="Renamed"))

    assert "Renamed" not in text(page_of(client, assessment).main)
    assert "The Law, Art. 4" in text(page_of(client, assessment).main)
    assert "The Law" in str(events(client, assessment)["audit"]["DESCRIPTION"])


def test_report_frozen_before_there_were_duties_has_them_as_things_stand(client, monkeypatch):
    assessment = make_submitted(publish(draft_with_duties({"ref": "audit"})))
    client.force_login(assessment.created_by)
    full = Report.content.func

    monkeypatch.setattr(
        Report, "content", property(lambda report: {k: v for k, v in full(report).items() if k != "duties"})
    )

    assert texts(page_of(client, assessment), ".duty h3") == ["Do audit"]


# --- the file ---------------------------------------------------------------------------------------------------------


def test_file_is_sent_as_a_calendar_under_a_plain_name(client):
    response = file_of(client, assess(client, draft_with_every_duty(), name='Gate "1"\r\nX-Evil: 1'))

    assert response["Content-Type"] == "text/calendar; charset=utf-8"
    assert response["Content-Disposition"] == 'attachment; filename="frcheck-gate-1-x-evil-1-r1-duties.ics"'


def test_file_is_the_same_at_every_download(client):
    assessment = assess(client, draft_with_every_duty())

    assert file_of(client, assessment).content == file_of(client, assessment).content


@pytest.mark.parametrize("is_submitted", [True, False])
def test_file_is_stamped_with_the_assessments_own_time(client, is_submitted):
    version = publish(draft_with_every_duty())
    assessment = make_submitted(version) if is_submitted else make_assessment(version)
    client.force_login(assessment.created_by)

    stamps = {event["DTSTAMP"].dt for event in events(client, assessment).values()}

    made_at = assessment.submitted_at if is_submitted else assessment.created_at
    assert stamps == {made_at.replace(microsecond=0)}


@pytest.mark.parametrize(("language", "summary"), [("en", "Do audit"), ("zh-hans", "Do audit中文")])
def test_file_follows_the_language_of_the_page(client, language, summary):
    client.cookies["django_language"] = language

    event = events(client, assess(client, draft_with_every_duty()))["audit"]

    assert str(event["SUMMARY"]) == summary


def test_file_without_dates_is_an_empty_calendar(client):
    assert events(client, assess(client, draft_with_duties())) == {}


# --- who, and at what cost --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["duty-calendar", "duty-calendar-file"])
def test_stranger_gets_404(client, name):
    assessment = assess(client, draft_with_every_duty())
    client.force_login(make_user())

    response = client.get(address(name, assessment))

    assert (response.status_code, b"The Law" in response.content) == (404, False)


@pytest.mark.parametrize("name", ["duty-calendar", "duty-calendar-file"])
def test_viewer_reads_and_nobody_posts(client, name):
    assessment = assess(client, draft_with_every_duty())
    client.force_login(make_member(assessment.organisation))

    got, posted = client.get(address(name, assessment)), client.post(address(name, assessment))

    assert ("The Law" in got.content.decode(), posted.status_code) == (True, 405)


@pytest.mark.parametrize("name", ["duty-calendar", "duty-calendar-file"])
@pytest.mark.parametrize("is_submitted", [True, False])
def test_duties_cost_the_same_at_1_and_at_3(client, name, is_submitted):
    organisation = make_organisation()
    client.force_login(organisation.members.get())
    counts = []
    for number in (1, 3):
        draft = make_draft()
        article = make_provision()
        make_question(make_section(draft, "first"), provisions=[article])
        for _n in range(number):
            make_duty(draft, provisions=[article])
        version = publish(draft)
        make = make_submitted if is_submitted else make_assessment
        assessment = make(version, organisation=organisation)
        client.get(address(name, assessment))

        counts.append(query_count(lambda a=assessment: client.get(address(name, a))))

    assert counts[0] == counts[1] <= 10
