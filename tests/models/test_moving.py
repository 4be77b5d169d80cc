"""Moving an assessment to a newer version of its set."""

from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction

from frcheck.accounts.models import Membership
from questionnaires.models import Answer, AnswerChange, AnswerLevel, Assessment, FactAnswer, FactChoice, Version
from questionnaires.models.moving import Fate, instruments_there, move, plan_move
from tests.factories import (
    answer,
    answer_all,
    both,
    make_assessment,
    make_carried,
    make_draft,
    make_instrument,
    make_member,
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


def make_edited(version):
    """q1 stays, q2 is reworded, q3 goes; q4 is answered by a scale without “partly”; new comes. Where “why” is
    reworded, the weight raised and the section another, q5 stays."""
    draft = version.start_draft()
    questions = {question.ref: question for question in draft.questions.all()}
    draft.questions.filter(ref="topic.q2").update(text_en="Is topic.q2 done well?")
    questions["topic.q3"].delete()
    scale = draft.scales.create(ref="yes-no", **both(title="Yes or no"))
    for position, (ref, outcome, score) in enumerate([("ja", "met", 1), ("nein", "not_met", 0)]):
        AnswerLevel.objects.create(
            scale=scale, ref=ref, position=position, outcome=outcome, score=score, **both(label=ref)
        )
    draft.questions.filter(ref="topic.q4").update(scale=scale)
    other = make_section(draft, "second")
    draft.questions.filter(ref="topic.q5").update(why_en="Reworded.", severity="low", section=other, position=0)
    make_question(other, "topic.new")
    draft.facts.filter(ref="size").update(text_en="How many people?")
    return publish(draft)


@pytest.fixture
def earlier():
    return make_version(questions=5)


@pytest.fixture
def assessment(earlier):
    made = make_assessment(earlier, as_of=date(2026, 5, 1))
    state_fact(made, "minors", "no")
    state_fact(made, "size", "small")
    for ref, level in [("q1", "yes"), ("q2", "no"), ("q3", "partly"), ("q4", "partly")]:
        answer(made, f"topic.{ref}", level, note=f"about {ref}")
    answer(made, "topic.q5", None, is_not_applicable=True, justification="None here.")
    return made


def fates(plan):
    return {fate: [moved.answer.question.ref for moved in plan.answers_with(fate)] for fate in Fate}


def moved_on(assessment, version, **fields):
    """Move it to everything it would be measured against."""
    defaults = {"by": assessment.created_by, "instruments": instruments_there(assessment, version)}
    return move(assessment, version, **defaults | fields)


def stored(assessment):
    rows = assessment.answers.values_list("question__ref", "level__ref", "note", "is_confirmed", "carried_from")
    return {ref: tuple(row) for ref, *row in rows}


def everything():
    models = (Assessment, Answer, AnswerChange, FactAnswer, Assessment.instruments.through)
    return [list(model.objects.order_by("pk").values()) for model in models]


def test_plan_says_what_stays_what_is_to_confirm_and_what_has_no_home(assessment, earlier):
    plan = plan_move(assessment, make_edited(earlier))

    assert fates(plan) == {
        Fate.UNCHANGED: ["topic.q1", "topic.q5"],
        Fate.TO_CONFIRM: ["topic.q2"],
        Fate.HOMELESS: ["topic.q3", "topic.q4"],
    }
    assert {fate: [m.stated.fact.ref for m in plan.facts_with(fate)] for fate in Fate} == {
        Fate.UNCHANGED: ["minors"],
        Fate.TO_CONFIRM: ["size"],
        Fate.HOMELESS: [],
    }
    assert [question.ref for question in plan.new] == ["topic.new"]


def test_plan_stores_nothing(assessment, earlier):
    version = make_edited(earlier)
    before = everything()

    plan_move(assessment, version)

    assert everything() == before


@pytest.mark.parametrize(
    ("model", "lookup", "changes", "expected"),
    [
        ("questions", {"ref": "topic.q1"}, {"text_zh_hans": "另一个问题"}, Fate.TO_CONFIRM),
        ("questions", {"ref": "topic.q1"}, {"evidence_en": "Two records."}, Fate.TO_CONFIRM),
        ("questions", {"ref": "topic.q1"}, {"group_en": "Of children"}, Fate.TO_CONFIRM),
        (
            "questions",
            {"ref": "topic.q1"},
            {"remediation_en": "Do more.", "applies_if": "minors == no"},
            Fate.UNCHANGED,
        ),
        ("levels", {"ref": "partly"}, {"label_en": "Mostly"}, Fate.TO_CONFIRM),
        ("levels", {"ref": "partly"}, {"outcome": "not_met"}, Fate.TO_CONFIRM),
        ("levels", {"ref": "yes"}, {"score": "0.9"}, Fate.UNCHANGED),
    ],
)
def test_what_keeps_an_answer_from_staying_as_it_is(model, lookup, changes, expected):
    version = make_version(questions=1)
    assessment = make_assessment(version)
    answer(assessment, "topic.q1", "yes")
    draft = version.start_draft()
    rows = AnswerLevel.objects.filter(scale__version=draft) if model == "levels" else draft.questions
    rows.filter(**lookup).update(**changes)

    plan = plan_move(assessment, draft)

    assert [moved.fate for moved in plan.answers] == [expected]


@pytest.mark.parametrize("is_submitted", [False, True], ids=["open", "submitted"])
def test_move_starts_the_next_revision_and_keeps_the_old(assessment, earlier, is_submitted):
    version = make_edited(earlier)
    if is_submitted:
        assessment.submit(by=assessment.created_by)
    mover = make_member(assessment.organisation, Membership.Role.RESPONDENT)
    before = stored(assessment)
    ids = {row.question.ref: row.pk for row in assessment.answers.select_related("question")}

    revision = moved_on(assessment, version, by=mover)

    old = Assessment.objects.get(pk=assessment.pk)
    assert (old.is_closed, old.is_submitted, old.superseded_by) == (True, is_submitted, None if is_submitted else mover)
    assert (old.version, stored(old), old.fact_answers.count()) == (earlier, before, 2)
    assert (revision.version, revision.series, revision.revision, revision.previous) == (
        (version, assessment.series, 2, assessment)
    )
    assert (revision.as_of, revision.created_by, revision.is_closed) == (assessment.as_of, mover, False)
    assert stored(revision) == {
        "topic.q1": ("yes", "about q1", True, None),
        "topic.q2": ("no", "about q2", False, ids["topic.q2"]),
        "topic.q5": (None, "", True, None),
    }
    kept = revision.answers.get(question__ref="topic.q5")
    assert (kept.is_not_applicable, kept.justification, kept.answered_by) == (True, "None here.", assessment.created_by)
    assert revision.fact_values() == {"minors": frozenset(["no"]), "size": frozenset(["small"])}
    assert revision.answer_changes.count() == 3


def test_instruments_are_those_chosen_and_those_that_the_newer_version_brings():
    kept, left_out, gone, new, foreign = (make_instrument(slug) for slug in ("kept", "left", "gone", "new", "foreign"))
    type(foreign).objects.filter(pk=foreign.pk).update(jurisdiction="eu")
    draft = make_draft()
    make_question(make_section(draft), "q", provisions=[make_provision(law) for law in (kept, left_out, gone)])
    assessment = make_assessment(publish(draft), instruments=[kept, gone])
    later = assessment.version.start_draft()
    question = later.questions.get()
    question.citations.filter(provision__instrument=gone).delete()
    for law in (new, foreign):
        question.citations.create(provision=make_provision(law))

    assert instruments_there(assessment, publish(later)) == sorted([kept.pk, new.pk])


def test_move_measures_against_the_instruments_named(assessment, earlier):
    law = make_instrument()

    revision = moved_on(assessment, make_edited(earlier), instruments=[law])

    assert list(revision.instruments.all()) == [law]


def test_answer_not_yet_confirmed_stays_so(earlier):
    source = make_submitted(earlier)
    assessment = make_carried(source)
    carried = dict(assessment.answers.values_list("question__ref", "carried_from"))

    revision = moved_on(assessment, make_edited(earlier))

    assert stored(revision)["topic.q1"] == ("yes", "", False, carried["topic.q1"])


def test_choice_that_is_no_more_leaves_the_fact_unstated(assessment, earlier):
    draft = earlier.start_draft()
    FactChoice.objects.filter(fact__version=draft, ref="small").delete()
    version = publish(draft)

    plan = plan_move(assessment, version)
    revision = moved_on(assessment, version)

    assert [moved.stated.fact.ref for moved in plan.facts_with(Fate.HOMELESS)] == ["size"]
    assert revision.fact_values() == {"minors": frozenset(["no"])}


def test_only_a_newer_published_version_of_the_same_set_is_moved_to(assessment, earlier):
    draft, other = earlier.start_draft(), make_version()

    for version in (draft, other, earlier):
        with pytest.raises(ValueError, match="no published version after"):
            move(assessment, version, instruments=[], by=assessment.created_by)

    assert Assessment.objects.filter(series=assessment.series).count() == 1


def test_only_the_newest_revision_is_moved(assessment, earlier):
    version = make_edited(earlier)
    moved_on(assessment, version)

    with pytest.raises(Assessment.Closed):
        moved_on(assessment, version)

    assert Assessment.objects.filter(series=assessment.series).count() == 2


@pytest.mark.parametrize("table", ["factanswer", "answer", "answerchange", "assessment_instruments"])
@pytest.mark.parametrize("is_submitted", [False, True], ids=["open", "submitted"])
def test_failure_half_way_leaves_everything_as_it_was(assessment, earlier, table, is_submitted):
    version = make_edited(earlier)
    if is_submitted:
        assessment.submit(by=assessment.created_by)
    before = everything()

    def fail(execute, sql, params, many, context):
        if sql.startswith("INSERT") and f'INTO "questionnaires_{table}" ' in sql:
            raise IntegrityError("the disk is full")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(fail), pytest.raises(IntegrityError, match="disk is full"):
        moved_on(assessment, version)

    assert everything() == before
    assert moved_on(Assessment.objects.get(pk=assessment.pk), version).answers.count() == 3


def test_superseded_assessment_takes_no_change(assessment, earlier):
    seen = assessment.answers.get(question__ref="topic.q1")
    moved_on(assessment, make_edited(earlier))
    old = Assessment.objects.get(pk=assessment.pk)

    with pytest.raises(Assessment.Closed), transaction.atomic():
        answer(old, "topic.q1", "no", seen=seen.revision)
    with pytest.raises(Assessment.Closed), transaction.atomic():
        old.submit(by=old.created_by)
    with pytest.raises(Assessment.Closed), transaction.atomic():
        old.reopen(by=old.created_by)

    user = old.created_by
    assert list(Assessment.objects.editable_by(user)) == list(Assessment.objects.filter(previous=old))


def test_superseded_assessment_is_reopened_once_its_successor_is_deleted(assessment, earlier):
    moved_on(assessment, make_edited(earlier)).delete()
    old = Assessment.objects.reopenable_by(assessment.created_by).get()

    again = old.reopen(by=old.created_by)

    assert (again.version, again.revision, again.answers.count()) == (earlier, 2, 5)


def test_plan_costs_the_same_for_1_and_for_3_questions(django_assert_num_queries):
    organisation = make_organisation()
    for number in (1, 3):
        version = make_version(questions=number)
        assessment = make_assessment(version, organisation=organisation)
        answer_all(assessment)
        later = publish(version.start_draft())
        plan_move(assessment, later)  # outlines of published versions are kept

        with django_assert_num_queries(3):
            plan_move(assessment, later)


def test_version_after(earlier):
    later = publish(earlier.start_draft())
    newest = publish(later.start_draft())
    newest.start_draft()

    published = Version.objects.published()

    assert [published.newest_after(v) for v in (earlier, later, newest)] == [newest, newest, None]
