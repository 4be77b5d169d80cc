"""Answers and facts; submitting and reopening are in test_submitting.py."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from frcheck.accounts.models import Membership
from questionnaires.models import Answer, AnswerChange, AnswerLevel, Assessment, Fact, FactAnswer
from tests.factories import (
    answer,
    make_assessment,
    make_draft,
    make_member,
    make_organisation,
    make_question,
    make_section,
    make_submitted,
    make_user,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    return make_assessment(make_version(questions=3))


def outlined(assessment, ref="topic.q1"):
    return next(q for q in assessment.outline.questions.values() if q.ref == ref)


def stored(assessment, ref="topic.q1"):
    return Answer.objects.get(assessment=assessment, question__ref=ref)


def history(assessment):
    rows = AnswerChange.objects.filter(assessment=assessment).order_by("pk")
    return list(rows.values_list("question__ref", "revision", "level__ref", "is_not_applicable", "note"))


# --- recording an answer ----------------------------------------------------------------------------------------------


def test_first_answer_is_stored_with_who_and_when(assessment):
    colleague = make_member(assessment.organisation, Membership.Role.RESPONDENT)
    before = timezone.now()

    returned = answer(assessment, "topic.q1", "partly", by=colleague, note="员工入口 🚪 <script>")

    row = stored(assessment)
    assert (row.level.ref, row.note, row.revision, row.answered_by) == ("partly", "员工入口 🚪 <script>", 1, colleague)
    assert before <= row.answered_at <= timezone.now()
    assert (returned.revision, returned.level.ref, returned.note) == (1, "partly", "员工入口 🚪 <script>")
    assert history(assessment) == [("topic.q1", 1, "partly", False, "员工入口 🚪 <script>")]


def test_second_answer_replaces_the_first_and_keeps_it_in_the_history(assessment):
    answer(assessment, "topic.q1", "no", note="first")
    other = make_member(assessment.organisation, Membership.Role.MANAGER)

    answer(assessment, "topic.q1", "yes", by=other, seen=1, note="second")

    row = stored(assessment)
    assert (row.level.ref, row.note, row.revision, row.answered_by) == ("yes", "second", 2, other)
    assert history(assessment) == [("topic.q1", 1, "no", False, "first"), ("topic.q1", 2, "yes", False, "second")]


@pytest.mark.parametrize("seen", [0, 1, 3])
def test_stale_answer_is_refused_with_what_is_stored(assessment, seen):
    answer(assessment, "topic.q1", "no", note="first")
    answer(assessment, "topic.q1", "yes", seen=1, note="second")
    answer(assessment, "topic.q2", "no", note="another question")

    with pytest.raises(Assessment.Stale) as caught:
        answer(assessment, "topic.q1", "partly", seen=seen, note="too late")

    current = caught.value.current
    assert (current.pk, current.revision, current.note) == (stored(assessment).pk, 2, "second")
    assert (stored(assessment).note, len(history(assessment))) == ("second", 3)


def test_answer_that_saw_a_revision_which_never_was_is_stale(assessment):
    with pytest.raises(Assessment.Stale) as caught:
        answer(assessment, "topic.q1", seen=1)

    assert caught.value.current is None
    assert Answer.objects.count() == 0


def test_refused_answer_leaves_the_transaction_around_it_usable(assessment):
    answer(assessment, "topic.q1", note="first")

    with transaction.atomic():
        with pytest.raises(Assessment.Stale):
            answer(assessment, "topic.q1", seen=0, note="second")
        answer(assessment, "topic.q2", note="after")

    assert stored(assessment, "topic.q2").note == "after"


def test_answer_to_a_submitted_assessment_is_refused(assessment):
    answer(assessment, "topic.q1", "no")
    assessment.submit(by=assessment.created_by, accept_unanswered=True)

    with pytest.raises(Assessment.Closed):
        answer(assessment, "topic.q1", "yes", seen=1)
    with pytest.raises(Assessment.Closed):
        answer(assessment, "topic.q2", "yes")

    assert (stored(assessment).level.ref, len(history(assessment))) == ("no", 1)


def test_note_alone_is_kept_and_is_no_answer(assessment):
    answer(assessment, "topic.q1", None, note="Ask Li")

    assert (stored(assessment).level, stored(assessment).note) == (None, "Ask Li")
    assert assessment.standing().progress().answered == 0


def test_answer_can_be_taken_back(assessment):
    answer(assessment, "topic.q1", "yes")

    answer(assessment, "topic.q1", None, seen=1)

    assert stored(assessment).level is None
    assert assessment.standing().progress().answered == 0


def test_not_applicable_replaces_a_level(assessment):
    answer(assessment, "topic.q1", "yes")

    answer(assessment, "topic.q1", None, seen=1, is_not_applicable=True, justification="没有门禁")

    row = stored(assessment)
    assert (row.level, row.is_not_applicable, row.justification) == (None, True, "没有门禁")
    assert history(assessment)[-1] == ("topic.q1", 2, None, True, "")


def test_level_and_not_applicable_together_are_refused(assessment):
    with pytest.raises(IntegrityError, match="answer_level_or_not_applicable"):
        answer(assessment, "topic.q1", "yes", is_not_applicable=True)
    with pytest.raises(ValidationError):
        Answer(level=AnswerLevel(), is_not_applicable=True).clean()

    assert (Answer.objects.count(), AnswerChange.objects.count()) == (0, 0)


def test_level_of_another_question_is_refused(assessment):
    foreign = AnswerLevel.objects.get(scale__version=make_version(), ref="yes")

    with pytest.raises(IntegrityError, match="the level belongs to another question"):
        assessment.record_answer(outlined(assessment), by=assessment.created_by, seen=0, level=foreign)
    answer(assessment, "topic.q1", "no")
    with pytest.raises(IntegrityError, match="the level belongs to another question"):
        assessment.record_answer(outlined(assessment), by=assessment.created_by, seen=1, level=foreign)

    assert stored(assessment).level.ref == "no"


def test_question_of_another_version_is_refused(assessment):
    elsewhere = make_assessment(make_version())

    with pytest.raises(IntegrityError, match="the question belongs to another version"):
        assessment.record_answer(outlined(elsewhere), by=assessment.created_by, seen=0)

    assert (Answer.objects.count(), AnswerChange.objects.count()) == (0, 0)


@pytest.mark.parametrize("text", ["字" * 10_000, "👩🏽‍💻" * 1000, "' OR 1=1; --", "a\nb\r\n\tc", " "])
def test_note_is_kept_to_the_last_character(assessment, text):
    answer(assessment, "topic.q1", note=text)

    assert (stored(assessment).note, AnswerChange.objects.get().note) == (text, text)


@pytest.mark.parametrize("seen", [0, 1])
def test_answer_costs_the_same_whatever_else_is_stored(seen):
    def cost(assessment):
        with CaptureQueriesContext(connection) as queries:
            answer(assessment, "topic.q1", "partly", seen=seen)
        return len(queries)

    alone = make_assessment(make_version(questions=20))
    crowded = make_assessment(make_version(questions=200, slug="large"))
    alone.outline, crowded.outline  # noqa: B018  kept from here on
    for assessment in [alone, crowded, *(make_assessment(crowded.version) for _ in range(3))]:
        if seen:
            answer(assessment, "topic.q1", "no")
    costs = [cost(alone), cost(crowded)]

    # SAVEPOINT, the answer, its history, RELEASE
    assert costs == [4, 4]


# --- facts ------------------------------------------------------------------------------------------------------------


def test_fact_is_stored_and_changed(assessment):
    state_fact(assessment, "size", "small")
    first = assessment.fact_values()

    state_fact(assessment, "size", "large", seen=1)

    assert first == {"size": frozenset({"small"})}
    assert assessment.fact_values() == {"size": frozenset({"large"})}
    assert FactAnswer.objects.get().revision == 2


def test_fact_taken_back_is_unanswered(assessment):
    state_fact(assessment, "minors", "no")
    fact = assessment.outline.facts[0]

    assessment.record_fact(fact, by=assessment.created_by, seen=1, values=None)

    assert assessment.fact_values() == {}
    assert (FactAnswer.objects.get().values, FactAnswer.objects.get().revision) == (None, 2)


def test_stale_fact_is_refused(assessment):
    state_fact(assessment, "size", "small")

    with pytest.raises(Assessment.Stale) as caught:
        state_fact(assessment, "size", "large")

    assert caught.value.current.values == ["small"]


def test_fact_of_a_submitted_assessment_is_refused(assessment):
    assessment.submit(by=assessment.created_by, accept_unanswered=True)

    with pytest.raises(Assessment.Closed):
        state_fact(assessment, "size", "large")


@pytest.mark.parametrize("values", [[], ["small", "large"], ["tiny"], ["yes"]])
def test_fact_with_one_value_takes_one_of_its_own(assessment, values):
    with pytest.raises(ValueError, match=r"^size takes one value, not "):
        state_fact(assessment, "size", *values)

    assert FactAnswer.objects.count() == 0


def test_fact_of_several_choices_keeps_their_order_and_knows_none_of_them():
    draft = make_draft()
    Fact.objects.filter(version=draft, ref="size").update(kind="choices")
    make_question(make_section(draft), applies_if="size has large")
    assessment = make_assessment(publish(draft))

    state_fact(assessment, "size", "large", "small", "large", "other")
    several = FactAnswer.objects.get().values
    state_fact(assessment, "size", seen=1)

    assert several == ["small", "large"]
    assert assessment.fact_values() == {"size": frozenset()}
    assert [reason.facts for reason in assessment.standing().not_asked.values()] == [("size",)]


# --- who sees what ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", Membership.Role.values)
def test_visible_editable_and_reopenable_by_role(role):
    organisation = make_organisation()
    version = make_version(questions=1)
    open_one = make_assessment(version, organisation=organisation)
    closed = make_submitted(version, organisation=organisation)
    make_assessment(version)
    make_submitted(version)
    member = make_member(organisation, role)
    make_organisation().memberships.create(user=member, role="owner")

    may_edit = role in ("owner", "manager", "respondent")
    assert set(Assessment.objects.visible_to(member)) == {open_one, closed}
    assert list(Assessment.objects.editable_by(member)) == ([open_one] if may_edit else [])
    assert list(Assessment.objects.reopenable_by(member)) == ([closed] if may_edit else [])


def test_role_in_one_organisation_is_none_in_another():
    member = make_user()
    make_organisation(owner=member)
    theirs = make_assessment()
    theirs.organisation.memberships.create(user=member, role="viewer")

    assert list(Assessment.objects.visible_to(member)) == [theirs]
    assert list(Assessment.objects.editable_by(member)) == []


def test_stranger_sees_nothing():
    make_assessment()
    make_submitted()

    for stranger in (make_user(), make_user(is_superuser=True)):
        assert list(Assessment.objects.visible_to(stranger)) == []
        assert list(Assessment.objects.editable_by(stranger)) == []
        assert list(Assessment.objects.reopenable_by(stranger)) == []


def test_person_or_organisation_behind_an_assessment_cannot_be_deleted(assessment):
    for thing in (assessment.organisation, assessment.created_by, assessment.version.questions.first()):
        with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
            thing.delete()


def test_names(assessment):
    row = answer(assessment, "topic.q1", "partly")
    not_applicable = answer(assessment, "topic.q2", None, is_not_applicable=True)
    fact = state_fact(assessment, "size", "small")

    assert [str(thing) for thing in (assessment, row, not_applicable, fact, AnswerChange.objects.first())] == [
        "Gate",
        "topic.q1: Partly",
        "topic.q2: N/A",
        "size: ['small']",
        "topic.q1 r1",
    ]
