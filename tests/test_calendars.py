"""When duties fall due. Deadlines of 2025 are those that the authorities themselves announced."""

from datetime import date, timedelta
from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.calendars import (
    Due,
    Recurrence,
    Timing,
    add,
    after,
    announced_until,
    is_working_day,
    next_due,
    next_since,
    occurrences,
)
from questionnaires.content import Rhythm, Unit

D = date.fromisoformat
HOURS, DAYS, WORKING, MONTHS, YEARS = Unit.HOURS, Unit.DAYS, Unit.WORKING_DAYS, Unit.MONTHS, Unit.YEARS


def yearly(month, day_of_month):
    return Timing(Rhythm.YEARLY, month=month, day_of_month=day_of_month)


def every(number, unit):
    return Timing(Rhythm.EVERY, count=number, unit=unit)


# --- periods ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "number", "unit", "expected"),
    [
        ("2026-03-01", 1, DAYS, "2026-03-02"),
        ("2025-12-31", 1, DAYS, "2026-01-01"),
        ("2024-02-28", 1, DAYS, "2024-02-29"),
        ("2025-02-28", 1, DAYS, "2025-03-01"),
        ("2025-04-01", 90, DAYS, "2025-06-30"),  # older video systems, Public Security Video Regulations
        ("2026-01-31", 1, MONTHS, "2026-02-28"),
        ("2024-01-31", 1, MONTHS, "2024-02-29"),
        ("2026-03-31", 1, MONTHS, "2026-04-30"),
        ("2026-02-28", 1, MONTHS, "2026-03-28"),
        ("2026-08-31", 6, MONTHS, "2027-02-28"),
        ("2026-12-15", 1, MONTHS, "2027-01-15"),
        ("2026-12-31", 12, MONTHS, "2027-12-31"),
        ("2025-05-01", 2, YEARS, "2027-05-01"),  # first audit above 10 million people
        ("2024-02-29", 1, YEARS, "2025-02-28"),
        ("2024-02-29", 4, YEARS, "2028-02-29"),
        ("2025-02-28", 3, YEARS, "2028-02-28"),
        ("2026-03-01", 4, HOURS, None),
        ("9999-12-31", 1, DAYS, None),
        ("9999-12-31", 1, WORKING, None),
        ("9999-12-01", 1, MONTHS, None),
        ("2026-03-01", 32767, YEARS, None),
    ],
)
def test_period_ends_on_the_corresponding_day_or_the_last_of_the_month(day, number, unit, expected):
    assert add(D(day), number, unit) == (expected and D(expected))


@pytest.mark.parametrize(
    ("day", "number", "expected", "why"),
    [
        ("2025-06-01", 30, "2025-07-14", "stores of 100,000 people before June 2025: the filing announcement"),
        ("2025-07-18", 30, "2025-08-29", "handlers already at 1 million people: the officer announcement"),
        ("2026-03-02", 1, "2026-03-03", "from Monday to Tuesday"),
        ("2026-03-06", 1, "2026-03-09", "over a weekend"),
        ("2025-01-24", 1, "2025-01-26", "a Sunday worked for the Spring Festival"),
        ("2025-01-27", 1, "2025-02-05", "over the Spring Festival of 2025, 28 January to 4 February"),
        ("2026-02-13", 1, "2026-02-14", "a Saturday worked for the Spring Festival"),
        ("2026-02-14", 1, "2026-02-24", "over the Spring Festival of 2026, 15 to 23 February"),
        ("2026-02-13", 5, "2026-02-27", "over the Spring Festival, worked Saturday included"),
        ("2026-02-27", 1, "2026-02-28", "a Saturday worked after the Spring Festival"),
        ("2025-09-26", 1, "2025-09-28", "a Sunday worked for the National Day"),
        ("2025-09-30", 1, "2025-10-09", "over National Day and Mid-Autumn of 2025, 1 to 8 October"),
        ("2026-09-30", 1, "2026-10-08", "over the National Day of 2026, 1 to 7 October"),
        ("2026-09-30", 3, "2026-10-10", "a Saturday worked after the National Day"),
        ("2025-12-31", 1, "2026-01-04", "over the New Year of 2026, and a Sunday worked for it"),
        ("2018-12-28", 1, "2018-12-29", "a Saturday worked for a holiday of the next year"),
        ("2018-12-29", 1, "2019-01-02", "a holiday on 31 December"),
        ("2026-03-01", 0, "2026-03-01", "no time at all"),
    ],
)
def test_working_days_follow_the_announced_holidays(day, number, expected, why):
    assert add(D(day), number, WORKING) == D(expected), why


def test_holidays_not_announced_yet_are_those_fixed_by_law():
    year = announced_until() + 1
    fixed = [date(year, 1, 1), date(year, 5, 1), date(year, 10, 1), date(year, 10, 2)]
    weekend = [day for n in range(365) if (day := date(year, 1, 1) + timedelta(days=n)).weekday() >= 5]

    assert [day for day in fixed + weekend if is_working_day(day)] == []


def test_holidays_are_announced_to_this_year_at_least():
    assert announced_until() >= 2026  # raise `holidays` in requirements.txt when the next notice is out


@given(st.dates(date(2000, 1, 1), date(2060, 1, 1)), st.integers(1, 60))
def test_working_days_are_counted_one_by_one(day, number):
    last = add(day, number, WORKING)

    between = (day + timedelta(days=n) for n in range(1, (last - day).days + 1))
    assert is_working_day(last) and sum(is_working_day(d) for d in between) == number


# --- next dates -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("start", ["2025-07-13", "2025-07-14", "2025-07-15", "2030-01-01"])
def test_duty_by_a_day_is_due_on_that_day_past_or_coming(start):
    assert next_due(Timing(Rhythm.ON, day=D("2025-07-14")), start=D(start)) == Due(D("2025-07-14"))


@pytest.mark.parametrize(
    ("month", "day_of_month", "start", "expected"),
    [
        (1, 31, "2026-01-30", "2026-01-31"),
        (1, 31, "2026-01-31", "2026-01-31"),
        (1, 31, "2026-02-01", "2027-01-31"),
        (12, 31, "2026-12-31", "2026-12-31"),
        (1, 1, "2026-12-31", "2027-01-01"),
        (2, 29, "2026-02-28", "2026-02-28"),
        (2, 29, "2028-02-28", "2028-02-29"),
        (2, 29, "2027-03-01", "2028-02-29"),
        (4, 31, "2026-04-30", "2026-04-30"),
    ],
)
def test_yearly_duty_is_due_next_on_or_after_the_day(month, day_of_month, start, expected):
    due = next_due(yearly(month, day_of_month), start=D(start))

    assert due == Due(D(expected), Recurrence(YEARS, 1, day_of_month, month))


@pytest.mark.parametrize(
    ("number", "unit", "start", "expected"),
    [
        (2, YEARS, "2026-03-01", Due(D("2028-03-01"), Recurrence(YEARS, 2, 1, 3))),
        (1, YEARS, "2024-02-29", Due(D("2025-02-28"), Recurrence(YEARS, 1, 29, 2))),
        (1, MONTHS, "2026-01-31", Due(D("2026-02-28"), Recurrence(MONTHS, 1, 31))),
        (6, MONTHS, "2026-09-01", Due(D("2027-03-01"), Recurrence(MONTHS, 6, 1))),
        (10, DAYS, "2025-12-25", Due(D("2026-01-04"), Recurrence(DAYS, 10))),
        (1, WORKING, "2026-09-30", Due(D("2026-10-08"))),
        (4, HOURS, "2026-03-01", None),
        (1, YEARS, "9999-01-01", None),
    ],
)
def test_what_is_done_every_so_often_counts_from_the_start(number, unit, start, expected):
    assert next_due(every(number, unit), start=D(start)) == expected


@pytest.mark.parametrize("rhythm", [Rhythm.WITHIN, Rhythm.KEEP])
def test_what_counts_from_an_event_has_no_date(rhythm):
    timing = Timing(rhythm, count=3, unit=YEARS)

    assert next_due(timing, start=D("2026-03-01")) is None
    assert after(D("2026-03-01"), timing) == D("2029-03-01")


def test_yearly_duty_beyond_the_calendar_has_no_date():
    assert next_due(yearly(1, 31), start=D("9999-12-31")) is None


@pytest.mark.parametrize(
    ("number", "unit", "since", "as_of", "expected"),
    [
        (2, YEARS, "2025-05-01", "2026-03-01", "2027-05-01"),
        (2, YEARS, "2025-05-01", "2027-05-01", "2027-05-01"),
        (2, YEARS, "2025-05-01", "2027-05-02", "2029-05-01"),
        (1, MONTHS, "2025-10-31", "2026-02-01", "2026-02-28"),
        (1, MONTHS, "2025-10-31", "2026-03-01", "2026-03-31"),
        (7, DAYS, "2025-12-29", "2026-01-10", "2026-01-12"),
        (5, WORKING, "2025-12-29", "2026-01-10", None),
        (4, HOURS, "2025-12-29", "2026-01-10", None),
    ],
)
def test_next_date_counted_from_entry_into_force(number, unit, since, as_of, expected):
    assert next_since(every(number, unit), since=D(since), as_of=D(as_of)) == (expected and D(expected))


def test_only_what_is_done_every_so_often_counts_from_entry_into_force():
    assert next_since(yearly(1, 31), since=D("2025-01-01"), as_of=D("2026-01-01")) is None


# --- recurrences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("timing", "start", "expected"),
    [
        (yearly(1, 31), "2026-02-01", ["2027-01-31", "2028-01-31", "2029-01-31"]),
        (yearly(2, 29), "2026-03-01", ["2027-02-28", "2028-02-29", "2029-02-28"]),
        (every(1, YEARS), "2024-02-29", ["2025-02-28", "2026-02-28", "2027-02-28", "2028-02-29"]),
        (every(1, MONTHS), "2025-12-31", ["2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30"]),
        (every(3, MONTHS), "2025-11-30", ["2026-02-28", "2026-05-30", "2026-08-30"]),
        (every(100, DAYS), "2026-01-01", ["2026-04-11", "2026-07-20", "2026-10-28"]),
        (every(5, WORKING), "2026-09-30", ["2026-10-13"]),
        (Timing(Rhythm.ON, day=D("2025-07-14")), "2026-01-01", ["2025-07-14"]),
    ],
)
def test_recurrence_goes_on_by_its_rule(timing, start, expected):
    days = occurrences(next_due(timing, start=D(start)), until=D("2100-01-01"))

    assert list(islice(days, len(expected))) == [D(day) for day in expected]


def test_recurrence_ends_with_the_last_day_asked_for_and_with_the_calendar():
    due = next_due(yearly(1, 31), start=D("2026-01-01"))

    assert list(occurrences(due, until=D("2027-01-31"))) == [D("2026-01-31"), D("2027-01-31")]
    assert sum(1 for _day in occurrences(due, until=date.max)) == 9999 - 2026 + 1


@pytest.mark.parametrize(
    ("recurrence", "days"),
    [
        (Recurrence(DAYS, 10), ()),
        (Recurrence(MONTHS, 1, 28), ()),
        (Recurrence(MONTHS, 1, 29), (28, 29)),
        (Recurrence(MONTHS, 1, 31), (28, 29, 30, 31)),
        (Recurrence(YEARS, 1, 31, 1), ()),
        (Recurrence(YEARS, 1, 29, 2), (28, 29)),
    ],
)
def test_days_of_the_month_are_named_where_a_month_may_lack_them(recurrence, days):
    assert recurrence.days_of_month == days
