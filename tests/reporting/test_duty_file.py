"""The duty calendar as an iCalendar file, read back and expanded by other people's code."""

from datetime import UTC, date, datetime, timedelta

import icalendar
import pytest
import recurring_ical_events

from questionnaires.calendars import Timing, next_due, occurrences
from questionnaires.content import Rhythm, Unit
from questionnaires.models import Instrument
from questionnaires.models.freezing import duty_content
from questionnaires.reporting.duty_file import duty_file
from tests import factories as f
from tests.reporting.contents import draft_with_duties, draft_with_every_duty

pytestmark = pytest.mark.django_db
MADE_AT = datetime(2026, 3, 1, 8, 30, tzinfo=UTC)
URL = "https://frcheck.example.org/assessments/1/duties/"
HOSTILE = "a; b, c \\ d\nBEGIN:VEVENT 张贴告知标识 😀 " * 4


def content_of(draft, **fields):
    assessment = f.make_assessment(f.publish(draft), instruments=Instrument.objects.all(), **fields)
    return duty_content(assessment, assessment.standing())


def written(content, *, language="en"):
    return duty_file(content, language=language, made_at=MADE_AT, url=URL)


def events(content, **options):
    """Events by the ref of their duty, as icalendar reads them back."""
    calendar = icalendar.Calendar.from_ical(written(content, **options))
    return {str(event["UID"]).split("/")[1].removesuffix("@frcheck"): event for event in calendar.walk("VEVENT")}


def triggers(event):
    return [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]


def test_file_has_what_has_a_date_and_applies():
    found = events(content_of(draft_with_every_duty()))

    assert {ref: event["DTSTART"].dt for ref, event in found.items()} == {
        "audit": date(2028, 3, 1),
        "report": date(2027, 1, 31),
        "late": date(2025, 7, 14),
        "new": date(2026, 10, 1),
    }


def test_event_says_what_is_to_be_done_and_on_what_it_rests():
    content = content_of(draft_with_every_duty())

    event = events(content)["audit"]

    assert str(event["DESCRIPTION"]) == (
        "audit must be done.\n\n"
        "At least once in 2 years\n"
        "Counted from 2026-03-01, the as-of date; if it was last done before that, count from then.\n"
        "Counted from its entry into force on 2025-05-01: by 2027-05-01.\n\n"
        "The Law, Art. 4 · Law, binding · in force from 2025-05-01"
    )
    assert {
        name: event[name].to_ical().decode() for name in ("UID", "SEQUENCE", "DTSTAMP", "SUMMARY", "TRANSP", "URL")
    } == {
        "UID": f"{content['assessment']['series']}/audit@frcheck",
        "SEQUENCE": "1",
        "DTSTAMP": "20260301T083000Z",
        "SUMMARY": "Do audit",
        "TRANSP": "TRANSPARENT",
        "URL": URL,
    }
    assert event["CATEGORIES"].to_ical() == b"FRCheck,Every so often"
    assert (event["DTSTART"].params["VALUE"], event["DTEND"].dt - event["DTSTART"].dt) == ("DATE", timedelta(days=1))


def test_event_of_an_unverified_provision_says_so():
    article = f.make_provision(verification="unverified")
    draft = draft_with_duties({"ref": "audit", "provisions": [article]})

    assert str(events(content_of(draft))["audit"]["DESCRIPTION"]).endswith(" · to be verified")


@pytest.mark.parametrize(
    ("timing", "days"),
    [
        ({"rhythm": "on", "day": date(2026, 7, 14)}, [30, 7]),
        ({"rhythm": "on", "day": date(2026, 2, 28)}, []),
        ({"rhythm": "yearly", "month": 1, "day_of_month": 31}, [30, 7]),
        ({"rhythm": "every", "count": 2, "unit": "months"}, [30, 7]),
        ({"rhythm": "every", "count": 1, "unit": "months"}, [7]),
        ({"rhythm": "every", "count": 7, "unit": "days"}, []),
        ({"rhythm": "every", "count": 10, "unit": "working_days"}, [30, 7]),
    ],
)
def test_reminders_come_a_month_and_a_week_before_but_after_the_time_before(timing, days):
    event = events(content_of(draft_with_duties({"ref": "one"} | timing)))["one"]

    assert triggers(event) == [timedelta(days=-n) for n in days]


@pytest.mark.parametrize(
    ("timing", "as_of", "rule"),
    [
        ({"rhythm": "yearly", "month": 1, "day_of_month": 31}, "2026-03-01", "FREQ=YEARLY;INTERVAL=1"),
        ({"rhythm": "every", "count": 2, "unit": "years"}, "2026-03-01", "FREQ=YEARLY;INTERVAL=2"),
        ({"rhythm": "every", "count": 6, "unit": "months"}, "2026-03-28", "FREQ=MONTHLY;INTERVAL=6"),
        ({"rhythm": "every", "count": 10, "unit": "days"}, "2026-03-31", "FREQ=DAILY;INTERVAL=10"),
        (
            {"rhythm": "every", "count": 1, "unit": "months"},
            "2026-01-31",
            "FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=28,29,30,31;BYSETPOS=-1",
        ),
        (
            {"rhythm": "every", "count": 1, "unit": "years"},
            "2024-02-29",
            "FREQ=YEARLY;INTERVAL=1;BYMONTHDAY=28,29;BYMONTH=2;BYSETPOS=-1",
        ),
    ],
)
def test_recurrence_is_expanded_by_a_client_as_the_calendar_says(timing, as_of, rule):
    law = f.make_provision(f.make_instrument("early", in_force_from=date(2020, 1, 1)))
    start = date.fromisoformat(as_of)
    content = content_of(draft_with_duties({"ref": "one", "provisions": [law]} | timing), as_of=start)

    file = icalendar.Calendar.from_ical(written(content))
    until = start.replace(year=start.year + 12, day=1)
    expanded = [event["DTSTART"].dt for event in recurring_ical_events.of(file).between(start, until)]

    fields = {"count": timing.get("count"), "month": timing.get("month"), "day_of_month": timing.get("day_of_month")}
    unit = Unit(timing["unit"]) if "unit" in timing else None
    due = next_due(Timing(Rhythm(timing["rhythm"]), unit=unit, **fields), start=start)
    assert file.walk("VEVENT")[0]["RRULE"].to_ical().decode() == rule
    assert sorted(expanded) == list(occurrences(due, until=until - timedelta(days=1)))
    assert len(expanded) >= 5


def test_recurrence_ends_with_its_provision():
    law = f.make_provision(f.make_instrument("ends", in_force_until=date(2028, 12, 31)))
    draft = draft_with_duties({"ref": "one", "rhythm": "yearly", "month": 1, "day_of_month": 31, "provisions": [law]})

    file = icalendar.Calendar.from_ical(written(content_of(draft)))

    expanded = recurring_ical_events.of(file).between((2026, 1, 1), (2040, 1, 1))
    assert sorted(event["DTSTART"].dt for event in expanded) == [date(2027, 1, 31), date(2028, 1, 31)]


def test_lines_are_folded_and_texts_escaped():
    draft = draft_with_duties({"ref": "one", **f.both(title="Do; it, 张贴 😀", text=HOSTILE)})
    content = content_of(draft, name="Gate; Shanghai, \\ HQ")

    file = written(content, language="zh-hans")

    lines = file.split(b"\r\n")
    assert lines[-1] == b"" and b"\n" not in b"".join(lines)
    assert [line for line in lines if len(line) > 75] == []
    assert (file.count(b"BEGIN:VEVENT\r\n"), lines[0], lines[-2]) == (1, b"BEGIN:VCALENDAR", b"END:VCALENDAR")
    calendar = icalendar.Calendar.from_ical(file)
    [event] = calendar.walk("VEVENT")
    assert str(event["SUMMARY"]) == "Do; it, 张贴 😀中文"
    assert str(event["DESCRIPTION"]).startswith(f"{HOSTILE}中文\n\n")
    assert str(calendar["X-WR-CALNAME"]).replace("\\", "").endswith(": Gate; Shanghai,  HQ")
    assert b"X-WR-CALNAME:" in file and rb"Gate\; Shanghai\, \\ HQ" in file.replace(b"\r\n ", b"")


def test_event_keeps_its_name_in_the_next_revision():
    assessment = f.make_submitted(f.publish(draft_with_duties({"ref": "audit"})))
    revision = assessment.reopen(by=assessment.created_by)

    first, second = (events(duty_content(a, a.standing()))["audit"] for a in (assessment, revision))

    assert first["UID"] == second["UID"]
    assert (first["SEQUENCE"], second["SEQUENCE"]) == (1, 2)


def test_coming_duty_that_facts_may_rule_out_is_left_out():
    law = f.make_provision(f.make_instrument("next", in_force_from=date(2026, 9, 1)))
    draft = draft_with_duties({"ref": "new", "provisions": [law], "applies_if": "minors == yes"})

    assert events(content_of(draft)) == {}
