from datetime import UTC, datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError

from questionnaires.models import Answer, AnswerChange, AnswerLevel, AnswerScale, Assessment, Fact, FactChoice
from questionnaires.models.carrying import Carried, carry_over
from tests.factories import (
    answer,
    answer_all,
    both,
    make_assessment,
    make_carried,
    make_draft,
    make_member,
    make_next_version,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)


@pytest.fixture
def source():
    """One answer of each kind, by somebody else and long ago, some at a later revision."""
    assessment = make_assessment(make_version(questions=4))
    respondent = make_member(assessment.organisation, "respondent")
    answer(assessment, "topic.q1", "yes", by=respondent)
    answer(assessment, "topic.q1", "partly", by=respondent, seen=1, note="Gate 3\n员工入口 🚪")
    answer(assessment, "topic.q2", None, by=respondent, is_not_applicable=True, justification="No doors")
    answer(assessment, "topic.q3", None, by=respondent, note="Ask Li")
    Answer.objects.update(answered_at=LONG_AGO)
    return assessment


def new_target(source, version=None):
    return make_assessment(version or source.version, organisation=source.organisation, name="Later")


def given(assessment):
    """By question ref: what was answered, and by whom and when."""
    fields = ("level__ref", "is_not_applicable", "justification", "note", "answered_at", "answered_by")
    return {ref: tuple(row) for ref, *row in assessment.answers.values_list("question__ref", *fields)}


def levels_given(assessment):
    return dict(assessment.answers.values_list("question__ref", "level__ref"))


def stated(assessment):
    return dict(assessment.fact_answers.values_list("fact__ref", "values"))


def with_scale(slug, *levels):
    """Publish a version with topic.q1 on a scale of its own: levels as (ref, outcome, score)."""
    draft = make_draft(slug)
    scale = AnswerScale.objects.create(version=draft, ref="own", position=1, **both(title="Own"))
    for position, (ref, outcome, score) in enumerate(levels):
        AnswerLevel.objects.create(
            scale=scale, ref=ref, position=position, outcome=outcome, score=score, **both(label=ref.title())
        )
    make_question(make_section(draft, "first"), "topic.q1", scale=scale)
    return publish(draft)


# --- answers ----------------------------------------------------------------------------------------------------------


def test_carried_answers_keep_what_was_said_by_whom_and_when(source):
    target = new_target(source)

    carried = carry_over(source, target)

    assert given(target) == given(source)
    assert carried == Carried(answers=3, facts=0, homeless=0)
    assert set(target.answers.values_list("answered_at", flat=True)) == {LONG_AGO}
    target.refresh_from_db()
    assert target.carried_from == source


def test_carried_answers_name_their_origin_and_are_unconfirmed(source):
    target = make_carried(source)

    rows = target.answers.order_by("question__ref").values_list("carried_from", "revision", "is_confirmed")

    origins = list(source.answers.order_by("question__ref").values_list("pk", flat=True))
    assert list(rows) == [(origins[0], 1, False), (origins[1], 1, False), (origins[2], 1, True)]
    assert [q.ref for q in target.standing().unconfirmed()] == ["topic.q1", "topic.q2"]


def test_note_alone_is_no_answer_to_confirm(source):
    target = make_carried(source)

    assert target.answers.get(question__ref="topic.q3").note == "Ask Li"
    assert [q.ref for q in target.standing().unanswered()] == ["topic.q3", "topic.q4"]
    assert target.score().unconfirmed.answers == 2


def test_history_begins_with_what_was_carried_over(source):
    target = make_carried(source)
    pk = target.answers.get(question__ref="topic.q1").question_id

    recorded = list(target.answer_changes.filter(question=pk).values_list("revision", "level__ref", "answered_at"))
    answer(target, "topic.q1", "no", seen=1)

    assert recorded == [(1, "partly", LONG_AGO)]
    changes = target.answer_changes.filter(question=pk).order_by("revision")
    assert list(changes.values_list("revision", "level__ref")) == [(1, "partly"), (2, "no")]


def test_source_stays_as_it_was(source):
    before = given(source), list(AnswerChange.objects.filter(assessment=source).values_list())

    target = make_carried(source)
    answer(target, "topic.q1", "no", seen=1)

    assert (given(source), list(AnswerChange.objects.filter(assessment=source).values_list())) == before
    assert source.answers.filter(is_confirmed=False).count() == 0


def test_answers_of_a_submitted_assessment_are_carried_over():
    source = make_submitted(make_version(questions=2), level="no")

    target = make_carried(source)

    assert (levels_given(target), target.is_submitted) == ({"topic.q1": "no", "topic.q2": "no"}, False)


def test_answers_go_by_ref_to_another_set_and_the_others_have_no_home(source):
    draft = make_draft("other")
    section = make_section(draft, "elsewhere")
    make_question(section, "topic.q9")
    make_question(section, "topic.q2")
    target = new_target(source, publish(draft))

    carried = carry_over(source, target)

    assert carried == Carried(answers=1, facts=0, homeless=2)
    assert given(target) == {"topic.q2": given(source)["topic.q2"]}


def test_answers_go_to_the_next_version_whatever_its_wording(source):
    target = make_carried(source, make_next_version(source.version, topic__q1="Is it done today?"))

    carried = target.answers.get(question__ref="topic.q1")
    assert given(target) == given(source)
    assert (carried.question.text, carried.carried_from.question.text) == ("Is it done today?", "Is topic.q1 done?")
    assert carried.level.scale.version == target.version


def test_unconfirmed_answer_can_be_carried_further(source):
    second = make_carried(source)

    third = make_carried(second)

    assert given(third) == given(source)
    assert third.answers.get(question__ref="topic.q1").carried_from == second.answers.get(question__ref="topic.q1")
    assert [q.ref for q in third.standing().unconfirmed()] == ["topic.q1", "topic.q2"]


@pytest.mark.parametrize(
    ("levels", "taken"),
    [
        ([("good", "met", "1"), ("half", "partly_met", "0.5"), ("bad", "not_met", "0")], "half"),
        ([("good", "met", "1"), ("little", "partly_met", "0.2"), ("much", "partly_met", "0.6")], "much"),
        ([("good", "met", "1"), ("a", "partly_met", "0.5"), ("partly", "partly_met", "0.5")], "partly"),
        ([("good", "met", "1"), ("more", "partly_met", "0.75"), ("less", "partly_met", "0.25")], "more"),
        ([("partly", "met", "0.5"), ("some", "partly_met", "0.01")], "some"),
    ],
)
def test_level_of_another_scale_is_the_nearest_with_the_same_outcome(source, levels, taken):
    target = make_carried(source, with_scale("other", *levels))

    assert levels_given(target) == {"topic.q1": taken}
    assert target.answers.get().note == "Gate 3\n员工入口 🚪"


def test_answer_without_a_level_of_its_outcome_has_no_home(source):
    target = new_target(source, with_scale("other", ("yes", "met", "1"), ("no", "not_met", "0")))

    carried = carry_over(source, target)

    assert (carried, given(target)) == (Carried(answers=0, facts=0, homeless=3), {})


def test_not_applicable_needs_no_level():
    source = make_assessment(make_version(questions=1))
    answer(source, "topic.q1", None, is_not_applicable=True, justification="No lift")

    target = make_carried(source, with_scale("other", ("yes", "met", "1")))

    assert [(a.is_not_applicable, a.justification, a.is_confirmed) for a in target.answers.all()] == [
        (True, "No lift", False)
    ]


# --- facts ------------------------------------------------------------------------------------------------------------


def fact_of_choices(version, *refs, ref="people", kind="choices"):
    fact = Fact.objects.create(version=version, ref=ref, kind=kind, position=2, **both(text="Who?"))
    for position, choice in enumerate(refs):
        FactChoice.objects.create(fact=fact, ref=choice, position=position, **both(label=choice.title()))


def with_people(slug, *refs, **fields):
    draft = make_draft(slug)
    fact_of_choices(draft, *refs, **fields)
    make_question(make_section(draft, "first"), "topic.q1")
    return publish(draft)


def test_facts_come_over_with_who_stated_them_and_when(source):
    state_fact(source, "minors", "no", by=make_member(source.organisation, "manager"))
    state_fact(source, "size", "large")
    source.fact_answers.update(answered_at=LONG_AGO)
    target = new_target(source)

    carried = carry_over(source, target)

    rows = [set(a.fact_answers.values_list("fact__ref", "answered_at", "answered_by")) for a in (source, target)]
    assert carried.facts == 2
    assert stated(target) == {"minors": ["no"], "size": ["large"]}
    assert rows[0] == rows[1]
    assert set(target.fact_answers.values_list("revision", flat=True)) == {1}


def test_fact_taken_back_is_not_carried_over(source):
    state_fact(source, "minors", "yes")
    fact = next(f for f in source.outline.facts if f.ref == "minors")
    source.record_fact(fact, by=source.created_by, seen=1, values=None)

    assert stated(make_carried(source)) == {}


@pytest.mark.parametrize(
    ("there", "chosen", "here", "expected"),
    [
        (["staff", "guests"], ["staff", "guests"], ["guests", "staff"], {"people": ["guests", "staff"]}),
        (["staff", "guests"], ["staff", "guests"], ["staff", "others"], {"people": ["staff"]}),
        (["staff", "guests"], ["guests"], ["staff", "others"], {}),
        (["staff", "guests"], [], ["staff", "others"], {"people": []}),
    ],
)
def test_choices_come_over_as_far_as_they_are_still_there(there, chosen, here, expected):
    """Nothing left of what was chosen must not read as “none of these”."""
    source = make_assessment(with_people("one", *there))
    state_fact(source, "people", *chosen)

    target = make_carried(source, with_people("two", *here))

    assert stated(target) == expected


def test_choice_that_is_no_more_leaves_the_fact_open():
    source = make_assessment(with_people("one", "small", "large", kind="choice"))
    state_fact(source, "people", "large")

    assert stated(make_carried(source, with_people("two", "small", "huge", kind="choice"))) == {}


def test_fact_of_another_kind_or_ref_is_left_out():
    source = make_assessment(with_people("one", "yes", "no", kind="choice"))
    state_fact(source, "people", "yes")
    state_fact(source, "minors", "no")
    draft = make_draft("two")
    Fact.objects.create(version=draft, ref="people", kind="yes_no", position=2, **both(text="Who?"))
    draft.facts.filter(ref="minors").update(ref="children")
    make_question(make_section(draft, "first"), "topic.q1")

    assert stated(make_carried(source, publish(draft))) == {}


# --- what it refuses --------------------------------------------------------------------------------------------------


def test_answers_never_cross_organisations(source):
    state_fact(source, "minors", "no")
    target = make_assessment(source.version, organisation=make_organisation("Other"))

    with pytest.raises(ValueError, match=r"^Answers are carried over within one organisation only\.$"):
        carry_over(source, target)

    target.refresh_from_db()
    assert (given(target), stated(target), target.carried_from) == ({}, {}, None)


def test_nothing_is_carried_into_an_assessment_with_answers(source):
    state_fact(source, "minors", "no")
    target = new_target(source)
    answer(target, "topic.q2", "yes")

    with pytest.raises(IntegrityError, match=r"(?i)unique"), transaction.atomic():
        carry_over(source, target)

    target.refresh_from_db()
    assert (levels_given(target), stated(target), target.carried_from) == ({"topic.q2": "yes"}, {}, None)


def test_source_with_carried_answers_cannot_be_deleted(source):
    target = make_carried(source)

    with pytest.raises(ProtectedError), transaction.atomic():
        source.delete()
    target.delete()
    source.delete()

    assert Assessment.objects.count() == 0


def test_answer_that_was_not_carried_over_is_confirmed(source):
    with pytest.raises(IntegrityError, match="answer_unconfirmed_only_if_carried"), transaction.atomic():
        source.answers.update(is_confirmed=False)


# --- afterwards -------------------------------------------------------------------------------------------------------


def test_recording_the_same_answer_confirms_it(source):
    target = make_carried(source)
    by = make_member(target.organisation, "manager")

    answer(target, "topic.q1", "partly", seen=1, note="Gate 3\n员工入口 🚪", by=by)

    confirmed = target.answers.get(question__ref="topic.q1")
    assert (confirmed.is_confirmed, confirmed.revision, confirmed.answered_by) == (True, 2, by)
    assert confirmed.carried_from == source.answers.get(question__ref="topic.q1")
    assert [q.ref for q in target.standing().unconfirmed()] == ["topic.q2"]


def test_reopened_assessment_keeps_what_is_to_be_confirmed(source):
    target = make_carried(source)
    target.submit(by=target.created_by, accept_unanswered=True)

    revision = target.reopen(by=target.created_by)

    assert (revision.carried_from, revision.previous) == (source, target)
    assert [q.ref for q in revision.standing().unconfirmed()] == ["topic.q1", "topic.q2"]
    assert given(revision) == given(source)


def test_score_tells_how_much_rests_on_unconfirmed_answers():
    source = make_assessment(make_version(questions=3))
    answer(source, "topic.q1", "yes")
    answer(source, "topic.q2", None, is_not_applicable=True, justification="No doors")
    target = make_carried(source)
    answer(target, "topic.q3", "no")

    result = target.score()

    assert (result.unconfirmed.answers, result.unconfirmed.weight) == (2, Decimal(4))
    assert result.overall.weight == Decimal(8)


@pytest.mark.parametrize("questions", [1, 3, 40])
def test_carrying_over_costs_the_same_for_more_answers(questions, django_assert_num_queries):
    source = make_assessment(make_version(questions=questions, provisions=[make_provision()]))
    answer_all(source)
    state_fact(source, "minors", "no")
    target = new_target(source)

    with django_assert_num_queries(8):  # two of them the savepoint
        carried = carry_over(source, target)

    assert carried == Carried(answers=questions, facts=1, homeless=0)
