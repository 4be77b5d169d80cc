"""The duty calendar of a report: when each duty falls due, in words, by kind of date. The page shows the same."""

from calendar import monthrange
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from questionnaires.models import Duty
from questionnaires.models.duty_calendars import State
from questionnaires.reporting.citations import cited_by
from questionnaires.reporting.texts import NOTHING, Text, Voice, pick
from questionnaires.reporting.values import Citation, DutyGroup, DutyRow

Data = Mapping[str, Any]
Rhythm, Unit = Duty.Rhythm, Duty.Unit
_LEAP_YEAR = 2000
_GROUPS: dict[str, tuple[Promise, Promise | str]] = {
    "dated": (gettext_lazy("On a date, or again and again"), ""),
    "within": (gettext_lazy("Within some time of an event"), ""),
    "keep": (gettext_lazy("To be kept"), ""),
    "may_apply": (gettext_lazy("May apply"), gettext_lazy("Facts that are not stated decide whether these apply.")),
    "coming": (gettext_lazy("Coming"), gettext_lazy("Adopted, and in force only after the as-of date.")),
}


def duty_groups(content: Data, cited: Mapping[str, Citation], voice: Voice) -> tuple[DutyGroup, ...]:
    """Groups that have duties, in order; none for a report frozen before duties were. `cited` gives the anchors."""
    by_group: dict[str, list[Data]] = {key: [] for key in _GROUPS}
    for duty in content.get("duties", ()):
        by_group[_group(duty)].append(duty)
    by_group["dated"].sort(key=lambda duty: duty["due"] or "~")
    by_group["coming"].sort(key=lambda duty: duty["since"])
    return tuple(
        DutyGroup(
            key=key.replace("_", "-"),
            title=voice.say(_GROUPS[key][0]),
            notes=tuple(note for note in (voice.say(_GROUPS[key][1]), _holidays(duties, voice)) if note),
            rows=tuple(_row(duty, content, cited, voice) for duty in duties),
        )
        for key, duties in by_group.items()
        if duties
    )


def _group(duty: Data) -> str:
    if duty["state"] != State.HOLDS:
        return duty["state"]
    return duty["rhythm"] if duty["rhythm"] in (Rhythm.WITHIN, Rhythm.KEEP) else "dated"


def _holidays(duties: list[Data], voice: Voice) -> Text:
    known = [duty["holidays_until"] for duty in duties if duty["holidays_until"]]
    if not known:
        return NOTHING
    words = gettext_lazy(
        "Working days: Chinese public holidays are left out and weekend days worked in exchange are counted, as far as "
        "announced (to the end of %(year)s)."
    )
    return voice.each(lambda _language: words % {"year": min(known)})


def _row(duty: Data, content: Data, cited: Mapping[str, Citation], voice: Voice) -> DutyRow:
    texts = {fact["ref"]: fact["text"] for fact in content["facts"]}
    return DutyRow(
        ref=duty["ref"],
        title=voice.content(duty["title"]),
        text=voice.content(duty["text"]),
        day=duty["due"] or "",
        is_past=is_past(duty, content),
        rhythm=voice.each(lambda language: _rhythm(duty, language)),
        details=tuple(voice.each(detail) for detail in _details(duty)),
        open_facts=tuple(voice.content(texts[ref]) for ref in duty["open_facts"]),
        citations=cited_by(duty["citations"], content, cited, voice),
    )


def is_past(duty: Data, content: Data) -> bool:
    """Whether its day came before the as-of date."""
    return bool(duty["due"]) and duty["due"] < content["assessment"]["as_of"]


def _rhythm(duty: Data, language: str) -> str:
    match duty["rhythm"]:
        case Rhythm.ON:
            return _("By this day") if duty["due"] else _("By %(date)s") % {"date": duty["day"]}
        case Rhythm.YEARLY:
            month = duty["month"]
            day = date(_LEAP_YEAR, month, min(duty["day_of_month"], monthrange(_LEAP_YEAR, month)[1]))
            return _("Every year by %(day)s") % {"day": date_format(day, "MONTH_DAY_FORMAT")}
        case Rhythm.EVERY:
            return _("At least once in %(time)s") % {"time": _time(duty)}
        case Rhythm.KEEP:
            return _("Keep for at least %(time)s") % {"time": _time(duty)}
    return _("Within %(time)s of %(event)s") % {"time": _time(duty), "event": pick(duty["event"], language)}


def _time(duty: Data) -> str:
    n = duty["count"]
    match duty["unit"]:
        case Unit.HOURS:
            words = ngettext("%(n)d hour", "%(n)d hours", n)
        case Unit.DAYS:
            words = ngettext("%(n)d day", "%(n)d days", n)
        case Unit.WORKING_DAYS:
            words = ngettext("%(n)d working day", "%(n)d working days", n)
        case Unit.MONTHS:
            words = ngettext("%(n)d month", "%(n)d months", n)
        case _:
            words = ngettext("%(n)d year", "%(n)d years", n)
    return words % {"n": n}


def _details(duty: Data) -> Iterator[Callable[[str], str]]:
    """What a date counts from, and what else bears on it: a sentence each, in the language in use."""
    said = {"start": duty["start"], "since": duty["since"], "until": duty["until"], "day": duty["example"]}
    if duty["state"] == State.COMING:
        yield lambda _language: _("Takes effect on %(since)s.") % said
    if duty["due"] and duty["rhythm"] == Rhythm.EVERY:
        yield lambda _language: _counted(duty) % said
    if duty["due_since_in_force"]:
        again = said | {"day": duty["due_since_in_force"]}
        yield lambda _language: _("Counted from its entry into force on %(since)s: by %(day)s.") % again
    if duty["example"] and duty["rhythm"] == Rhythm.WITHIN:
        yield lambda _language: _("If that is on %(start)s: by %(day)s.") % said
    if duty["example"] and duty["rhythm"] == Rhythm.KEEP:
        yield lambda _language: _("What is made on %(start)s is kept at least until %(day)s.") % said
    if duty["until"]:
        yield lambda _language: _("The provisions it rests on end on %(until)s.") % said


def _counted(duty: Data) -> str:
    if duty["start"] == duty["since"]:
        return _("Counted from %(start)s, when it takes effect.")
    return _("Counted from %(start)s, the as-of date; if it was last done before that, count from then.")
