"""The duty calendar as an iCalendar file (RFC 5545): what has a date, as all-day events with their recurrence.

The same assessment gives the same bytes: nothing in it depends on when it is downloaded.
"""

from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.utils.translation import gettext as _
from icalendar import Alarm, Calendar, Event, vRecur, vText

from questionnaires.models import Duty
from questionnaires.models.duty_calendars import State
from questionnaires.reporting.duties import duty_groups, is_past
from questionnaires.reporting.texts import Text, Voice
from questionnaires.reporting.values import DutyRow

Data = Mapping[str, Any]
WARNINGS = (timedelta(days=30), timedelta(days=7))
_FREQUENCIES = {"days": ("DAILY", 1), "months": ("MONTHLY", 28), "years": ("YEARLY", 365)}


def duty_file(content: Data, *, language: str, made_at: datetime, url: str) -> bytes:
    """Duties with a date that hold or are coming; one that facts may still rule out is left out."""
    voice = Voice(language)
    rows = {row.ref: row for group in duty_groups(content, {}, voice) for row in group.rows}
    calendar = Calendar()
    calendar.add("prodid", "-//FRCheck//Duty calendar//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    title = voice.each(lambda _language: _("Duty calendar"))
    calendar.add("x-wr-calname", vText(f"{title.plain}: {voice.typed(content['assessment']['name']).text}"))
    for duty in content["duties"]:
        if is_dated(duty):
            calendar.add_component(_event(duty, rows[duty["ref"]], content, voice, made_at=made_at, url=url))
    return calendar.to_ical()


def is_dated(duty: Data) -> bool:
    """Whether the file has it."""
    return duty["due"] is not None and duty["state"] != State.MAY_APPLY and not duty["open_facts"]


def _event(duty: Data, row: DutyRow, content: Data, voice: Voice, *, made_at: datetime, url: str) -> Event:
    assessment = content["assessment"]
    day = date.fromisoformat(duty["due"])
    event = Event()
    # Of the series, not of the revision: an event that was imported before is replaced by the next revision's.
    event.add("uid", f"{assessment['series']}/{duty['ref']}@frcheck")
    event.add("sequence", assessment["revision"])
    event.add("dtstamp", made_at)
    event.add("dtstart", day)
    event.add("dtend", day + timedelta(days=1))
    event.add("summary", row.title.plain)
    event.add("description", "\n\n".join(_description(row)))
    event.add("categories", ["FRCheck", voice.say(Duty.Rhythm(duty["rhythm"]).label).plain])
    event.add("transp", "TRANSPARENT")
    event.add("url", url)
    if duty["recurrence"]:
        event.add("rrule", _rule(duty["recurrence"], duty["until"]))
    for lead in () if is_past(duty, content) else _warnings(duty["recurrence"]):
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("trigger", -lead)
        alarm.add("description", row.title.plain)
        event.add_component(alarm)
    return event


def _description(row: DutyRow) -> Iterator[str]:
    yield row.text.plain
    yield "\n".join(said.plain for said in (row.rhythm, *row.details))
    yield "\n".join(_cited(c.title, c.meta, c.caution) for c in row.citations)


def _cited(title: Text, meta: Text, caution: Text) -> str:
    return " · ".join(said.plain for said in (title, meta, caution) if said)


def _rule(recurrence: Data, until: str | None) -> vRecur:
    """Where a month lacks the day, its last one: of the days that would do, the last that it has."""
    frequency, _days = _FREQUENCIES[recurrence["unit"]]
    rule: dict[str, Any] = {"freq": frequency, "interval": recurrence["interval"]}
    if recurrence["days_of_month"]:
        rule |= {"bymonthday": recurrence["days_of_month"], "bysetpos": -1}
        if recurrence["month"]:
            rule["bymonth"] = recurrence["month"]
    if until:
        rule["until"] = date.fromisoformat(until)
    return vRecur(rule)


def _warnings(recurrence: Data | None) -> Iterator[timedelta]:
    """Those that come after the time before."""
    if recurrence is None:
        yield from WARNINGS
        return
    days = _FREQUENCIES[recurrence["unit"]][1] * recurrence["interval"]
    yield from (lead for lead in WARNINGS if lead.days < days)
