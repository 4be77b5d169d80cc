from datetime import date
from decimal import Decimal

import pytest

from questionnaires.models.standings import Because, NotAsked, Progress
from questionnaires.scoring import Outcome
from tests.factories import (
    answer,
    make_assessment,
    make_draft,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db


def not_asked(assessment):
    standing = assessment.standing()
    return {standing.outline.questions[pk].ref: reason for pk, reason in standing.not_asked.items()}


def applicable(assessment):
    return [question.ref for question in assessment.standing().applicable()]


def version_of(*questions):
    """Publish a version with one section of questions, each a dictionary for make_question."""
    draft = make_draft()
    section = make_section(draft, "first")
    for number, fields in enumerate(questions, 1):
        make_question(section, f"q{number}", **fields)
    return publish(draft)


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_facts_remove_a_question_and_are_named():
    version = version_of({}, {"applies_if": "minors == yes and size == large"})
    assessment = make_assessment(version)

    asked_before = applicable(assessment)
    state_fact(assessment, "minors", "no")

    assert asked_before == ["q1", "q2"]
    assert applicable(assessment) == ["q1"]
    assert not_asked(assessment) == {"q2": NotAsked(Because.FACTS, ("minors",))}


def test_unanswered_or_taken_back_fact_keeps_the_question():
    assessment = make_assessment(version_of({"applies_if": "minors == yes"}))
    state_fact(assessment, "minors", "no")
    removed = not_asked(assessment)

    fact = next(fact for fact in assessment.outline.facts if fact.ref == "minors")
    assessment.record_fact(fact, by=assessment.created_by, seen=1, values=None)

    assert removed == {"q1": NotAsked(Because.FACTS, ("minors",))}
    assert not_asked(assessment) == {}


@pytest.mark.parametrize(
    ("as_of", "reason"),
    [
        (date(2020, 12, 31), NotAsked(Because.DATE)),
        (date(2021, 1, 1), None),
        (date(2025, 12, 31), None),
        (date(2026, 1, 1), NotAsked(Because.DATE)),
    ],
)
def test_date_removes_what_is_not_in_force(as_of, reason):
    law = make_instrument(in_force_from=date(2021, 1, 1), in_force_until=date(2025, 12, 31))
    version = version_of({"provisions": [make_provision(law)]})

    assert not_asked(make_assessment(version, as_of=as_of)).get("q1") == reason


def test_question_is_asked_as_long_as_one_of_its_provisions_counts():
    old = make_instrument(in_force_until=date(2025, 12, 31))
    new = make_instrument(in_force_from=date(2026, 1, 1))
    version = version_of({"provisions": [make_provision(old), make_provision(new)]})

    days = [date(2025, 12, 31), date(2026, 1, 1)]
    counted = []
    for day in days:
        standing = make_assessment(version, as_of=day).standing()
        (question,) = standing.applicable()
        counted.append([provision.instrument.slug for provision in standing.counted_provisions(question)])

    assert counted == [[old.slug], [new.slug]]


def test_draft_instrument_is_never_asked_about():
    draft_law = make_instrument(stage="draft", in_force_from=None)
    version = version_of({"provisions": [make_provision(draft_law)]})

    assert not_asked(make_assessment(version)) == {"q1": NotAsked(Because.DATE)}


def test_instruments_not_chosen_remove_a_question():
    chosen, left_out = make_instrument(), make_instrument()
    version = version_of({"provisions": [make_provision(chosen)]}, {"provisions": [make_provision(left_out)]})

    assert not_asked(make_assessment(version, instruments=[chosen])) == {"q2": NotAsked(Because.INSTRUMENTS)}


def test_withheld_provision_makes_no_question_asked():
    chosen, left_out = make_instrument(), make_instrument()
    withheld = make_provision(chosen, verification="withheld")
    version = version_of({"provisions": [withheld, make_provision(left_out)]})

    everything = make_assessment(version).standing()
    assessment = make_assessment(version, instruments=[chosen])

    assert not_asked(assessment) == {"q1": NotAsked(Because.INSTRUMENTS)}
    assert withheld.pk not in everything.provisions
    (question,) = everything.applicable()
    assert [p.instrument.slug for p in everything.counted_provisions(question)] == [left_out.slug]


def test_provision_of_a_withheld_instrument_counts_for_nothing():
    shown = make_provision()
    hidden = make_provision(make_instrument(verification="withheld"))

    standing = make_assessment(version_of({"provisions": [hidden, shown]})).standing()

    assert set(standing.provisions) == {shown.pk}


def test_missing_instruments_are_told_before_facts():
    version = version_of({"applies_if": "minors == yes"})
    assessment = make_assessment(version, instruments=[])
    state_fact(assessment, "minors", "no")

    assert not_asked(assessment) == {"q1": NotAsked(Because.INSTRUMENTS)}


# --- how far it has come ----------------------------------------------------------------------------------------------


@pytest.fixture
def assessment():
    draft = make_draft()
    first, second = make_section(draft, "first"), make_section(draft, "second")
    make_section(draft, "empty")
    for ref in ("a", "b", "c"):
        make_question(first, ref)
    make_question(second, "d", severity="critical")
    make_question(second, "children", applies_if="minors == yes")
    return make_assessment(publish(draft))


def outcomes(assessment):
    standing = assessment.standing()
    return {q.ref: standing.outcome(q) for q in standing.applicable()}


def test_outcome_of_each_kind_of_answer(assessment):
    answer(assessment, "a", "partly", note="Nearly")
    answer(assessment, "b", None, is_not_applicable=True, justification="No doors")
    answer(assessment, "c", None, note="Ask Li about this")
    answer(assessment, "d", "no")

    assert outcomes(assessment) == {
        "a": Outcome.PARTLY_MET,
        "b": Outcome.NOT_APPLICABLE,
        "c": Outcome.UNANSWERED,
        "d": Outcome.NOT_MET,
        "children": Outcome.UNANSWERED,
    }
    assert [q.ref for q in assessment.standing().unanswered()] == ["c", "children"]
    assert [q.ref for q in assessment.standing().unanswered("second")] == ["children"]


def test_unjustified_lists_not_applicable_without_a_reason(assessment):
    answer(assessment, "a", None, is_not_applicable=True)
    answer(assessment, "b", None, is_not_applicable=True, justification="No doors")
    answer(assessment, "c", "no", justification="")

    assert [q.ref for q in assessment.standing().unjustified()] == ["a"]


def test_progress_counts_what_applies(assessment):
    answer(assessment, "a")
    answer(assessment, "b", None, is_not_applicable=True)
    answer(assessment, "c", None, note="later")
    answer(assessment, "children")
    with_children = assessment.standing().progress()
    state_fact(assessment, "minors", "no")

    standing = assessment.standing()

    assert with_children == Progress(answered=3, applicable=5)
    assert standing.progress() == Progress(answered=2, applicable=4)
    assert standing.progress("first") == Progress(answered=2, applicable=3)
    assert standing.progress_by_section() == {
        "first": Progress(2, 3),
        "second": Progress(0, 1),
        "empty": Progress(0, 0),
    }


@pytest.mark.parametrize(
    ("progress", "percent", "is_complete"),
    [
        (Progress(0, 3), 0, False),
        (Progress(2, 3), 66, False),
        (Progress(199, 200), 99, False),
        (Progress(3, 3), 100, True),
        (Progress(0, 0), 100, True),
    ],
)
def test_percent_reaches_100_only_when_complete(progress, percent, is_complete):
    assert (progress.percent, progress.is_complete) == (percent, is_complete)


def test_responses_carry_what_scoring_needs(assessment):
    answer(assessment, "d", "partly")
    state_fact(assessment, "minors", "no")

    *_others, last = assessment.standing().responses()

    assert (last.ref, last.section, last.severity, last.outcome) == ("d", "second", "critical", Outcome.PARTLY_MET)
    assert (last.score, last.lowest, last.highest) == (Decimal("0.5"), Decimal(0), Decimal(1))
    (provision,) = last.provisions
    assert (provision.legal_force, provision.is_binding) == ("law", True)


def test_answer_to_a_question_no_longer_asked_counts_for_nothing(assessment):
    answer(assessment, "children", "no")
    state_fact(assessment, "minors", "no")

    result = assessment.score()

    assert [gap.ref for gap in result.gaps] == []
    assert result.overall.outcomes[Outcome.NOT_MET] == 0


def test_score_of_the_answers(assessment):
    answer(assessment, "a", "yes")
    answer(assessment, "d", "no")
    state_fact(assessment, "minors", "no")

    overall = assessment.score().overall

    # weights: a, b, c high = 4 each, d critical = 8
    assert (overall.value, overall.low, overall.high) == (Decimal(4) / 12, Decimal(4) / 20, Decimal(12) / 20)


# --- its price --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("questions", [20, 200])
def test_standing_costs_three_queries(questions, django_assert_num_queries):
    version = make_version(questions=questions, provisions=[make_provision()])
    assessment = make_assessment(version)
    make_assessment(version)
    answer(assessment, "topic.q1", note="x" * 10_000)
    state_fact(assessment, "minors", "no")

    with django_assert_num_queries(3):
        standing = assessment.standing()
    with django_assert_num_queries(0):
        standing.score(version.weights)
        standing.progress_by_section()

    assert standing.progress() == Progress(1, questions)
