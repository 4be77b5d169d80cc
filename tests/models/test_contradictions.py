import pytest

from questionnaires.models import Fact, FactChoice
from questionnaires.models.contradictions import contradictions_held
from tests.factories import (
    answer,
    both,
    make_assessment,
    make_carried,
    make_contradiction,
    make_draft,
    make_next_version,
    make_question,
    make_section,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db


def make_ruled(*rules, questions=3, **question_fields):
    """An assessment of a version with those contradictions, refs c1, c2, ..., and questions topic.q1, topic.q2, ..."""
    draft = make_draft()
    people = Fact.objects.create(version=draft, ref="people", kind="choices", position=2, **both(text="Who?"))
    for position, ref in enumerate(["staff", "guests"]):
        FactChoice.objects.create(fact=people, ref=ref, position=position, **both(label=ref.title()))
    section = make_section(draft, "first")
    for number in range(1, questions + 1):
        make_question(section, f"topic.q{number}", **question_fields)
    for number, rule in enumerate(rules, 1):
        make_contradiction(draft, f"c{number}", holds_if=rule)
    return make_assessment(publish(draft))


def held(assessment):
    """Ref, facts and answers of each that holds, as they are quoted."""
    return [
        (
            row.contradiction.ref,
            [(stated.fact.ref, stated.labels) for stated in row.facts],
            [(given.question.ref, str(given.level or "N/A")) for given in row.answers],
        )
        for row in contradictions_held(assessment, assessment.standing())
    ]


def test_contradiction_quotes_the_facts_and_answers_that_it_compares():
    assessment = make_ruled("size == small and topic.q2 == met and topic.q1 != met")
    state_fact(assessment, "size", "small")
    state_fact(assessment, "minors", "yes")
    answer(assessment, "topic.q1", "partly")
    answer(assessment, "topic.q2", "yes", note="In the cloud")
    answer(assessment, "topic.q3", "yes")

    assert held(assessment) == [("c1", [("size", ("Small",))], [("topic.q2", "Yes"), ("topic.q1", "Partly")])]


@pytest.mark.parametrize(
    ("facts", "answers"),
    [
        ({}, {"topic.q1": "yes"}),
        ({"minors": "yes"}, {}),
        ({"minors": "no"}, {"topic.q1": "yes"}),
        ({"minors": "yes"}, {"topic.q1": "no"}),
        ({"minors": "yes"}, {"topic.q1": None}),
        ({}, {}),
    ],
)
def test_nothing_is_held_while_something_is_open_or_fits(facts, answers):
    assessment = make_ruled("minors == yes and topic.q1 == met")
    for ref, value in facts.items():
        state_fact(assessment, ref, value)
    for ref, level in answers.items():
        answer(assessment, ref, level, note="a note alone is no answer")

    assert held(assessment) == []


def test_denial_of_an_unanswered_question_holds_nothing():
    assessment = make_ruled("topic.q1 != met", "not topic.q1 == met", "minors != yes")

    assert held(assessment) == []


def test_answer_taken_back_ends_it():
    assessment = make_ruled("topic.q1 == met and topic.q2 == met")
    answer(assessment, "topic.q1")
    answer(assessment, "topic.q2")
    before = held(assessment)

    answer(assessment, "topic.q2", None, seen=1)

    assert (before, held(assessment)) == ([("c1", [], [("topic.q1", "Yes"), ("topic.q2", "Yes")])], [])


def test_not_applicable_can_contradict():
    assessment = make_ruled("people has staff and topic.q1 == not_applicable")
    state_fact(assessment, "people", "guests", "staff")
    answer(assessment, "topic.q1", None, is_not_applicable=True, justification="No staff here")

    assert held(assessment) == [("c1", [("people", ("Staff", "Guests"))], [("topic.q1", "N/A")])]


def test_none_of_the_choices_has_no_labels():
    assessment = make_ruled("not people has staff and topic.q1 == met")
    state_fact(assessment, "people")
    answer(assessment, "topic.q1")

    assert held(assessment) == [("c1", [("people", ())], [("topic.q1", "Yes")])]


def test_alternative_quotes_only_what_is_given_and_each_once():
    assessment = make_ruled("topic.q1 == met and (minors == yes or topic.q2 == met) and topic.q1 != not_met")
    state_fact(assessment, "minors", "yes")
    answer(assessment, "topic.q1")

    assert held(assessment) == [("c1", [("minors", ("Yes",))], [("topic.q1", "Yes")])]


def test_answer_to_a_question_that_is_not_asked_contradicts_nothing():
    assessment = make_ruled("topic.q1 == met", applies_if="minors == yes")
    answer(assessment, "topic.q1")
    before = [ref for ref, _facts, _answers in held(assessment)]

    state_fact(assessment, "minors", "no")

    assert (before, held(assessment)) == (["c1"], [])


def test_several_stand_in_the_versions_order_and_other_versions_have_their_own():
    assessment = make_ruled("topic.q1 == met", "topic.q1 == not_met", "topic.q1 in (met, partly_met)")
    other = make_ruled("topic.q1 == not_met")
    for each in (assessment, other):
        answer(each, "topic.q1", "yes")

    assert [ref for ref, *_rest in held(assessment)] == ["c1", "c3"]
    assert held(other) == []


def test_carried_answer_contradicts_before_it_is_confirmed():
    source = make_ruled("minors == no and topic.q1 == met")
    state_fact(source, "minors", "no")
    answer(source, "topic.q1")

    later = make_carried(source, make_next_version(source.version))

    assert held(later) == [("c1", [("minors", ("No",))], [("topic.q1", "Yes")])]


@pytest.mark.parametrize("number", [1, 3])
def test_contradictions_cost_three_queries(number, django_assert_num_queries):
    rules = [f"minors == yes and topic.q{n} == met" for n in range(1, number + 1)]
    assessment = make_ruled(*rules, questions=number)
    state_fact(assessment, "minors", "yes")
    for n in range(1, number + 1):
        answer(assessment, f"topic.q{n}")
    standing = assessment.standing()

    with django_assert_num_queries(3):
        rows = contradictions_held(assessment, standing)
        quoted = [(a.question.section.ref, str(a.level), str(a.answered_by)) for row in rows for a in row.answers]

    assert quoted == [("first", "Yes", str(assessment.created_by))] * number


def test_version_without_contradictions_costs_one_query(django_assert_num_queries):
    assessment = make_assessment(make_version(questions=3))
    standing = assessment.standing()

    with django_assert_num_queries(1):
        assert contradictions_held(assessment, standing) == []
