"""When duties fall due. Pure: dates in, dates out; the clock is the caller's.

Periods are counted as the Civil Code does: the day of the event does not count (Art. 201), and a period of months or
years ends on the corresponding day or, where the month has none, on its last day (Art. 202). A last day that is a
holiday is not moved to the next working day (Art. 203): earlier is safe.
"""

from calendar import monthrange
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import MAXYEAR, date, timedelta
from functools import lru_cache
from itertools import count, takewhile

import holidays

from questionnaires.content import Rhythm, Unit

_MONTHS = {Unit.MONTHS: 1, Unit.YEARS: 12}
_SATURDAY = 5
_DAYS_IN_EVERY_MONTH = 28


@dataclass(frozen=True, slots=True)
class Timing:
    """`day` for on, `month` and `day_of_month` for yearly, else `count` and `unit`; as in content.Duty."""

    rhythm: Rhythm
    day: date | None = None
    month: int | None = None
    day_of_month: int | None = None
    count: int | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Recurrence:
    """Every `interval` days, months or years, on that day of the month or on the last day of a month without it.

    `day_of_month` is None where days are counted; `month` is given for years.
    """

    unit: Unit
    interval: int
    day_of_month: int | None = None
    month: int | None = None

    @property
    def days_of_month(self) -> tuple[int, ...]:
        """Of these the last that a month has; empty where the first due date says it all."""
        if self.day_of_month is None or self.day_of_month <= _DAYS_IN_EVERY_MONTH:
            return ()
        if self.month is not None and self.month != 2:
            return ()
        return tuple(range(_DAYS_IN_EVERY_MONTH, self.day_of_month + 1))


@dataclass(frozen=True, slots=True)
class Due:
    """The next date, and how it goes on from there; without a recurrence it does not, or not by a rule."""

    day: date
    recurrence: Recurrence | None = None


def next_due(timing: Timing, *, start: date) -> Due | None:
    """When it falls due next, from `start` on; a duty by a fixed day on that day, though it be past.

    `start` is the as-of date or, where that is later, the day on which the rule takes effect; what is done every so
    often counts from there. None for what counts from an event, and for what is due more than once a day.
    """
    match timing.rhythm:
        case Rhythm.ON:
            return Due(timing.day) if timing.day else None
        case Rhythm.YEARLY:
            return _next_in_year(timing, start)
        case Rhythm.EVERY:
            first = after(start, timing)
            return Due(first, _recurrence(timing, start)) if first else None
    return None


def _next_in_year(timing: Timing, start: date) -> Due | None:
    assert timing.month is not None and timing.day_of_month is not None
    recurrence = Recurrence(Unit.YEARS, 1, timing.day_of_month, timing.month)
    days = (_day(year, timing.month, timing.day_of_month) for year in (start.year, start.year + 1))
    return next((Due(day, recurrence) for day in days if day and day >= start), None)


def _recurrence(timing: Timing, start: date) -> Recurrence | None:
    assert timing.count is not None
    match timing.unit:
        case Unit.DAYS:
            return Recurrence(Unit.DAYS, timing.count)
        case Unit.MONTHS:
            return Recurrence(Unit.MONTHS, timing.count, start.day)
        case Unit.YEARS:
            return Recurrence(Unit.YEARS, timing.count, start.day, start.month)
    return None  # no calendar knows a rule for working days


def next_since(timing: Timing, *, since: date, as_of: date) -> date | None:
    """When something done every so often falls due next if it is counted from `since`, its rule's entry into force."""
    if timing.rhythm is not Rhythm.EVERY or timing.count is None or timing.unit in (None, Unit.WORKING_DAYS):
        return None
    days = (add(since, timing.count * times, timing.unit) for times in count(1))
    return next((day for day in days if day is None or day >= as_of), None)


def after(day: date, timing: Timing) -> date | None:
    """The last day of the period after that day: of a deadline if its event falls on it, of keeping what it made.

    None for a period of hours, which may end on the same day or the next, and for one beyond the calendar.
    """
    if timing.count is None or timing.unit is None:
        return None
    return add(day, timing.count, timing.unit)


def add(day: date, number: int, unit: Unit) -> date | None:
    match unit:
        case Unit.HOURS:
            return None
        case Unit.DAYS:
            return _later(day, number)
        case Unit.WORKING_DAYS:
            return _working_day(day, number)
    months = day.year * 12 + day.month - 1 + number * _MONTHS[unit]
    return _day(months // 12, months % 12 + 1, day.day)


def occurrences(due: Due, *, until: date) -> Iterator[date]:
    """The due date and what follows by its recurrence, to `until` inclusive."""
    return takewhile(lambda day: day <= until, _days_of(due))


def _days_of(due: Due) -> Iterator[date]:
    yield due.day
    if due.recurrence is None:
        return
    wanted = due.recurrence.day_of_month or due.day.day
    for times in count(1):
        day = add(due.day, times * due.recurrence.interval, due.recurrence.unit)
        if day is None:
            return
        yield day if due.recurrence.unit is Unit.DAYS else _in_month(day.year, day.month, wanted)


def _later(day: date, days: int) -> date | None:
    return day + timedelta(days=days) if days <= (date.max - day).days else None


def _day(year: int, month: int, day_of_month: int) -> date | None:
    return _in_month(year, month, day_of_month) if year <= MAXYEAR else None


def _in_month(year: int, month: int, day_of_month: int) -> date:
    return date(year, month, min(day_of_month, monthrange(year, month)[1]))


# --- working days -----------------------------------------------------------------------------------------------------


def is_working_day(day: date) -> bool:
    """Whether people in China work on it: neither weekend nor public holiday, or a weekend day worked in exchange.

    As far as announced: see `announced_until`. Later years know the holidays fixed by law, and no exchanged days.
    """
    off, worked = _exceptions(day.year)
    return day in worked or (day.weekday() < _SATURDAY and day not in off)


def announced_until() -> int:
    """The last year whose holidays and exchanged working days have been announced and are known here."""
    years: Iterable[int] = holidays.country_holidays("CN", expand=False).special_public_holidays
    return max(years)


@lru_cache(maxsize=200)
def _exceptions(year: int) -> tuple[frozenset[date], frozenset[date]]:
    """Public holidays of a year, and weekend days worked in exchange. A year's own object: shared ones are not safe."""
    known = holidays.country_holidays("CN", years=year, expand=False)
    return frozenset(known), frozenset(known.weekend_workdays)


def _working_day(day: date, number: int) -> date | None:
    """The number-th working day after that day."""
    while number:
        if day == date.max:
            return None
        day += timedelta(days=1)
        number -= is_working_day(day)
    return day
