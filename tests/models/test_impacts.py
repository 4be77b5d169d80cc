"""What a version would mean for the assessments that run on another one."""

import pytest

from questionnaires.models import Assessment
from questionnaires.models.impacts import Impact, impact
from questionnaires.models.moving import Fate, move, plan_move
from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_next_version,
    make_organisation,
    make_submitted,
    make_version,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def version():
    return make_version(questions=3)


@pytest.fixture
def draft(version):
    """q1 reworded, q2 gone, q3 the same."""
    draft = version.start_draft()
    draft.questions.filter(ref="topic.q1").update(text_en="Reworded?")
    draft.questions.get(ref="topic.q2").delete()
    return draft


def counted(before, after):
    return impact(before, after, Assessment.objects.all())


def test_impact_counts_running_assessments_and_their_answers(version, draft):
    answer_all(make_assessment(version))
    make_submitted(version)
    answer(make_assessment(version), "topic.q1", None, is_not_applicable=True, justification="None.")
    reopened = make_submitted(version)  # counts once, as its open revision
    reopened.reopen(by=reopened.created_by)
    make_submitted(make_next_version(version))

    assert counted(version, draft) == Impact(
        open=3,
        submitted=1,
        answers={Fate.TO_CONFIRM: 4, Fate.HOMELESS: 3, Fate.UNCHANGED: 3},
        by_question={
            "topic.q1": {Fate.TO_CONFIRM: 4},
            "topic.q2": {Fate.HOMELESS: 3},
            "topic.q3": {Fate.UNCHANGED: 3},
        },
    )


def test_impact_is_what_moving_each_comes_to(version, draft):
    assessments = [make_assessment(version) for _n in range(2)]
    answer_all(assessments[0])
    answer(assessments[1], "topic.q1", "no")

    plans = [plan_move(assessment, draft) for assessment in assessments]

    summed = {fate: sum(len(plan.answers_with(fate)) for plan in plans) for fate in Fate}
    assert counted(version, draft).answers == summed


def test_moved_and_superseded_assessments_no_longer_count(version):
    assessment = make_assessment(version)
    answer_all(assessment)
    later = make_next_version(version)
    revision = move(assessment, later, instruments=[], by=assessment.created_by)

    assert counted(version, later) == Impact(0, 0, {}, {})
    revision.delete()
    assert counted(version, later) == Impact(0, 0, {}, {})


def test_only_the_assessments_asked_for_count(version, draft):
    mine, _theirs = make_submitted(version), make_submitted(version)

    found = impact(version, draft, Assessment.objects.visible_to(mine.created_by))

    assert (found.submitted, sum(found.answers.values())) == (1, 3)


def test_impact_costs_the_same_for_1_and_for_3_assessments(version, django_assert_num_queries):
    later, organisation = make_next_version(version), make_organisation()
    counted(version, later)  # outlines of published versions are kept
    for _n in range(2):
        make_submitted(version, organisation=organisation)
        with django_assert_num_queries(3):
            counted(version, later)
