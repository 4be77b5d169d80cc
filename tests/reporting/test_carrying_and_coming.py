"""What a report says of the days to come and of answers carried over."""

import re
from datetime import date

import pytest
from bs4 import BeautifulSoup
from django.template.loader import render_to_string

from questionnaires.reporting.context import report_context
from tests import factories as f
from tests.reporting.contents import content_of

pytestmark = pytest.mark.django_db
LANGUAGES = ["en", "zh-hans", "both"]


def body(content, language="en"):
    context = report_context(content, language=language, digest=None)
    return BeautifulSoup(render_to_string("reports/_body.html", {"report": context}), "html.parser")


def text(element):
    return " ".join(element.get_text(" ").split())


# --- what is coming ---------------------------------------------------------------------------------------------------


@pytest.fixture
def coming():
    """Content with two provisions to come: one in force from June, unverified, and one of 2027."""
    law = f.make_instrument("law", **f.both(short_title="The Law"))
    late = f.make_provision(law, "Art. 9", in_force_from=date(2027, 1, 1))
    soon = f.make_provision(
        law, "Art. 8", in_force_from=date(2026, 6, 1), verification="unverified", **f.both(statement="Do & don't")
    )
    version = f.make_version(questions=1, provisions=[late, f.make_provision(law, "Art. 1"), soon])
    return content_of(f.make_assessment(version))


def test_coming_up_lists_provisions_with_their_day_force_and_caution(coming):
    context = report_context(coming, language="en", digest=None)

    said = [
        (row.day, row.citation.title.plain, row.citation.meta.plain, row.citation.caution.plain)
        for row in context.coming_up
    ]
    assert said == [
        ("2026-06-01", "The Law, Art. 8", "Law, binding · in force from 2026-06-01", "to be verified"),
        ("2027-01-01", "The Law, Art. 9", "Law, binding · in force from 2027-01-01", ""),
    ]
    assert [row.citation.outcome for row in context.coming_up] == ["", ""]


@pytest.mark.parametrize(
    ("language", "statements"),
    [("en", ["Do & don't"]), ("zh-hans", ["Do & don't中文"]), ("both", ["Do & don't", "Do & don't中文"])],
)
def test_coming_up_part_is_drawn_in_each_language(coming, language, statements):
    part = body(coming, language).find(id="coming-up")

    first, second = part.select("li")
    assert [text(day) for day in part.select("li > strong")] == ["2026-06-01", "2027-01-01"]
    assert [span.get_text() for span in first.p.select("span")] == (statements if language == "both" else [])
    assert text(first.p) == " ".join(statements)
    assert ("Art. 9中文" in text(second), "The Law, Art. 9" in text(second)) == (
        language != "en",
        language != "zh-hans",
    )


def test_coming_up_stands_in_the_contents_between_results_and_answers(coming):
    anchors = [entry.anchor for entry in report_context(coming, language="en", digest=None).contents]

    at = anchors.index("coming-up")
    assert anchors[at - 1 : at + 2] == ["results", "coming-up", "answers"]


def test_what_is_coming_is_never_scored_or_cited(coming):
    context = report_context(coming, language="en", digest=None)

    assert [c.ref.plain for q in context.sections[0].questions for g in q.forces for c in g.citations] == ["Art. 1"]
    assert [c.ref.plain for i in context.instruments for c in i.provisions] == ["Art. 1"]


def test_nothing_coming_leaves_the_part_out():
    content = content_of(f.make_assessment())

    context = report_context(content, language="en", digest=None)

    assert (context.coming_up, body(content).find(id="coming-up")) == ((), None)
    assert "coming-up" not in [entry.anchor for entry in context.contents]


# --- answers carried over ---------------------------------------------------------------------------------------------


def carried_content(confirmed=0, *, weights=("high", "high", "low")):
    """Three answers carried over, of which the first ones are confirmed."""
    draft = f.make_draft()
    section = f.make_section(draft, "first")
    for number, severity in enumerate(weights, 1):
        f.make_question(section, f"topic.q{number}", severity=severity)
    source = f.make_assessment(f.publish(draft))
    f.answer_all(source, "no")
    later = f.make_carried(source)
    for number in range(1, confirmed + 1):
        f.answer(later, f"topic.q{number}", "no", seen=1)
    return content_of(later)


def unconfirmed_sentence(content, language="en"):
    return report_context(content, language=language, digest=None).summary.unconfirmed.plain


@pytest.mark.parametrize(
    ("confirmed", "sentence"),
    [
        (
            0,
            "3 answers were carried over from an earlier assessment and not confirmed; "
            "100 % of the overall score's weight rests on them.",
        ),
        (
            1,
            "2 answers were carried over from an earlier assessment and not confirmed; "
            "56 % of the overall score's weight rests on them.",
        ),
        (
            2,
            "1 answer was carried over from an earlier assessment and not confirmed; "
            "11 % of the overall score's weight rests on it.",
        ),
        (3, ""),
    ],
)
def test_summary_says_how_much_rests_on_unconfirmed_answers(confirmed, sentence):
    assert unconfirmed_sentence(carried_content(confirmed)) == sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_unconfirmed_sentence_stands_in_the_summary_in_each_language(language):
    content = carried_content(1)

    summary = body(content, language).find(id="summary")

    (sentence,) = [text(p) for p in summary.select("p.caution")]
    assert set(re.findall(r"\d+", sentence)) == {"2", "56"}


def test_share_that_is_not_everything_is_not_shown_as_everything():
    """800 of 801 points rest on carried answers, then 1 of 801."""
    content = carried_content(0, weights=["critical"] * 100 + ["low"])
    content["result"]["unconfirmed"] = {"answers": 100, "weight": "800"}
    nearly_all = unconfirmed_sentence(content)
    content["result"]["unconfirmed"] = {"answers": 1, "weight": "1"}

    assert ("; 99 % of" in nearly_all, "; 1 % of" in unconfirmed_sentence(content)) == (True, True)


def test_unconfirmed_not_applicable_alone_rests_on_nothing():
    source = f.make_assessment(f.make_version(questions=1))
    f.answer(source, "topic.q1", None, is_not_applicable=True, justification="No doors")

    sentence = unconfirmed_sentence(content_of(f.make_carried(source)))

    assert sentence.startswith("1 answer was carried over") and "; 0 % of" in sentence


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_unconfirmed_answer_is_marked(language):
    context = report_context(carried_content(1), language=language, digest=None)

    marked = [
        question.ref for section in context.sections for question in section.questions if not question.is_confirmed
    ]
    assert marked == ["topic.q2", "topic.q3"]
    answers = body(carried_content(1), language).find(id="answers")
    assert len(answers.select("p.answer em.caution")) == 2


# --- frozen before ----------------------------------------------------------------------------------------------------


def before_these_were_kept(content):
    """The same content as it was frozen before these keys were."""
    for name in ("coming_up", "duties", "settings", "actions"):
        content.pop(name, None)
    content["result"].pop("unconfirmed")
    for section in content["sections"]:
        for question in section["questions"]:
            question.get("answer", {}).pop("is_confirmed", None)
            question.pop("bounds", None)
    return content


@pytest.mark.parametrize("language", LANGUAGES)
def test_content_frozen_before_there_were_such_keys_is_still_drawn(coming, language):
    content = before_these_were_kept(coming)

    page = body(content, language)

    context = report_context(content, language=language, digest=None)
    assert (context.coming_up, context.summary.unconfirmed.plain) == ((), "")
    assert [q.is_confirmed for section in context.sections for q in section.questions] == [True]
    assert page.select("#coming-up, #duties, .caution") == []
    assert page.find(id="summary") is not None and page.find(id="answers") is not None
