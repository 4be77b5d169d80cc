"""How scores changed, as inline SVG: the steps between two results, and the line over revisions.

No styles: colours come from classes, and from attributes where no stylesheet reaches.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from questionnaires.reporting.charts import BAND, TRACK, VALUE

WIDTH, HEIGHT = 200, 16  # units of a step's view box
UP, DOWN = "#2c6e55", "#a8322a"
_STEP = (
    '<svg class="chart chart-step" viewBox="0 0 {0} {1}" width="{0}" height="{1}" preserveAspectRatio="none" '
    'role="img"><title>{2}</title><rect class="bar-track" x="0" y="3" width="{0}" height="10" fill="{3}"/>{4}</svg>'
)
_LINE = '<line class="step-line" x1="{0}" x2="{0}" y1="0" y2="{1}" stroke="currentColor" stroke-width="1"/>'
_RECT = '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}"/>'


def level_step(value: Decimal, *, title: str) -> SafeString:
    """A score from 0 to 1 where the picture begins or ends."""
    bar = format_html(_RECT, "bar-value", 0, 3, _units(value), 10, VALUE)
    return _step(title, bar, value)


def change_step(before: Decimal, after: Decimal, *, title: str) -> SafeString:
    """From one score to the next; a rise is a full bar, a fall a thin one, so that colour is not all that tells."""
    left, right = sorted([before, after])
    name, y, height, fill = ("bar-up", 3, 10, UP) if after >= before else ("bar-down", 6, 4, DOWN)
    bar = format_html(_RECT, name, _units(left), y, _units(right - left), height, fill)
    return _step(title, bar, after)


def _step(title: str, bar: SafeString, level: Decimal) -> SafeString:
    line = format_html(_LINE, min(_units(level), Decimal(WIDTH) - Decimal("0.5")), HEIGHT)
    return format_html(_STEP, WIDTH, HEIGHT, title, TRACK, bar + line)


def _units(share: Decimal) -> Decimal:
    return (share * WIDTH).quantize(Decimal("0.1")).normalize() + 0


@dataclass(frozen=True, slots=True)
class Mark:
    """One point of a line: a score and its range from 0 to 1, None where nothing is scored; and what it is called."""

    name: str
    value: Decimal | None
    low: Decimal | None
    high: Decimal | None


_CHART = (
    '<svg class="chart chart-trend" viewBox="0 0 360 176" width="360" height="176" role="img"><title>{}</title>'
    "{}{}{}{}{}</svg>"
)
_GRID = '<line class="grid" x1="34" x2="352" y1="{0}" y2="{0}" stroke="{1}"/>'
_LABEL = '<text x="{}" y="{}" font-size="11" text-anchor="{}" fill="currentColor">{}</text>'
_DOT = '<circle class="trend-dot" cx="{}" cy="{}" r="4" fill="{}"/>'
_PATH = '<path class="{}" d="{}" fill="{}" stroke="{}" stroke-width="2"/>'
_WHISKER = '<line class="trend-whisker" x1="{0}" x2="{0}" y1="{1}" y2="{2}" stroke="{3}" stroke-width="6"/>'
_LEFT, _RIGHT, _TOP, _BOTTOM = 48, 340, 12, 148


def trend_chart(marks: Sequence[Mark], *, title: str) -> SafeString:
    """The line of the scores, the band of their ranges behind it; a mark without a score interrupts both."""
    xs = [_x(n, len(marks)) for n in range(len(marks))]
    levels = [(Decimal(0), "0"), (Decimal("0.5"), "50"), (Decimal(1), "100 %")]
    grid = format_html_join("", _GRID, ((_y(level), TRACK) for level, _text in levels))
    scale = format_html_join("", _LABEL, ((30, _y(level) + 4, "end", text) for level, text in levels))
    names = format_html_join("", _LABEL, ((x, 168, "middle", mark.name) for x, mark in zip(xs, marks, strict=True)))
    dots = format_html_join(
        "", _DOT, ((x, _y(m.value), VALUE) for x, m in zip(xs, marks, strict=True) if m.value is not None)
    )
    return format_html(_CHART, title, grid, _band(xs, marks), _line(xs, marks), dots, scale + names)


def _line(xs: Sequence[Decimal], marks: Sequence[Mark]) -> SafeString:
    path, is_drawing = [], False
    for x, mark in zip(xs, marks, strict=True):
        if mark.value is not None:
            path.append(f"{'L' if is_drawing else 'M'}{x} {_y(mark.value)}")
        is_drawing = mark.value is not None
    return format_html(_PATH, "trend-line", " ".join(path), "none", VALUE) if path else SafeString("")


def _band(xs: Sequence[Decimal], marks: Sequence[Mark]) -> SafeString:
    """One area over each run of marks that have a range; a run of one is a bar."""
    runs: list[list[tuple[Decimal, Decimal, Decimal]]] = [[]]
    for x, mark in zip(xs, marks, strict=True):
        if mark.low is None or mark.high is None:
            runs.append([])
        else:
            runs[-1].append((x, _y(mark.low), _y(mark.high)))
    areas = [_area(run) for run in runs if run]
    return format_html_join("", "{}", ((area,) for area in areas))


def _area(run: Sequence[tuple[Decimal, Decimal, Decimal]]) -> SafeString:
    if len(run) == 1:
        ((x, low, high),) = run
        return format_html(_WHISKER, x, low, high, BAND)
    corners = [(x, high) for x, _low, high in run] + [(x, low) for x, low, _high in reversed(run)]
    return format_html(_PATH, "trend-band", "M" + " L".join(f"{x} {y}" for x, y in corners) + " Z", BAND, BAND)


def _x(n: int, count: int) -> Decimal:
    share = Decimal(n) / (count - 1) if count > 1 else Decimal("0.5")
    return (_LEFT + share * (_RIGHT - _LEFT)).quantize(Decimal("0.1"))


def _y(share: Decimal) -> Decimal:
    return (_BOTTOM - share * (_BOTTOM - _TOP)).quantize(Decimal("0.1"))
