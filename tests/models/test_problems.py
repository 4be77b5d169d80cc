"""The problems of a draft: the rules for files over what the database holds."""

from datetime import date

import pytest

from questionnaires.content import Place
from questionnaires.models import Citation, Instrument, Provision, Question, QuestionSet, Section
from tests.factories import (
    both,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    publish,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def draft():
    version = make_draft("set")
    make_question(make_section(version, "first"), "topic.q1")
    return version


def told(version):
    """Messages of errors, and of warnings."""
    found = version.problems()
    return [p.message for p in found if not p.is_warning], [p.message for p in found if p.is_warning]


def test_sound_draft_has_none(draft):
    assert draft.problems() == []
    assert told(make_draft()) == (["The version asks nothing."], [])


def test_place_is_the_row_and_field_the_column_to_blame(draft):
    question, section = draft.questions.get(), draft.sections.get()
    question.citations.all().delete()
    Section.objects.update(title_en="")
    level = draft.scales.get().levels.get(ref="no")
    type(level).objects.filter(pk=level.pk).update(label_zh_hans="")
    contradiction = make_contradiction(draft, "clash", holds_if="age == old")

    assert [(p.place, p.field) for p in draft.problems()] == [
        (Place("answerlevel", level.pk), "label_zh"),
        (Place("section", section.pk), "title_en"),
        (Place("question", question.pk), "citations"),
        (Place("contradiction", contradiction.pk), "holds_if"),
    ]


@pytest.mark.parametrize("field", ["text", "why", "evidence", "remediation"])
def test_required_text_missing_in_a_language_is_an_error(draft, field):
    Question.objects.filter(version=draft).update(**{f"{field}_en": "", f"{field}_zh_hans": None})

    label = {"why": "why it is asked", "evidence": "what counts as evidence"}.get(field, field)
    assert told(draft) == (
        [f"“topic.q1”: {label} is missing in {name}." for name in ("English", "Simplified Chinese")],
        [],
    )


def test_optional_text_in_one_language_is_a_warning(draft):
    Question.objects.filter(version=draft).update(group_en="Heading")
    Section.objects.update(intro_zh_hans="引言")

    assert told(draft) == (
        [],
        ["“first”: introduction is missing in English.", "“topic.q1”: heading is missing in Simplified Chinese."],
    )


def test_duties_and_contradictions(draft):
    make_duty(draft, "report", provisions=[make_provision(verification="withheld")], applies_if="age == old")
    draft.duties.update(title_zh_hans="", rhythm="within")
    make_duty(draft, "sound")
    make_contradiction(draft, "clash", holds_if="size == huge and topic.q1 == good and topic.q9 == met")
    make_contradiction(draft, "always", holds_if=" ", text_en="")
    make_contradiction(draft, "never", holds_if="topic.q1 == met and topic.q1 == not_met")
    make_contradiction(draft, "good", holds_if="minors == no and topic.q1 in (met, not_applicable)")

    assert told(draft) == (
        [
            "“report”: title is missing in Simplified Chinese.",
            "applies_if of “report”: unknown fact “age”; known are: minors, size.",
            "“report” with rhythm within gives count, unit.",
            "“report” rests on no provision that may be shown.",
            "holds_if of “clash”: “huge” is no value of “size”: small, medium, large.",
            "holds_if of “clash”: “good” is no value of “topic.q1”: not_met, partly_met, met, not_applicable.",
            "holds_if of “clash”: unknown fact “topic.q9”; known are: minors, size, topic.q1.",
            "“always”: text is missing in English.",
            "“always” would always hold.",
        ],
        ["“never” can never hold: no facts and answers make it so."],
    )


def test_question_that_no_facts_lead_to_is_a_warning(draft):
    Question.objects.filter(version=draft).update(applies_if="minors == yes and (size == small and size == large)")

    assert told(draft) == ([], ["“topic.q1” can never apply: no answers to the facts make its applies_if hold."])


def test_citations_of_what_may_not_be_shown_or_never_counts(draft):
    Citation.objects.all().delete()
    question = draft.questions.get()
    for hidden in (make_provision(verification="withheld"), make_provision(make_instrument(verification="withheld"))):
        Citation.objects.create(question=question, provision=hidden)
    hidden_alone = told(draft)
    for never in (make_instrument(stage="draft"), make_instrument(issued_on=None, in_force_from=None)):
        Citation.objects.create(question=question, provision=make_provision(never))
    never_counted = told(draft)
    undated = make_instrument(issued_on=None, in_force_from=None, legal_force="company_guideline")
    Citation.objects.create(question=question, provision=make_provision(undated))

    assert hidden_alone == (["“topic.q1” rests on no provision that may be shown."], [])
    assert never_counted == (
        [],
        ["“topic.q1” is never counted: it cites only drafts and provisions without a date."],
    )
    assert told(draft) == ([], [])


def test_citation_ended_or_still_to_come_is_a_warning_with_the_day(draft):
    law = make_instrument("old", in_force_until=date(2024, 12, 31))
    ended, coming = make_provision(law), make_provision(make_instrument("new", in_force_from=date(2999, 1, 1)))
    question = draft.questions.get()
    question.citations.all().delete()
    Citation.objects.create(question=question, provision=ended)
    Citation.objects.create(question=question, provision=coming)
    alone = told(draft)

    Citation.objects.create(question=question, provision=make_provision())
    beside_one_in_force = told(draft)
    Provision.objects.filter(pk=ended.pk).update(superseded_by=coming)

    assert alone == (
        [],
        [
            f"“topic.q1” cites “{ended.key}”, which ended on 2024-12-31.",
            f"“topic.q1” cites “{coming.key}”, which is not in force until 2999-01-01.",
        ],
    )
    assert beside_one_in_force == ([], [f"“topic.q1” cites “{ended.key}”, which ended on 2024-12-31."])
    assert told(draft) == ([], [])


def test_citation_of_what_another_organisation_has_for_itself_is_an_error(draft):
    acme = make_organisation("Acme")
    provision = draft.questions.get().provisions.get()
    Instrument.objects.filter(pk=provision.instrument_id).update(organisation=acme)

    shared = told(draft)
    QuestionSet.objects.update(organisation=acme)
    draft.refresh_from_db()

    assert shared == ([f"“topic.q1” cites “{provision.key}”, which one organisation has for itself."], [])
    assert told(draft) == ([], [])


def test_ref_that_means_something_else_elsewhere_is_a_warning(draft):
    other = make_draft("other")
    section = make_section(other)
    different = "Can people choose another way in?"
    make_question(section, "topic.q1", text_en=different, text_zh_hans="人们能否选择其他方式进入？")
    before = told(draft)
    publish(other)
    after = told(draft)
    hidden = make_organisation()
    QuestionSet.objects.filter(pk=other.question_set_id).update(organisation=hidden)
    private = told(draft)
    QuestionSet.objects.filter(pk=other.question_set_id).update(organisation=None)
    Question.objects.filter(version=draft).update(text_en="Is another way in offered to people who choose it?")

    assert before == private == told(draft) == ([], [])
    assert after == ([], [f"“topic.q1” means something else in other 1: “{different}”"])


def test_next_version_may_reword_and_not_ask_something_else_under_the_same_ref(draft):
    publish(draft)
    following = draft.start_draft()
    reworded, other = "Is topic.q1 done everywhere?", both(text="Who keeps the keys of the archive?")
    Question.objects.filter(version=following).update(text_en=reworded)
    same = told(following)
    following.questions.get().citations.all().delete()
    Citation.objects.create(question=following.questions.get(), provision=make_provision())
    Question.objects.filter(version=following).update(**other | {"text_zh_hans": "档案钥匙由谁保管？"})

    assert same == ([], [])
    assert told(following)[1] == ["“topic.q1” means something else in set 1: “Is topic.q1 done?”"]


def test_cost_the_same_at_1_and_at_10_of_each_part(draft, django_assert_num_queries):
    publish(draft)
    following = draft.start_draft()
    make_duty(following)
    make_contradiction(following)
    with django_assert_num_queries(14):
        following.problems()
    for _ in range(9):
        make_question(following.sections.first())
        make_duty(following)
        make_contradiction(following)
        make_section(following)

    with django_assert_num_queries(14):
        assert following.problems() == []
