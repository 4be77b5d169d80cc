"""The part "Duty calendar" of a report, on the web and as PDF."""

from io import BytesIO

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string
from pypdf import PdfReader

from questionnaires.models import Instrument
from questionnaires.reporting.context import report_context
from questionnaires.reporting.pdf import render_pdf
from tests import factories as f
from tests.reporting.contents import content_of, draft_with_duties, draft_with_every_duty, make_mixed

pytestmark = pytest.mark.django_db
DIGEST = "0123456789abcdef" * 4


def dutiful_content(draft=None):
    version = f.publish(draft or draft_with_every_duty())
    return content_of(f.make_assessment(version, instruments=Instrument.objects.all()))


def context_of(content, language="en"):
    return report_context(content, language=language, digest=DIGEST)


def read(context):
    return BeautifulSoup(render_to_string("reports/_body.html", {"report": context}), "html.parser")


def words(element):
    return " ".join(element.get_text(" ").split())


def anchors(context):
    return [entry.anchor for entry in context.contents if not entry.is_section]


def test_part_stands_after_the_register_and_in_the_contents():
    context = context_of(dutiful_content())

    parts = [part["id"] for part in read(context).select("section.part")]

    assert parts[:3] == anchors(context)[:3] == ["summary", "register", "duties"]


def test_table_says_when_what_and_on_what_it_rests():
    part = read(context_of(dutiful_content())).find(id="duties")

    assert [[words(cell) for cell in row.select("th, td")] for row in part.select("tbody tr")][:3] == [
        ["2025-07-14 passed By this day", "Do late", "Law, binding The Law, Art. 4"],
        ["2027-01-31 Every year by January 31", "Do report", "Law, binding The Law, Art. 4"],
        [
            "2028-03-01 At least once in 2 years",
            "Do audit Counted from 2026-03-01, the as-of date; if it was last done before that, count from then. "
            "Counted from its entry into force on 2025-05-01: by 2027-05-01.",
            "Law, binding The Law, Art. 4",
        ],
    ]
    assert [words(title) for title in part.select("h3")] == [
        "On a date, or again and again",
        "Within some time of an event",
        "To be kept",
        "May apply",
        "Coming",
    ]
    assert "Not stated: Are children captured?" in words(part)
    assert words(part).endswith("Law, binding next, Art. 9 cited at section level")


def test_provision_is_linked_where_the_report_lists_it():
    page = read(context_of(dutiful_content()))

    linked = {words(a): a["href"] for a in page.select("#duties td a")}

    assert list(linked) == ["The Law, Art. 4"]
    assert page.select(linked["The Law, Art. 4"] + ".provision") != []


def test_part_in_both_languages_says_each_thing_twice():
    part = read(context_of(dutiful_content(), "both")).find(id="duties")

    title = part.select_one("tbody th p")
    assert [(span["lang"], span.text) for span in title.select("span")] == [
        ("en", "Do late"),
        ("zh-Hans", "Do late中文"),
    ]


def test_report_without_duties_has_no_such_part():
    context = context_of(content_of(make_mixed()))

    assert (context.duties, "duties" in anchors(context), read(context).find(id="duties")) == ((), False, None)


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_report_frozen_before_there_were_duties_is_still_drawn(language):
    content = dutiful_content()
    del content["duties"]

    context = context_of(content, language)

    assert (context.duties, read(context).find(id="duties")) == ((), None)


@pytest.mark.parametrize(
    ("timing", "said"),
    [
        ({"rhythm": "every", "count": 1, "unit": "days"}, "At least once in 1 day"),
        ({"rhythm": "every", "count": 10, "unit": "working_days"}, "At least once in 10 working days"),
        ({"rhythm": "every", "count": 24, "unit": "hours"}, "At least once in 24 hours"),
        ({"rhythm": "keep", "count": 6, "unit": "months"}, "Keep for at least 6 months"),
    ],
)
def test_rhythm_is_said_in_words(timing, said):
    [group] = context_of(dutiful_content(draft_with_duties(timing))).duties

    assert group.rows[0].rhythm.plain == said


def test_duty_that_ends_says_when_and_has_no_date_beyond():
    content = dutiful_content(draft_with_duties({"rhythm": "yearly", "month": 1, "day_of_month": 31}))
    content["duties"][0] |= {"until": "2026-12-31", "due": None, "recurrence": None}

    [group] = context_of(content).duties

    assert (group.rows[0].day, group.rows[0].details[-1].plain) == (
        "",
        "The provisions it rests on end on 2026-12-31.",
    )


def test_pdf_has_the_part():
    reader = PdfReader(BytesIO(render_pdf(context_of(dutiful_content(), "both"))))
    text = "".join("".join(page.extract_text().split()) for page in reader.pages)

    for expected in ["Do audit", "Do audit中文", "2028-03-01", "Within 30 working days of the start of use"]:
        assert "".join(expected.split()) in text
    assert "Duty calendar" in str([entry.title for entry in reader.outline if not isinstance(entry, list)])
