import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import override

from questionnaires.reporting.context import code, report_context
from questionnaires.reporting.figures import percent, range_text
from questionnaires.reporting.texts import Text, Voice
from questionnaires.reporting.words import WORDS
from tests import factories as f
from tests.reporting.contents import content_of, make_mixed, make_two_instruments

DIGEST = "0123456789abcdef" * 4


def draft_context(assessment, language="en"):
    return report_context(content_of(assessment), language=language, digest=None)


def figure_rows(figures):
    return [(row.label.plain, row.score, row.range, [c.number for c in row.counts]) for row in figures]


def cited_by(question):
    return [citation for group in question.forces for citation in group.citations]


def body(context):
    return render_to_string("reports/_body.html", {"report": context})


# --- texts ------------------------------------------------------------------------------------------------------------


def test_text_in_one_language_is_escaped_and_bare():
    assert str(Voice("en").content({"en": "a < b", "zh": "甲"})) == "a &lt; b"


def test_text_in_both_languages_marks_each():
    text = Voice("both").content({"en": "a < b", "zh": "甲"})

    assert str(text) == '<span lang="en">a &lt; b</span> <span lang="zh-Hans">甲</span>'
    assert text.plain == "a < b / 甲"


def test_text_missing_in_the_wanted_language_is_shown_in_the_other_and_marked():
    assert Voice("zh-hans").content({"en": "only English", "zh": ""}) == Text((("en", "only English"),))


def test_text_that_is_the_same_in_both_languages_is_said_once():
    text = Voice("both").content({"en": "GB/T 35273", "zh": "GB/T 35273"})

    assert text == Text((("en", "GB/T 35273"),))


@pytest.mark.parametrize(
    ("language", "text", "tag"),
    [
        ("en", "A note", ""),
        ("en", "已更新标识。", "zh-Hans"),
        ("en", "见 SEC-12：已更新现场标识。", "zh-Hans"),
        ("zh-hans", "A note", "en"),
        ("zh-hans", "已更新标识。", ""),
        ("both", "A note", ""),
        ("en", "", ""),
    ],
)
def test_typed_text_is_tagged_by_its_script(language, text, tag):
    assert Voice(language).typed(text).tag == tag


def test_typed_text_loses_control_characters_only():
    assert Voice("en").typed("a\x00b\x1b\r\nc\td\x9f😀").text == "ab\nc\td😀"


@pytest.mark.parametrize(
    "share, shown", [("0", 0), ("0.001", 1), ("0.615", 62), ("0.6149", 61), ("0.999", 99), ("1", 100)]
)
def test_percent_rounds_but_never_to_nothing_or_everything(share, shown):
    assert percent(Decimal(share)) == shown


@pytest.mark.parametrize(
    ("low", "high", "shown"),
    [("0.48", "0.71", "48–71\xa0%"), ("0.5", "0.5", ""), ("0.501", "0.502", "50\xa0%"), ("0", "1", "0–100\xa0%")],
)
def test_range_is_shown_while_answers_are_missing(low, high, shown):
    assert range_text(Decimal(low), Decimal(high)) == shown


def test_every_word_of_the_templates_exists_and_every_word_is_used():
    templates = Path(settings.BASE_DIR, "templates", "reports").glob("*.html")
    used = {word for path in templates for word in re.findall(r"words\.(\w+)", path.read_text())}
    parts = {"summary", "register", "results", "answers", "not_asked", "facts", "instruments", "method", "overall"}
    legend = {word for word in WORDS if word.startswith("legend_")}

    assert used | parts | legend == set(WORDS)


# --- numbers ----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_figures_of_a_mixed_assessment():
    """Weights 8, 4, 2, 1: the law has 8*0 + 2*0.5 of 10 and 4 open; the guideline 4 open and one N/A."""
    context = draft_context(make_mixed())

    assert figure_rows(context.overall_rows) == [("Overall", "10\xa0%", "7–36\xa0%", [0, 1, 1, 1, 1])]
    assert figure_rows(context.by_legal_force) == [
        ("Law", "10\xa0%", "7–36\xa0%", [0, 1, 1, 0, 1]),
        ("Company guideline", "–", "0–100\xa0%", [0, 0, 0, 1, 1]),
    ]
    assert figure_rows(context.by_instrument) == [
        ("The Law", "10\xa0%", "7–36\xa0%", [0, 1, 1, 0, 1]),
        ("The Guide", "–", "0–100\xa0%", [0, 0, 0, 1, 1]),
    ]
    assert figure_rows(context.by_section) == [
        ("Section consent", "10\xa0%", "", [0, 1, 1, 0, 0]),
        ("Section storage", "–", "0–100\xa0%", [0, 0, 0, 1, 1]),
    ]


@pytest.mark.django_db
def test_summary_counts_binding_duties_and_lists_critical_ones_first():
    summary = draft_context(make_mixed()).summary

    assert [(t.number, t.label.plain, t.detail.plain) for t in summary.tiles] == [
        ("1", "binding duties not met", "of 2; 1 partly met"),
        ("10\xa0%", "overall score", "range 7–36\xa0%"),
        ("1", "unanswered", "of 4 questions"),
        ("1", "not applicable", "of 4 questions"),
    ]
    assert summary.lead.plain == "1 critical gap in binding provisions."
    assert [(gap.number, gap.outcome) for gap in summary.worst] == [("1.1", "not_met"), ("1.2", "partly_met")]
    assert (summary.situation, summary.worst_sentence, summary.more_gaps) == (Text(()),) * 3


@pytest.mark.django_db
def test_register_groups_gaps_by_severity():
    register = draft_context(make_mixed()).register

    assert [(group.title.plain, [gap.number for gap in group.gaps]) for group in register] == [
        ("Critical (1)", ["1.1"]),
        ("Medium (1)", ["1.2"]),
    ]
    assert [c.title.plain for c in register[0].gaps[0].citations] == ["The Law, Art. 1"]


@pytest.mark.django_db
def test_citation_tells_force_dates_change_and_verification():
    context = draft_context(make_mixed())
    encrypted = context.sections[1].questions[0]

    assert [(c.title.plain, c.meta.plain, c.dated.plain, c.caution.plain) for c in cited_by(encrypted)] == [
        (
            "The Law, Art. 2",
            "Law, binding · in force from 2021-01-01 · New in 2020",
            "New in 2020",
            "to be verified",
        ),
        (
            "The Guide, Part 1",
            "Company guideline, not binding · dated 2019-07-08",
            "",
            "cited at section level · our reading",
        ),
    ]


@pytest.mark.django_db
def test_a_provision_tells_its_dates_where_the_instrument_has_others():
    law = f.make_instrument(in_force_from=date(2021, 1, 1))
    later = f.make_provision(law, "Art. 2", in_force_from=date(2023, 1, 1))
    context = draft_context(f.make_assessment(f.make_version(questions=1, provisions=[later])))

    assert [p.dated.plain for p in context.instruments[0].provisions] == ["in force from 2023-01-01"]


@pytest.mark.django_db
def test_an_answer_that_is_a_gap_leads_to_the_register_for_what_it_rests_on():
    context = draft_context(make_mixed())

    leads = {q.number: q.gap_anchor for section in context.sections for q in section.questions if q.gap_anchor}
    assert leads == {gap.number: gap.own_anchor for group in context.register for gap in group.gaps}
    assert leads == {"1.1": "gap-1-1", "1.2": "gap-1-2"}


@pytest.mark.django_db
def test_chinese_citation_is_set_without_a_gap():
    law = f.make_instrument(short_title_en="Law", short_title_zh_hans="网络安全法")
    provision = f.make_provision(law, ref_en="Art. 41", ref_zh_hans="第41条")
    context = draft_context(f.make_assessment(f.make_version(questions=1, provisions=[provision])), "both")

    assert cited_by(context.sections[0].questions[0])[0].title.plain == "Law, Art. 41 / 网络安全法第41条"


@pytest.mark.django_db
def test_provisions_that_read_the_same_are_cited_once():
    law = f.make_instrument(**f.both(short_title="Spec"))
    provisions = [f.make_provision(law, "5.4", verification="section") for _ in range(2)]
    context = draft_context(f.make_assessment(f.make_version(questions=1, provisions=provisions)))

    assert [c.title.plain for c in cited_by(context.sections[0].questions[0])] == ["Spec, 5.4"]
    assert [len(i.provisions) for i in context.instruments] == [2]


@pytest.mark.django_db
def test_questions_not_asked_say_why():
    version = make_two_instruments()
    law = version.questions.get(ref="consent.asked").provisions.get().instrument
    assessment = f.make_assessment(version, instruments=[law], as_of=date(2020, 6, 1))
    f.state_fact(assessment, "minors", "no")

    assert [(q.number, q.reason.plain) for q in draft_context(assessment).not_asked] == [
        ("1.1", "No provision that it rests on is in force on 2020-06-01."),
        ("1.2", "No provision that it rests on is in force on 2020-06-01."),
        ("1.3", "No provision that it rests on is in force on 2020-06-01."),
        ("2.1", "No provision that it rests on is in force on 2020-06-01."),
        ("2.2", "It rests only on instruments that were left out of this assessment."),
    ]


@pytest.mark.django_db
def test_question_ruled_out_by_facts_names_the_fact():
    [not_asked] = draft_context(make_mixed()).not_asked

    assert (not_asked.number, not_asked.reason.plain) == (
        "1.3",
        "Ruled out by the facts: Are children captured? No",
    )


@pytest.mark.django_db
def test_facts_stated_and_not_stated():
    assert [(fact.text.plain, fact.value.plain) for fact in draft_context(make_mixed()).facts] == [
        ("Are children captured?", "No"),
        ("How many?", "Not stated"),
    ]


@pytest.mark.django_db
def test_context_reads_nothing_from_the_database(django_assert_num_queries):
    content = content_of(make_mixed())

    with django_assert_num_queries(0):
        body(report_context(content, language="both", digest=DIGEST))


@pytest.mark.django_db
def test_context_does_not_depend_on_the_language_of_the_request():
    content = content_of(make_mixed())

    with override("zh-hans"):
        chinese_request = report_context(content, language="en", digest=DIGEST)

    assert chinese_request == report_context(content, language="en", digest=DIGEST)


def test_code_is_the_first_twelve_characters():
    assert code(DIGEST) == "0123 4567 89ab"


# --- empty states -----------------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_nothing_answered_shows_the_range_and_no_score():
    context = draft_context(f.make_assessment())

    assert context.summary.situation.plain.startswith("Nothing has been answered yet")
    assert (context.overall.score, context.overall.range) == ("–", "0–100\xa0%")
    assert context.register_sentence.plain == (
        "No gap was stated so far; 3 questions are still unanswered and may hide some."
    )
    assert context.summary.lead.plain == "No gap was stated."


@pytest.mark.django_db
def test_everything_met_has_no_gaps():
    assessment = f.make_assessment()
    f.answer_all(assessment)
    context = draft_context(assessment)

    assert context.register_sentence.plain == ("No gap was stated: every question that applies was answered as met.")
    assert (context.register, context.overall.score, context.overall.range) == ((), "100\xa0%", "")
    assert context.summary.situation == Text(())


@pytest.mark.django_db
def test_everything_not_applicable_has_no_score():
    assessment = f.make_assessment(f.make_version(questions=1))
    f.answer(assessment, "topic.q1", None, is_not_applicable=True, justification="No cameras.")
    context = draft_context(assessment)

    assert context.summary.situation.plain == (
        "Every question was set aside as not applicable: there is nothing to score."
    )
    assert context.register_sentence.plain == "No gap was stated: no question was scored."
    assert (context.overall.score, context.overall.range) == ("–", "")


@pytest.mark.django_db
def test_nothing_applicable_says_so():
    context = draft_context(f.make_assessment(as_of=date(2000, 1, 1)))

    assert context.summary.situation.plain.startswith("No question applies: there is nothing to score.")
    assert context.summary.tiles[0].detail.plain == "no binding provision applies"
    assert len(context.not_asked) == 3
    assert "No question of this section applies" in body(context)


@pytest.mark.django_db
def test_unanswered_critical_questions_are_not_hidden_by_the_absence_of_gaps():
    law = f.make_provision()
    draft = f.make_draft()
    f.make_question(f.make_section(draft), severity="critical", provisions=[law])
    context = draft_context(f.make_assessment(f.publish(draft)))

    assert context.summary.worst_sentence.plain == (
        "No critical gap in a binding provision was stated. "
        "1 critical question on binding provisions is still unanswered."
    )


# --- bodies -----------------------------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_body_escapes_what_was_typed(language):
    assessment = f.make_assessment(f.make_version(questions=1), name="<script>1</script>", subject="a & b")
    f.answer(assessment, "topic.q1", "no", note="<script>alert(2)</script> 😀 مرحبا")
    html = body(draft_context(assessment, language))

    assert "<script" not in html
    assert "&lt;script&gt;alert(2)&lt;/script&gt; 😀 مرحبا" in html


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_no_sentence_says_compliant(language):
    html = body(draft_context(make_mixed(), language)).lower()

    assert ("complian" in html, "合规" in html, " style=" in html) == (False, False, False)
