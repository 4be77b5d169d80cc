"""A page and a save cost the same whatever the size of the questionnaire and the number of assessments."""

import pytest

from tests.factories import (
    answer,
    answer_all,
    make_assessment,
    make_member,
    make_organisation,
    make_provision,
    make_version,
    state_fact,
)
from tests.views.browsing import address, query_count, save, section_address, start, state, stored, typed

pytestmark = pytest.mark.django_db
AT_MOST = 10


def cost_of_everything(client, assessment):
    """Statements of each page and of each save, the version's outline being known to the process."""
    first = {"first save": lambda: save(client, assessment, "topic.q1", "yes", note="First")}
    again = {
        "second save": lambda: save(client, assessment, "topic.q1", "no", revision=1),
        "refused save": lambda: save(client, assessment, "topic.q1", "no", revision=2, note="x" * 20_001),
        "page's button": lambda: client.post(section_address(assessment), typed(assessment, "topic.q1", revision=2)),
        "fact": lambda: state(client, assessment, "minors", "yes"),
        "section": lambda: client.get(section_address(assessment)),
        "facts": lambda: client.get(address("assessment-facts", assessment)),
        "next": lambda: client.get(address("next-unanswered", assessment)),
        "overview": lambda: client.get(address("assessment-overview", assessment)),
    }
    client.get(section_address(assessment))
    costs = {name: query_count(request) for name, request in (first | again).items()}
    assert stored(assessment)["topic.q1"] == (None, False, "", "", 3)
    return costs


def test_everything_costs_the_same_at_20_and_at_200_questions(client):
    provision = make_provision()
    costs = []
    for questions in (20, 200):
        assessment = start(client, make_version(questions=questions, provisions=[provision]))
        for number in range(2, questions + 1):
            answer(assessment, f"topic.q{number}", "partly", note="Noted")

        costs.append(cost_of_everything(client, assessment))

    assert costs[0] == costs[1]
    assert {name: cost for name, cost in costs[1].items() if cost > AT_MOST} == {}


def test_everything_costs_the_same_at_1_and_at_100_assessments(client):
    version = make_version(questions=3)
    organisation = make_organisation()
    by = organisation.members.get()
    client.force_login(by)
    at_1 = cost_of_everything(client, make_assessment(version, organisation=organisation))
    for number in range(100):
        other = make_assessment(version, organisation=organisation if number % 2 else None, by=by)
        answer_all(other)
        state_fact(other, "minors", "yes")

    at_100 = cost_of_everything(client, make_assessment(version, organisation=organisation))

    assert at_1 == at_100
    assert {name: cost for name, cost in at_100.items() if cost > AT_MOST} == {}


def test_conflict_costs_the_same_at_20_and_at_200_questions(client):
    provision = make_provision()
    costs = []
    for questions in (20, 200):
        assessment = start(client, make_version(questions=questions, provisions=[provision]))
        client.get(section_address(assessment))
        answer(assessment, "topic.q1", "no", by=make_member(assessment.organisation, "manager"))

        costs.append(query_count(lambda a=assessment: save(client, a, "topic.q1", "yes")))

    assert costs[0] == costs[1] <= AT_MOST


def test_cards_posted_unchanged_cost_nothing_more(client):
    assessment = start(client, make_version(questions=20))
    answer_all(assessment)
    one, all_of_them = typed(assessment, "topic.q1", "yes", revision=1), {}
    for number in range(1, 21):
        all_of_them |= typed(assessment, f"topic.q{number}", "yes", revision=1)
    client.get(section_address(assessment))

    costs = [query_count(lambda d=d: client.post(section_address(assessment), d)) for d in (one, all_of_them)]

    assert costs[0] == costs[1] <= 5
