"""What is planned about gaps: across revisions, over stale views, among organisations."""

from datetime import date
from decimal import Decimal
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction

from questionnaires.models import Action, Assessment
from questionnaires.models.actions import GapState, Planned, actions_of, gap_states, plan_actions, shortened
from questionnaires.models.freezing import frozen_content
from tests.factories import (
    answer,
    answer_all,
    make_action,
    make_assessment,
    make_member,
    make_organisation,
    make_submitted,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def assessment():
    made = make_assessment(make_version(questions=3))
    answer(made, "topic.q1", "no")
    answer(made, "topic.q2", "partly")
    return made


def test_action_lives_on_in_the_next_revision_and_hangs_on_no_other_series():
    submitted = make_submitted(level="no")
    action = make_action(submitted, "topic.q2")
    make_action(make_assessment(submitted.version, organisation=submitted.organisation), "topic.q2", title="Elsewhere")

    newer = submitted.reopen(by=submitted.created_by)

    assert list(actions_of(newer)) == list(actions_of(submitted)) == [action]


def test_change_over_what_was_seen_is_stored(assessment):
    action = make_action(assessment)
    colleague = make_member(assessment.organisation)

    action.change(by=colleague, seen=1, status=Action.Status.DOING, owner=colleague)

    action.refresh_from_db()
    assert (action.status, action.owner, action.revision, action.changed_by) == ("doing", colleague, 2, colleague)
    assert action.changed_at > action.created_at


def test_change_over_something_newer_is_refused_and_shows_it(assessment):
    action = make_action(assessment)
    action.change(by=assessment.created_by, seen=1, title="Newer")

    with pytest.raises(Action.Stale) as refused:
        action.change(by=assessment.created_by, seen=1, title="Mine")

    assert (refused.value.current.title, refused.value.current.revision) == ("Newer", 2)


def test_change_of_what_is_gone_is_refused_with_nothing(assessment):
    action = make_action(assessment)
    Action.objects.all().delete()

    with pytest.raises(Action.Stale) as refused:
        action.change(by=assessment.created_by, seen=1, title="Mine")

    assert refused.value.current is None


@pytest.mark.parametrize(
    ("values", "rule"),
    [
        ({"status": "later"}, "action_status_known"),
        ({"effort_days": Decimal(0)}, "action_effort_positive"),
        ({"revision": 0}, "action_revision_from_1"),
    ],
)
def test_database_refuses(assessment, values, rule):
    with pytest.raises(IntegrityError, match=rule), transaction.atomic():
        make_action(assessment, **values)


def test_owner_who_has_left_stays_named(assessment):
    member = make_member(assessment.organisation)
    action = make_action(assessment, owner=member)
    assessment.organisation.memberships.filter(user=member).delete()

    action.change(by=assessment.created_by, seen=1, title="Mend it soon")

    action.refresh_from_db()
    assert (action.owner, action.title) == (member, "Mend it soon")


def test_overdue_is_what_is_under_way_and_past_its_day(assessment):
    today = date(2026, 3, 1)
    late = make_action(assessment, due_on=date(2026, 2, 28))
    make_action(assessment, due_on=today)
    make_action(assessment)
    make_action(assessment, due_on=date(2026, 2, 28), status="done")

    assert list(Action.objects.overdue(today)) == [late]
    assert [action.is_overdue(today) for action in Action.objects.order_by("pk")] == [True, False, False, False]


def test_gap_is_closed_by_an_answer_and_not_by_a_tick(assessment):
    answer(assessment, "topic.q3", "yes")
    action = make_action(assessment, "topic.q1", status="done")
    before = gap_states(assessment.standing())

    answer(assessment, "topic.q1", "yes", seen=1)

    assert before == {"topic.q1": GapState.OPEN, "topic.q2": GapState.OPEN, "topic.q3": GapState.CLOSED}
    assert gap_states(assessment.standing())["topic.q1"] is GapState.CLOSED
    assert Action.objects.with_outcome().get(pk=action.pk).outcome == "met"


def test_outcome_comes_from_the_newest_revision_alone():
    submitted = make_submitted(level="no")
    make_action(submitted, "topic.q1")
    newer = submitted.reopen(by=submitted.created_by)
    answer(newer, "topic.q1", "partly", seen=1)

    assert [a.outcome for a in Action.objects.with_outcome()] == ["partly_met"]


def test_plan_becomes_actions_once(assessment):
    make_action(assessment, "topic.q1")
    make_action(assessment, "topic.q2", status="dropped")
    planned = [Planned(f"topic.q{n}", f"Do{n}" * 100, Decimal(n)) for n in (1, 2, 3)]

    made = plan_actions(assessment, planned, by=assessment.created_by)
    again = plan_actions(assessment, planned, by=assessment.created_by)

    assert [(a.question_ref, a.effort_days, len(a.title)) for a in made] == [
        ("topic.q2", Decimal(2), 200),
        ("topic.q3", Decimal(3), 200),
    ]
    assert (again, Action.objects.count()) == ([], 4)


def test_plan_is_made_whole_or_not_at_all(assessment):
    planned = [Planned("topic.q1", "Do"), Planned("topic.q2", "Do", Decimal(-1))]

    with pytest.raises(IntegrityError), transaction.atomic():
        plan_actions(assessment, planned, by=assessment.created_by)

    assert Action.objects.count() == 0


def test_report_freezes_actions_as_they_are(assessment):
    owner = assessment.created_by
    make_action(assessment, "topic.q2", title="Ask", owner=owner, due_on=date(2026, 4, 1), effort_days=Decimal("2.5"))
    make_action(assessment, "topic.q1", title="Tell", status="done", comment="Not for the report")
    answer_all(assessment)

    report = assessment.submit(by=owner)
    Action.objects.all().delete()

    assert report.content["actions"] == [
        {
            "ref": "topic.q2",
            "title": "Ask",
            "owner": str(owner),
            "due_on": "2026-04-01",
            "effort_days": "2.5",
            "status": "to_do",
        },
        {"ref": "topic.q1", "title": "Tell", "owner": None, "due_on": None, "effort_days": None, "status": "done"},
    ]
    assert frozen_content(assessment)["actions"] == []


def test_discarded_assessment_takes_its_actions_with_it_unless_an_earlier_revision_stays(assessment):
    make_action(assessment)
    submitted = make_submitted(level="no")
    kept = make_action(submitted)

    assessment.discard()
    submitted.reopen(by=submitted.created_by).discard()

    assert (list(Action.objects.all()), list(Assessment.objects.all())) == ([kept], [submitted])


def test_action_cannot_be_of_another_organisation_than_its_series(assessment):
    with pytest.raises(IntegrityError, match="series belongs"), transaction.atomic():
        Action.objects.filter(pk=make_action(assessment).pk).update(organisation=make_organisation("Other"))
    with pytest.raises(IntegrityError, match="series belongs"), transaction.atomic():
        make_action(assessment, series=uuid4())


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Stop the gate for those who refuse. Then write it down.", "Stop the gate for those who refuse."),
        (
            "先停止采集未经同意的人脸信息并向已登记者补征同意。再写入制度。",
            "先停止采集未经同意的人脸信息并向已登记者补征同意。",
        ),
        ("Do it.\nThen   tell.", "Do it. Then tell."),
        ("x" * 300, "x" * 198 + " …"),
    ],
)
def test_title_is_the_first_sentence_of_a_remediation(text, title):
    assert shortened(text) == title
