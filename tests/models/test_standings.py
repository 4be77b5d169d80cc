from datetime import date
from decimal import Decimal

import pytest

from questionnaires.models.standings import Because, NotAsked, Progress
from questionnaires.scoring import Outcome
from tests.factories import (
    answer,
    make_assessment,
    make_carried,
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


# --- answers carried over ---------------------------------------------------------------------------------------------


def to_confirm(assessment):
    return [q.ref for q in assessment.standing().unconfirmed()]


def test_unconfirmed_lists_what_was_carried_over_until_it_is_recorded(assessment):
    answer(assessment, "a", "no")
    answer(assessment, "b", None, is_not_applicable=True, justification="No doors")
    answer(assessment, "c", None, note="a note is no answer")
    answer(assessment, "children", "yes")
    later = make_carried(assessment)
    answer(later, "d", "yes")
    before = to_confirm(later)

    answer(later, "a", "no", seen=1)

    assert (to_confirm(assessment), before, to_confirm(later)) == ([], ["a", "b", "children"], ["b", "children"])


def test_unconfirmed_leaves_out_what_is_not_asked(assessment):
    answer(assessment, "children", "yes")
    later = make_carried(assessment)

    state_fact(later, "minors", "no")

    assert to_confirm(later) == []
    assert later.score().unconfirmed.answers == 0


def test_responses_tell_what_is_confirmed(assessment):
    answer(assessment, "a")
    answer(assessment, "b")
    later = make_carried(assessment)
    answer(later, "b", seen=1)

    confirmed = {response.ref: response.is_confirmed for response in later.standing().responses()}

    assert confirmed == {"a": False, "b": True, "c": True, "d": True, "children": True}


# --- what is coming ---------------------------------------------------------------------------------------------------


def coming(assessment, as_of):
    return [provision.key for provision in assessment.standing().coming_up(as_of)]


def test_coming_up_lists_cited_provisions_of_later_days_the_next_one_first():
    first, second = make_instrument("a-law"), make_instrument("b-law", in_force_from=date(2026, 6, 1))
    late = make_provision(first, in_force_from=date(2027, 1, 1))
    same_day = make_provision(first, in_force_from=date(2026, 6, 1))
    of_instrument = make_provision(second)
    version = version_of({"provisions": [make_provision(first), late, of_instrument]}, {"provisions": [same_day, late]})
    make_provision(first, in_force_from=date(2026, 6, 1))
    assessment = make_assessment(version)

    days = [date(2026, 5, 31), date(2026, 6, 1), date(2026, 12, 31), date(2027, 1, 1)]

    later = [same_day.key, of_instrument.key, late.key]
    assert [coming(assessment, day) for day in days] == [later, later[2:], later[2:], []]


def test_coming_up_leaves_out_drafts_withheld_undated_and_what_was_not_chosen():
    soon = {"in_force_from": date(2026, 6, 1)}
    law, left_out = make_instrument(), make_instrument(**soon)
    draft_law = make_instrument(stage="draft", **soon)
    undated = make_instrument(legal_force="case", issued_on=None, in_force_from=None)
    provisions = [
        make_provision(law, verification="withheld", **soon),
        make_provision(make_instrument(verification="withheld"), **soon),
        make_provision(left_out),
        make_provision(draft_law),
        make_provision(undated),
        make_provision(law, **soon),
    ]
    chosen = [provision.instrument for provision in provisions if provision.instrument != left_out]

    assessment = make_assessment(version_of({"provisions": provisions}), instruments=chosen)

    assert coming(assessment, date(2026, 3, 1)) == [provisions[-1].key]


def test_question_that_facts_rule_out_still_tells_what_is_coming():
    """Facts change; the duty to come does not."""
    provision = make_provision(in_force_from=date(2026, 6, 1))
    assessment = make_assessment(version_of({"provisions": [provision], "applies_if": "minors == yes"}))
    state_fact(assessment, "minors", "no")

    assert coming(assessment, date(2026, 3, 1)) == [provision.key]


def test_standing_on_another_day_has_the_same_facts_and_answers():
    old = make_provision(in_force_until=date(2025, 12, 31))
    new = make_provision(in_force_from=date(2026, 1, 1))
    version = version_of({"provisions": [old]}, {"provisions": [new]}, {"provisions": [old, new]})
    assessment = make_assessment(version, as_of=date(2025, 12, 31))
    answer(assessment, "q3", "partly")
    state_fact(assessment, "minors", "no")

    here, there = assessment.standing(), assessment.standing(as_of=date(2026, 1, 1))

    assert [[q.ref for q in standing.applicable()] for standing in (here, there)] == [["q1", "q3"], ["q2", "q3"]]
    assert (here.facts, here.given) == (there.facts, there.given)
    assert (here.in_force, there.in_force) == ({old.pk}, {new.pk})
    assert assessment.as_of == date(2025, 12, 31)


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
