from collections import Counter
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from questionnaires.scoring import VERSION, CitedProvision, Gap, Outcome, Response, Score, Severity, Unconfirmed, score

WEIGHTS = {
    Severity.CRITICAL: Decimal(8),
    Severity.HIGH: Decimal(4),
    Severity.MEDIUM: Decimal(2),
    Severity.LOW: Decimal(1),
}
LAW_1 = CitedProvision("law/1", "law", "law", True)
LAW_2 = CitedProvision("law/2", "law", "law", True)
OTHER_LAW = CitedProvision("other/1", "other", "law", True)
GUIDE = CitedProvision("guide/1", "guide", "company_guideline", False)
SCORES = {Outcome.MET: Decimal(1), Outcome.PARTLY_MET: Decimal("0.5"), Outcome.NOT_MET: Decimal(0)}


def response(ref="q", outcome=Outcome.MET, *, severity=Severity.HIGH, provisions=(LAW_1,), **fields):
    defaults = {"section": "first", "score": SCORES.get(outcome), "lowest": Decimal(0), "highest": Decimal(1)}
    return Response(ref=ref, outcome=outcome, severity=severity, provisions=tuple(provisions), **defaults | fields)


def counts(**numbers):
    return {outcome: numbers.get(outcome.name.lower(), 0) for outcome in Outcome}


def test_score_of_nothing():
    result = score([], WEIGHTS)

    assert result.overall == Score(None, None, None, Decimal(0), counts())
    assert (result.by_section, result.by_instrument, result.by_legal_force, result.provisions) == ({}, {}, {}, {})
    assert (result.gaps, result.unconfirmed, result.version) == ((), Unconfirmed(0, Decimal(0)), VERSION)


def test_score_is_the_mean_weighted_by_severity():
    responses = [
        response("a", Outcome.MET, severity=Severity.CRITICAL),
        response("b", Outcome.PARTLY_MET, severity=Severity.MEDIUM),
        response("c", Outcome.NOT_MET, severity=Severity.LOW),
    ]

    overall = score(responses, WEIGHTS).overall

    assert overall == Score(
        value=Decimal(9) / 11,
        low=Decimal(9) / 11,
        high=Decimal(9) / 11,
        weight=Decimal(11),
        outcomes=counts(met=1, partly_met=1, not_met=1),
    )
    assert (overall.answered, overall.unanswered) == (3, 0)


def test_score_ranges_over_the_unanswered():
    responses = [
        response("a", Outcome.MET, severity=Severity.CRITICAL),
        response("b", Outcome.UNANSWERED, severity=Severity.HIGH),
    ]

    overall = score(responses, WEIGHTS).overall

    assert overall == Score(Decimal(1), Decimal(8) / 12, Decimal(1), Decimal(8), counts(met=1, unanswered=1))
    assert (overall.answered, overall.unanswered) == (1, 1)


def test_score_ranges_over_the_bounds_of_the_scale_not_0_to_1():
    unanswered = response("a", Outcome.UNANSWERED, lowest=Decimal("0.2"), highest=Decimal("0.9"))

    overall = score([unanswered], WEIGHTS).overall

    assert (overall.value, overall.low, overall.high) == (None, Decimal("0.2"), Decimal("0.9"))


def test_score_of_only_not_applicable_is_none():
    overall = score([response("a", Outcome.NOT_APPLICABLE)], WEIGHTS).overall

    assert overall == Score(None, None, None, Decimal(0), counts(not_applicable=1))


def test_score_counts_a_question_once_per_instrument_and_legal_force():
    responses = [
        response("a", Outcome.MET, provisions=[LAW_1, LAW_2, OTHER_LAW]),
        response("b", Outcome.NOT_MET, provisions=[LAW_1]),
    ]

    result = score(responses, WEIGHTS)

    half = Score(Decimal("0.5"), Decimal("0.5"), Decimal("0.5"), Decimal(8), counts(met=1, not_met=1))
    whole = Score(Decimal(1), Decimal(1), Decimal(1), Decimal(4), counts(met=1))
    assert result.by_instrument == {"law": half, "other": whole}
    assert result.by_legal_force == {"law": half}
    assert result.overall == half


def test_score_never_averages_a_binding_gap_away():
    responses = [response("duty", Outcome.NOT_MET, provisions=[LAW_1])]
    responses += [response(f"nice{n}", Outcome.MET, provisions=[GUIDE]) for n in range(50)]

    result = score(responses, WEIGHTS)

    assert result.by_legal_force["law"].value == 0
    assert result.provisions == {"law/1": Outcome.NOT_MET, "guide/1": Outcome.MET}


@pytest.mark.parametrize(
    ("outcomes", "worst"),
    [
        ([Outcome.MET, Outcome.NOT_MET, Outcome.PARTLY_MET, Outcome.UNANSWERED], Outcome.NOT_MET),
        ([Outcome.MET, Outcome.PARTLY_MET, Outcome.UNANSWERED], Outcome.PARTLY_MET),
        ([Outcome.MET, Outcome.UNANSWERED], Outcome.UNANSWERED),
        ([Outcome.UNANSWERED, Outcome.NOT_APPLICABLE], Outcome.UNANSWERED),
        ([Outcome.MET, Outcome.NOT_APPLICABLE], Outcome.MET),
        ([Outcome.NOT_APPLICABLE, Outcome.MET], Outcome.MET),
        ([Outcome.NOT_APPLICABLE, Outcome.NOT_APPLICABLE], Outcome.NOT_APPLICABLE),
    ],
)
def test_provision_takes_the_worst_outcome(outcomes, worst):
    forward = [response(str(n), outcome) for n, outcome in enumerate(outcomes)]

    assert score(forward, WEIGHTS).provisions == {"law/1": worst}
    assert score(reversed(forward), WEIGHTS).provisions == {"law/1": worst}


def test_gaps_list_critical_binding_ones_first_and_then_in_question_order():
    responses = [
        response("low", Outcome.NOT_MET, severity=Severity.LOW),
        response("voluntary", Outcome.NOT_MET, severity=Severity.CRITICAL, provisions=[GUIDE]),
        response("partly", Outcome.PARTLY_MET, severity=Severity.CRITICAL, provisions=[GUIDE, LAW_1]),
        response("met", Outcome.MET, severity=Severity.CRITICAL),
        response("open", Outcome.UNANSWERED, severity=Severity.CRITICAL),
        response("n/a", Outcome.NOT_APPLICABLE, severity=Severity.CRITICAL),
        response("first", Outcome.NOT_MET, severity=Severity.CRITICAL),
        response("second", Outcome.NOT_MET, severity=Severity.CRITICAL),
        response("high", Outcome.NOT_MET, severity=Severity.HIGH),
    ]

    gaps = score(responses, WEIGHTS).gaps

    assert gaps == (
        Gap("first", Severity.CRITICAL, Outcome.NOT_MET, True, Decimal(8)),
        Gap("second", Severity.CRITICAL, Outcome.NOT_MET, True, Decimal(8)),
        Gap("partly", Severity.CRITICAL, Outcome.PARTLY_MET, True, Decimal(4)),
        Gap("voluntary", Severity.CRITICAL, Outcome.NOT_MET, False, Decimal(8)),
        Gap("high", Severity.HIGH, Outcome.NOT_MET, True, Decimal(4)),
        Gap("low", Severity.LOW, Outcome.NOT_MET, True, Decimal(1)),
    )


def test_gap_points_are_what_the_best_level_would_add():
    partly = response("a", Outcome.PARTLY_MET, score=Decimal("0.3"), highest=Decimal("0.7"))

    assert [gap.points for gap in score([partly], WEIGHTS).gaps] == [Decimal("1.6")]


def test_unconfirmed_answers_are_counted_with_the_weight_that_rests_on_them():
    responses = [
        response("critical", Outcome.NOT_MET, severity=Severity.CRITICAL, is_confirmed=False),
        response("low", Outcome.MET, severity=Severity.LOW, is_confirmed=False),
        response("n/a", Outcome.NOT_APPLICABLE, severity=Severity.CRITICAL, is_confirmed=False),
        response("confirmed", Outcome.MET, severity=Severity.HIGH),
        response("open", Outcome.UNANSWERED, severity=Severity.HIGH),
    ]

    result = score(responses, WEIGHTS)

    assert result.unconfirmed == Unconfirmed(answers=3, weight=Decimal(9))
    assert result.overall.weight == Decimal(13)


def test_confirming_changes_no_other_number():
    carried = [response("a", Outcome.PARTLY_MET, is_confirmed=False), response("b", Outcome.UNANSWERED)]
    confirmed = [replace(each, is_confirmed=True) for each in carried]

    before, after = score(carried, WEIGHTS), score(confirmed, WEIGHTS)

    assert (before.unconfirmed, after.unconfirmed) == (Unconfirmed(1, Decimal(4)), Unconfirmed(0, Decimal(0)))
    assert replace(before, unconfirmed=after.unconfirmed) == after


def test_score_refuses_two_responses_for_one_question():
    with pytest.raises(ValueError, match=r"^two responses for a$"):
        score([response("a"), response("a", Outcome.NOT_MET)], WEIGHTS)


@pytest.mark.parametrize(
    ("outcome", "given_score"),
    [
        (Outcome.MET, None),
        (Outcome.NOT_MET, None),
        (Outcome.UNANSWERED, Decimal(0)),
        (Outcome.NOT_APPLICABLE, Decimal(1)),
    ],
)
def test_score_refuses_an_outcome_that_its_score_contradicts(outcome, given_score):
    with pytest.raises(ValueError, match=f"^a: outcome {outcome} with score {given_score}$"):
        score([response("a", outcome, score=given_score)], WEIGHTS)


# --- properties -------------------------------------------------------------------------------------------------------

PROVISIONS = (LAW_1, LAW_2, OTHER_LAW, GUIDE)
ANY_OUTCOME = st.sampled_from(list(Outcome))
thousandths = st.integers(0, 1000).map(lambda n: Decimal(n) / 1000)
weightings = st.fixed_dictionaries({s: st.integers(1, 999_999).map(lambda n: Decimal(n) / 100) for s in Severity})


@st.composite
def responses_of(draw, *, whole_scales=False, outcomes=ANY_OUTCOME, min_size=0):
    made = []
    for number in range(draw(st.integers(min_size, 12))):
        outcome = draw(outcomes)
        lowest, given_score, highest = sorted(draw(st.tuples(thousandths, thousandths, thousandths)))
        if whole_scales:
            lowest, highest = Decimal(0), Decimal(1)
        made.append(
            response(
                f"q{number}",
                outcome,
                severity=draw(st.sampled_from(list(Severity))),
                section=draw(st.sampled_from(["first", "second"])),
                score=given_score if outcome in SCORES else None,
                lowest=lowest,
                highest=highest,
                provisions=draw(st.lists(st.sampled_from(PROVISIONS), max_size=4, unique=True)),
                is_confirmed=outcome is Outcome.UNANSWERED or draw(st.booleans()),
            )
        )
    return made


def groups(result):
    yield result.overall
    for by in (result.by_section, result.by_instrument, result.by_legal_force):
        yield from by.values()


@given(responses_of(whole_scales=True), weightings)
def test_value_lies_within_its_range(responses, weights):
    for group in groups(score(responses, weights)):
        assert (group.low is None) == (group.high is None)
        if group.value is not None:
            assert 0 <= group.low <= group.value <= group.high <= 1
        if not group.unanswered:
            assert group.value == group.low == group.high


@given(responses_of(), weightings, st.data())
def test_range_holds_whatever_is_answered_later(responses, weights, data):
    before = score(responses, weights).overall
    completed = []
    for each in responses:
        if each.outcome is Outcome.UNANSWERED:
            outcome = data.draw(st.sampled_from(list(SCORES)))
            step = data.draw(thousandths)
            later = (each.lowest + (each.highest - each.lowest) * step).quantize(Decimal("0.001"))
            each = response(each.ref, outcome, severity=each.severity, score=later, provisions=each.provisions)
        completed.append(each)

    after = score(completed, weights).overall

    assert after.value is None or before.low <= after.value <= before.high


@given(responses_of(), weightings, st.randoms(use_true_random=False))
def test_order_of_the_responses_changes_no_number(responses, weights, random):
    expected = score(responses, weights)
    random.shuffle(responses)

    shuffled = score(responses, weights)

    for part in ("overall", "by_section", "by_instrument", "by_legal_force", "provisions", "unconfirmed"):
        assert getattr(shuffled, part) == getattr(expected, part)
    assert sorted(shuffled.gaps, key=lambda gap: gap.ref) == sorted(expected.gaps, key=lambda gap: gap.ref)


@given(responses_of(), weightings)
def test_not_applicable_is_neutral(responses, weights):
    expected = score(responses, weights)
    extra = [response(f"extra{p.key}", Outcome.NOT_APPLICABLE, provisions=[p]) for p in PROVISIONS]

    result = score([*responses, *extra], weights)

    def numbers(group):
        return group.value, group.low, group.high, group.weight

    assert numbers(result.overall) == numbers(expected.overall)
    for key, group in expected.by_instrument.items():
        assert numbers(result.by_instrument[key]) == numbers(group)
    for key, outcome in expected.provisions.items():
        assert result.provisions[key] == outcome
    assert result.gaps == expected.gaps


@given(responses_of(outcomes=st.sampled_from([Outcome.UNANSWERED, Outcome.MET, Outcome.NOT_APPLICABLE])), weightings)
def test_unanswered_is_never_not_met(responses, weights):
    result = score(responses, weights)

    assert result.gaps == ()
    assert not {Outcome.NOT_MET, Outcome.PARTLY_MET} & set(result.provisions.values())
    assert all(group.outcomes[Outcome.NOT_MET] == 0 for group in groups(result))


@given(responses_of(), weightings, st.integers(2, 99))
def test_only_the_proportion_of_the_weights_matters(responses, weights, factor):
    scaled = score(responses, {severity: weight * factor for severity, weight in weights.items()})

    expected = score(responses, weights)

    for group, other in zip(groups(scaled), groups(expected), strict=True):
        assert (group.value, group.low, group.high) == (other.value, other.low, other.high)
        assert group.weight == other.weight * factor


@given(responses_of(), weightings)
def test_unconfirmed_weight_is_part_of_the_weight(responses, weights):
    result = score(responses, weights)

    assert 0 <= result.unconfirmed.weight <= result.overall.weight
    assert 0 <= result.unconfirmed.answers <= len(responses) - result.overall.unanswered


@given(responses_of(min_size=1), weightings)
def test_result_agrees_with_a_slow_recomputation_in_fractions(responses, weights):
    result = score(responses, weights)

    assert_same(result.overall, responses, weights)
    for key in {r.section for r in responses}:
        assert_same(result.by_section.pop(key), [r for r in responses if r.section == key], weights)
    for key in {p.instrument for r in responses for p in r.provisions}:
        citing = [r for r in responses if key in {p.instrument for p in r.provisions}]
        assert_same(result.by_instrument.pop(key), citing, weights)
    for key in {p.legal_force for r in responses for p in r.provisions}:
        citing = [r for r in responses if key in {p.legal_force for p in r.provisions}]
        assert_same(result.by_legal_force.pop(key), citing, weights)
    assert (result.by_section, result.by_instrument, result.by_legal_force) == ({}, {}, {})


def assert_same(group, responses, weights):
    def mean(terms):
        total = sum(weight for weight, _value in terms)
        return sum(weight * value for weight, value in terms) / total if total else None

    applicable = [(Fraction(weights[r.severity]), r) for r in responses if r.outcome is not Outcome.NOT_APPLICABLE]
    value = mean([(w, Fraction(r.score)) for w, r in applicable if r.score is not None])
    low = mean([(w, Fraction(r.lowest if r.score is None else r.score)) for w, r in applicable])
    high = mean([(w, Fraction(r.highest if r.score is None else r.score)) for w, r in applicable])

    for given_number, exact in [(group.value, value), (group.low, low), (group.high, high)]:
        assert (given_number is None) == (exact is None)
        assert exact is None or abs(Fraction(given_number) - exact) < Fraction(1, 10**24)
    assert Fraction(group.weight) == sum(w for w, r in applicable if r.score is not None)
    assert {o: n for o, n in group.outcomes.items() if n} == Counter(r.outcome for r in responses)
