"""The report's numbers against an independent computation, on the real question set."""

import random

import pytest

from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.models import Version
from questionnaires.models.freezing import frozen_content
from questionnaires.scoring import Severity
from tests.factories import make_assessment, state_fact
from tests.recomputation import exported, recompute, rounded

pytestmark = pytest.mark.django_db


def answer_at_random(assessment, chance):
    """Levels, N/A and open questions in a mix that the seed decides."""
    for question in assessment.standing().unanswered():
        drawn = chance.random()
        if drawn < 0.2:
            continue
        levels = assessment.outline.scale_levels[question.scale_id]
        is_not_applicable = drawn < 0.3
        assessment.record_answer(
            question,
            by=assessment.created_by,
            seen=0,
            level=None if is_not_applicable else chance.choice(levels),
            is_not_applicable=is_not_applicable,
            justification="No such function." if is_not_applicable else "",
        )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_of_the_report_is_found_again(seed):
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    chance = random.Random(seed)
    state_fact(assessment, "minors", chance.choice(["yes", "no"]))
    state_fact(assessment, "role", "operator", "vendor")
    answer_at_random(assessment, chance)

    content = assessment.submit(by=assessment.created_by, accept_unanswered=True).content

    assert exported(content["result"]) == rounded(recompute(content))


def test_draft_has_the_same_numbers():
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    answer_at_random(assessment, random.Random(4))

    content = frozen_content(assessment, assessment.standing())

    assert exported(content["result"]) == rounded(recompute(content))


def test_gaps_stand_worst_first():
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    answer_at_random(assessment, random.Random(5))
    content = frozen_content(assessment, assessment.standing())

    order = [
        (list(Severity).index(gap["severity"]), not gap["is_binding"], gap["outcome"] != "not_met")
        for gap in content["result"]["gaps"]
    ]

    assert order == sorted(order)
    assert content["result"]["gaps"][0]["severity"] == "critical"
