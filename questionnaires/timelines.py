"""Where instruments stand on a day, and the picture of them over the years as plain numbers. Pure: no Django."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from questionnaires.content import BINDING_FORCES, LegalForce, Stage

FIRST_DAY = date(2016, 1, 1)
# Binding forces first, each half in the order of LegalForce.
FORCES = tuple(sorted(LegalForce, key=lambda force: force not in BINDING_FORCES))

# Units of the view box. A label ends where its bar begins, so the longest one must fit in before the first year.
GUTTER = 270
YEAR = 66
HEAD = 58
GROUP = 34
ROW = 26
BAR = 12
GAP = 8
_AHEAD = timedelta(days=183)  # what is announced for December still gets some width


class Status(StrEnum):
    """What an instrument is on a day."""

    IN_FORCE = "in_force"
    ISSUED = "issued"  # and no day of entry into force is stated
    ANNOUNCED = "announced"  # issued, in force later
    LATER = "later"  # in force later; whether it was issued by then is not known
    UNISSUED = "unissued"
    ENDED = "ended"
    DRAFT = "draft"
    UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Span:
    """An instrument's dates; `steps` are the days on which provisions with a date of their own take effect."""

    slug: str
    label: str
    legal_force: LegalForce
    stage: Stage
    issued_on: date | None
    in_force_from: date | None
    in_force_until: date | None
    steps: tuple[date, ...] = ()

    @property
    def is_binding(self) -> bool:
        return self.stage == Stage.ADOPTED and self.legal_force in BINDING_FORCES

    @property
    def counts_from(self) -> date | None:
        return self.in_force_from or self.issued_on

    def status(self, day: date, *, today: date) -> Status:
        """What stands in the library was announced by today, even where its day of issue is not known."""
        first = self.counts_from
        if first is None:
            return Status.DRAFT if self.stage == Stage.DRAFT else Status.UNDATED
        if self.issued_on and self.issued_on > day:
            return Status.UNISSUED
        if self.stage == Stage.DRAFT:
            return Status.DRAFT
        if first > day:
            return Status.ANNOUNCED if self.issued_on or day >= today else Status.LATER
        if self.in_force_until and self.in_force_until < day:
            return Status.ENDED
        return Status.IN_FORCE if self.in_force_from else Status.ISSUED


@dataclass(frozen=True, slots=True)
class Axis:
    """Whole years from 2016; `end` is the day after the last."""

    end: date

    @property
    def width(self) -> int:
        return GUTTER + YEAR * (self.end.year - FIRST_DAY.year)

    @property
    def years(self) -> tuple[tuple[int, int], ...]:
        """Each year with the x of its first day."""
        return tuple((year, GUTTER + YEAR * (year - FIRST_DAY.year)) for year in range(FIRST_DAY.year, self.end.year))

    @property
    def last_day(self) -> date:
        return self.end - timedelta(days=1)

    def x(self, day: date) -> float:
        """A day before the first or after the last stands at the edge."""
        day = min(max(day, FIRST_DAY), self.end)
        start = date(day.year, 1, 1)
        share = (day - start) / (date(day.year + 1, 1, 1) - start)
        return round(GUTTER + YEAR * (day.year - FIRST_DAY.year + share), 1)


def axis_for(spans: Iterable[Span], *, today: date) -> Axis:
    """Years enough for today and for whatever is announced."""
    latest = max((today, *(day for span in spans for day in _days(span))))
    return Axis(date((latest + _AHEAD).year + 1, 1, 1))


def _days(span: Span) -> Iterator[date]:
    for day in (span.issued_on, span.in_force_from, span.in_force_until, *span.steps):
        if day is not None:
            yield day


@dataclass(frozen=True, slots=True)
class Line:
    x: float
    width: float


@dataclass(frozen=True, slots=True)
class Row:
    """One instrument. `y` is the top of its row, `label_x` the right end of its label.

    `wait` runs from its issue to its entry into force, or of a draft to the right edge; `bar` is its time in force.
    """

    span: Span
    status: Status
    y: int
    label_x: float
    issued_x: float | None = None
    wait: Line | None = None
    bar: Line | None = None
    steps: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """`force` is None for the group of what has no date."""

    force: LegalForce | None
    y: int
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Picture:
    axis: Axis
    height: int
    groups: tuple[Group, ...]


def layout(spans: Sequence[Span], *, axis: Axis, day: date, today: date) -> Picture:
    """One group per legal force that occurs, binding first, what has no date last; rows in the order given."""
    groups, y = [], HEAD
    for force in (*FORCES, None):
        own = [span for span in spans if _group(span) == force]
        if own:
            rows = tuple(
                _row(span, span.status(day, today=today), y + GROUP + at * ROW, axis) for at, span in enumerate(own)
            )
            groups.append(Group(force, y, rows))
            y += GROUP + len(own) * ROW
    return Picture(axis, y + GAP, tuple(groups))


def _group(span: Span) -> LegalForce | None:
    return span.legal_force if span.counts_from else None


def _row(span: Span, status: Status, y: int, axis: Axis) -> Row:
    if span.counts_from is None:
        return Row(span, status, y, GUTTER - GAP)
    issued_x = axis.x(span.issued_on) if span.issued_on and span.issued_on >= FIRST_DAY else None
    start = axis.x(span.counts_from)
    if span.stage == Stage.DRAFT:
        return Row(span, status, y, start - GAP, start, wait=_line(start, axis.width))
    end = axis.x(span.in_force_until + timedelta(days=1)) if span.in_force_until else axis.width
    label_x = (start if issued_x is None else min(issued_x, start)) - GAP
    wait = None if issued_x is None else _line(issued_x, start)
    return Row(span, status, y, label_x, issued_x, wait, _line(start, end), tuple(axis.x(step) for step in span.steps))


def _line(start: float, end: float) -> Line | None:
    return Line(start, round(end - start, 1)) if end > start else None
