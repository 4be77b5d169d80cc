"""Where a bar begins and ends, to the unit, and what an instrument is on a day."""

import subprocess
import sys
from datetime import date

import pytest

from questionnaires.content import LegalForce, Stage
from questionnaires.timelines import (
    FORCES,
    GROUP,
    GUTTER,
    HEAD,
    ROW,
    YEAR,
    Axis,
    Group,
    Line,
    Picture,
    Row,
    Span,
    Status,
    axis_for,
    layout,
)

TODAY = date(2026, 7, 1)
AXIS = Axis(date(2028, 1, 1))
END = GUTTER + 12 * YEAR


def make_span(slug="law", **fields):
    defaults = {
        "label": slug.title(),
        "legal_force": LegalForce.LAW,
        "stage": Stage.ADOPTED,
        "issued_on": date(2020, 1, 1),
        "in_force_from": date(2021, 1, 1),
        "in_force_until": None,
    }
    return Span(slug, **defaults | fields)


def row_of(day=TODAY, **fields):
    picture = layout([make_span(**fields)], axis=AXIS, day=day, today=TODAY)
    return picture.groups[0].rows[0]


@pytest.mark.parametrize(
    ("day", "status"),
    [
        (date(2019, 12, 31), Status.UNISSUED),
        (date(2020, 1, 1), Status.ANNOUNCED),
        (date(2020, 12, 31), Status.ANNOUNCED),
        (date(2021, 1, 1), Status.IN_FORCE),
        (date(2023, 6, 30), Status.IN_FORCE),
        (date(2023, 7, 1), Status.ENDED),
    ],
)
def test_status_changes_on_its_day(day, status):
    assert make_span(in_force_until=date(2023, 6, 30)).status(day, today=TODAY) == status


@pytest.mark.parametrize(
    ("fields", "day", "status"),
    [
        ({"in_force_from": None}, date(2020, 1, 1), Status.ISSUED),
        ({"in_force_from": None}, date(2019, 12, 31), Status.UNISSUED),
        ({"in_force_from": None, "issued_on": None}, TODAY, Status.UNDATED),
        ({"issued_on": None}, date(2020, 12, 31), Status.LATER),
        ({"issued_on": None}, date(2021, 1, 1), Status.IN_FORCE),
        ({"issued_on": None, "in_force_from": date(2027, 1, 1)}, TODAY, Status.ANNOUNCED),
        ({"stage": Stage.DRAFT}, date(2022, 1, 1), Status.DRAFT),
        ({"stage": Stage.DRAFT}, date(2019, 12, 31), Status.UNISSUED),
        ({"stage": Stage.DRAFT, "issued_on": None, "in_force_from": None}, TODAY, Status.DRAFT),
    ],
)
def test_status_of_what_lacks_a_date_or_is_a_draft(fields, day, status):
    assert make_span(**fields).status(day, today=TODAY) == status


def test_draft_binds_nobody_whatever_its_force():
    forces = [make_span(legal_force=force) for force in (LegalForce.LAW, LegalForce.RECOMMENDED_STANDARD)]

    assert [span.is_binding for span in (*forces, make_span(stage=Stage.DRAFT))] == [True, False, False]


@pytest.mark.parametrize(
    ("day", "x"),
    [
        (date(2016, 1, 1), GUTTER),
        (date(2017, 1, 1), GUTTER + YEAR),
        (date(2021, 7, 2), round(GUTTER + YEAR * (5 + 182 / 365), 1)),
        (date(2020, 7, 1), round(GUTTER + YEAR * (4 + 182 / 366), 1)),
        (date(1999, 5, 5), GUTTER),
        (date(2028, 1, 1), END),
        (date(2099, 1, 1), END),
    ],
)
def test_day_stands_at_its_share_of_the_year(day, x):
    assert AXIS.x(day) == x


def test_axis_is_as_wide_as_its_years():
    axis = Axis(date(2019, 1, 1))

    assert axis.years == ((2016, GUTTER), (2017, GUTTER + YEAR), (2018, GUTTER + 2 * YEAR))
    assert (axis.width, axis.last_day) == (GUTTER + 3 * YEAR, date(2018, 12, 31))


@pytest.mark.parametrize(
    ("fields", "end"),
    [
        ({}, date(2027, 1, 1)),
        ({"in_force_from": date(2026, 12, 1)}, date(2028, 1, 1)),
        ({"issued_on": date(2030, 3, 1)}, date(2031, 1, 1)),
        ({"in_force_until": date(2029, 6, 30)}, date(2030, 1, 1)),
        ({"steps": (date(2022, 1, 1), date(2027, 12, 2))}, date(2029, 1, 1)),
    ],
)
def test_axis_reaches_half_a_year_beyond_the_last_date(fields, end):
    assert axis_for([make_span(**fields)], today=date(2026, 3, 1)) == Axis(end)


def test_axis_of_nothing_holds_today():
    assert axis_for([], today=date(2026, 11, 23)) == Axis(date(2028, 1, 1))


def test_bar_runs_from_the_first_day_to_the_end_of_the_last():
    row = row_of(in_force_until=date(2023, 12, 31), steps=(date(2022, 1, 1),))

    assert row == Row(
        span=row.span,
        status=Status.ENDED,
        y=HEAD + GROUP,
        label_x=GUTTER + 4 * YEAR - 8,
        issued_x=GUTTER + 4 * YEAR,
        wait=Line(GUTTER + 4 * YEAR, YEAR),
        bar=Line(GUTTER + 5 * YEAR, 3 * YEAR),
        steps=(GUTTER + 6 * YEAR,),
    )


def test_bar_without_a_last_day_runs_to_the_right_edge():
    assert row_of().bar == Line(GUTTER + 5 * YEAR, END - GUTTER - 5 * YEAR)


def test_bar_of_one_day_has_some_width():
    row = row_of(in_force_until=date(2021, 1, 1))

    assert row.bar == Line(GUTTER + 5 * YEAR, round(YEAR / 365, 1))


def test_what_began_before_2016_begins_at_the_left_edge():
    row = row_of(issued_on=date(2008, 1, 1), in_force_from=date(2008, 10, 1))

    assert (row.issued_x, row.wait, row.bar, row.label_x) == (None, None, Line(GUTTER, END - GUTTER), GUTTER - 8)


def test_what_ended_before_2016_has_no_bar():
    row = row_of(issued_on=None, in_force_from=date(2008, 10, 1), in_force_until=date(2012, 1, 1))

    assert (row.bar, row.label_x) == (None, GUTTER - 8)


def test_what_states_no_entry_into_force_runs_from_its_issue():
    row = row_of(in_force_from=None)

    assert (row.wait, row.bar) == (None, Line(GUTTER + 4 * YEAR, END - GUTTER - 4 * YEAR))


def test_draft_has_a_line_and_no_bar():
    row = row_of(stage=Stage.DRAFT, in_force_from=None)

    assert (row.status, row.bar, row.issued_x) == (Status.DRAFT, None, GUTTER + 4 * YEAR)
    assert row.wait == Line(GUTTER + 4 * YEAR, END - GUTTER - 4 * YEAR)


def test_groups_follow_the_forces_and_what_has_no_date_comes_last():
    undated = make_span("undated", issued_on=None, in_force_from=None)
    case = make_span("case", legal_force=LegalForce.CASE)
    first, second = make_span("first"), make_span("second")

    picture = layout([undated, case, first, second], axis=AXIS, day=TODAY, today=TODAY)

    in_groups = [(group.force, [row.span.slug for row in group.rows]) for group in picture.groups]
    assert in_groups == [(LegalForce.LAW, ["first", "second"]), (LegalForce.CASE, ["case"]), (None, ["undated"])]
    case_y = HEAD + GROUP + 2 * ROW
    assert [group.y for group in picture.groups] == [HEAD, case_y, case_y + GROUP + ROW]
    assert [row.y for row in picture.groups[0].rows] == [HEAD + GROUP, HEAD + GROUP + ROW]
    last = Row(undated, Status.UNDATED, case_y + 2 * GROUP + ROW, GUTTER - 8)
    assert picture.groups[-1] == Group(None, case_y + GROUP + ROW, (last,))
    assert picture.height == last.y + ROW + 8


def test_binding_forces_come_first():
    assert FORCES == (
        LegalForce.LAW,
        LegalForce.ADMINISTRATIVE_REGULATION,
        LegalForce.DEPARTMENTAL_RULE,
        LegalForce.NORMATIVE_DOCUMENT,
        LegalForce.JUDICIAL_INTERPRETATION,
        LegalForce.MANDATORY_STANDARD,
        LegalForce.RECOMMENDED_STANDARD,
        LegalForce.INDUSTRY_INITIATIVE,
        LegalForce.COMPANY_GUIDELINE,
        LegalForce.CASE,
    )


def test_picture_of_nothing_is_its_head():
    assert layout([], axis=AXIS, day=TODAY, today=TODAY) == Picture(AXIS, HEAD + 8, ())


@pytest.mark.parametrize("name", ["timelines", "coverage"])
def test_layout_loads_without_django(name):
    script = f"import sys, questionnaires.{name}; print(sorted(m for m in sys.modules if m.split('.')[0] == 'django'))"

    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)

    assert run.stdout.strip() == "[]"
