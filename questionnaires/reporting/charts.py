"""Bars as inline SVG. No text but a title and no styles: colours come from classes, and from attributes in print."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from questionnaires.scoring import Outcome

WIDTH, HEIGHT = 200, 10  # units of the view box
TRACK, BAND, VALUE = "#e6e9ec", "#a9c4cc", "#1f5d6e"
COLOURS = {
    Outcome.MET: "#2c6e55",
    Outcome.PARTLY_MET: "#d09a3a",
    Outcome.NOT_MET: "#a8322a",
    Outcome.NOT_APPLICABLE: "#b4bcc3",
    Outcome.UNANSWERED: "#e6e9ec",
}
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="chart {}" viewBox="0 0 {} {}" width="{}" height="{}" '
    'preserveAspectRatio="none" role="img">'
    "<title>{}</title>{}</svg>"
)
_RECT = '<rect class="{}" x="{}" y="{}" width="{}" height="{}" fill="{}"/>'


def score_bar(*, value: Decimal | None, low: Decimal | None, high: Decimal | None, title: str) -> SafeString:
    """A score from 0 to 1 on its track, the range behind it as a lighter and taller band."""
    rects = [("bar-track", 0, 2, WIDTH, HEIGHT - 4, TRACK)]
    if low is not None and high is not None and high > low:
        rects.append(("bar-band", _units(low), 0, _units(high - low), HEIGHT, BAND))
    if value is not None and value > 0:
        rects.append(("bar-value", 0, 2, _units(value), HEIGHT - 4, VALUE))
    return _svg("chart-score", rects, title)


def outcome_bar(outcomes: Mapping[Outcome, int], *, title: str) -> SafeString:
    """One segment per outcome that occurs, as wide as its share."""
    total = sum(outcomes.values())
    rects = [] if total else [("bar-track", 0, 1, WIDTH, HEIGHT - 2, TRACK)]
    done = 0
    for outcome in Outcome:
        count = outcomes.get(outcome, 0)
        if not count:
            continue
        start, end = (_units(Decimal(n) / total) for n in (done, done + count))
        done += count
        gap = Decimal(0) if done == total else Decimal(1)
        rects.append((f"segment-{outcome}", start, 1, max(end - start - gap, gap), HEIGHT - 2, COLOURS[outcome]))
    return _svg("chart-outcomes", rects, title)


CELL = 10
INK, LIGHT = "#1c2730", "#ffffff"
# Around the middle of a cell: a disc, half a disc, a triangle, a dash, a ring. Shapes, so that no font is needed.
_MARKS = {
    Outcome.MET: ("m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0z", LIGHT),
    Outcome.PARTLY_MET: ("m0-2.6a2.6 2.6 0 0 0 0 5.2z", INK),
    Outcome.NOT_MET: ("m0-2.7l2.8 5h-5.6z", LIGHT),
    Outcome.NOT_APPLICABLE: ("m-2-.5h4v1h-4z", INK),
    Outcome.UNANSWERED: (
        "m-2.4 0a2.4 2.4 0 1 0 4.8 0a2.4 2.4 0 1 0-4.8 0zm.9 0a1.5 1.5 0 1 0 3 0a1.5 1.5 0 1 0-3 0z",
        INK,
    ),
}
_STRIP = (
    '<svg xmlns="http://www.w3.org/2000/svg" class="chart {0}" viewBox="0 0 {1} 10" width="{1}" height="10" '
    'preserveAspectRatio="xMinYMid meet" role="img"><title>{2}</title>{3}</svg>'
)
_HEAD = '<g font-family="FRCheck Sans" font-size="5.5" font-weight="700" text-anchor="middle" fill="#57656f">{}</g>'
_PATH = '<path class="{}" d="{}" fill="{}" fill-rule="evenodd"/>'


def outcome_strip(outcomes: Sequence[Outcome | None], *, title: str) -> SafeString:
    """A row of cells, each told by colour and shape; None leaves its place empty. One path per outcome and layer."""
    paths = []
    for outcome in Outcome:
        middles = [CELL * at + CELL // 2 for at, found in enumerate(outcomes) if found is outcome]
        if middles:
            mark, colour = _MARKS[outcome]
            cells = "".join(f"M{x - 4.6:.1f} .4h9.2v9.2h-9.2z" for x in middles)
            paths.append((f"segment-{outcome}", cells, COLOURS[outcome]))
            paths.append((f"mark-{outcome}", "".join(f"M{x} 5{mark}" for x in middles), colour))
    return format_html(_STRIP, "strip", CELL * len(outcomes), title, format_html_join("", _PATH, paths))


def strip_head(labels: Sequence[str], *, title: str) -> SafeString:
    """Labels over the cells of the strips below."""
    middles = ((CELL * at + CELL // 2, label) for at, label in enumerate(labels))
    texts = format_html_join("", '<text x="{}" y="8">{}</text>', middles)
    return format_html(_STRIP, "strip strip-head", CELL * len(labels), title, format_html(_HEAD, texts))


def _svg(name: str, rects: Iterable[tuple], title: str) -> SafeString:
    return format_html(_SVG, name, WIDTH, HEIGHT, WIDTH, HEIGHT, title, format_html_join("", _RECT, rects))


def _units(share: Decimal) -> Decimal:
    return (share * WIDTH).quantize(Decimal("0.1")).normalize() + 0
