from decimal import Decimal
from xml.etree import ElementTree

from questionnaires.reporting.charts import outcome_bar, score_bar

SVG = "{http://www.w3.org/2000/svg}"


def rects(svg):
    root = ElementTree.fromstring(svg)
    keys = ("class", "x", "width")
    return root.find(f"{SVG}title").text, [tuple(rect.get(key) for key in keys) for rect in root.iter(f"{SVG}rect")]


def test_score_bar_shows_track_range_and_value():
    svg = score_bar(value=Decimal("0.62"), low=Decimal("0.48"), high=Decimal("0.71"), title="Law: 62 %")

    assert rects(svg) == (
        "Law: 62 %",
        [("bar-track", "0", "200"), ("bar-band", "96", "46"), ("bar-value", "0", "124")],
    )


def test_score_bar_without_answers_shows_no_value():
    svg = score_bar(value=None, low=Decimal(0), high=Decimal(1), title="No score")

    assert rects(svg) == ("No score", [("bar-track", "0", "200"), ("bar-band", "0", "200")])


def test_score_bar_with_nothing_applicable_is_an_empty_track():
    assert rects(score_bar(value=None, low=None, high=None, title="–")) == ("–", [("bar-track", "0", "200")])


def test_outcome_bar_divides_by_share_in_order():
    svg = outcome_bar({"met": 1, "not_met": 2, "unanswered": 1}, title="4")

    assert rects(svg) == (
        "4",
        [("segment-met", "0", "49"), ("segment-not_met", "50", "99"), ("segment-unanswered", "150", "50")],
    )


def test_outcome_bar_without_questions_is_an_empty_track():
    assert rects(outcome_bar({}, title="None")) == ("None", [("bar-track", "0", "200")])


def test_charts_escape_their_title_and_have_no_style():
    svgs = [
        score_bar(value=Decimal(1), low=Decimal(1), high=Decimal(1), title="<script>&"),
        outcome_bar({"met": 1}, title="<script>&"),
    ]

    for svg in svgs:
        assert rects(svg)[0] == "<script>&"
        assert ('role="img"' in svg, "style" in svg, "<script" in svg) == (True, False, False)
