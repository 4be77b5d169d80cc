from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given

from questionnaires.explaining import Grouping, Term, explain, members
from questionnaires.scoring import Outcome, Severity, score
from tests.test_scoring import GUIDE, LAW_1, LAW_2, OTHER_LAW, WEIGHTS, response, responses_of, weightings


def test_terms_and_sums_of_a_mixed_group():
    """Weights 8, 4, 2, 1: 8 x 1 + 2 x 0.5 of 10, with 4 open and 1 set aside."""
    explanation = explain(
        [
            response("a", Outcome.MET, severity=Severity.CRITICAL),
            response("b", Outcome.UNANSWERED, severity=Severity.HIGH, lowest=Decimal("0.2"), highest=Decimal("0.9")),
            response("c", Outcome.PARTLY_MET, severity=Severity.MEDIUM),
            response("d", Outcome.NOT_APPLICABLE, severity=Severity.LOW),
        ],
        WEIGHTS,
    )

    eight, four, two, one = map(Decimal, (8, 4, 2, 1))
    assert explanation.terms == (
        Term("a", Severity.CRITICAL, Outcome.MET, eight, one, eight, eight, eight),
        Term("b", Severity.HIGH, Outcome.UNANSWERED, four, None, None, Decimal("0.8"), Decimal("3.6")),
        Term("c", Severity.MEDIUM, Outcome.PARTLY_MET, two, Decimal("0.5"), one, one, one),
        Term("d", Severity.LOW, Outcome.NOT_APPLICABLE, one, None, None, None, None),
    )
    assert (explanation.points, explanation.weight, explanation.possible) == (Decimal(9), Decimal(10), Decimal(14))
    assert (explanation.value, explanation.low, explanation.high) == (
        Decimal("0.9"),
        Decimal("9.8") / 14,
        Decimal("12.6") / 14,
    )


def test_nothing_is_explained_by_nothing():
    explanation = explain([], WEIGHTS)

    assert (explanation.terms, explanation.value, explanation.low, explanation.high) == ((), None, None, None)


def test_member_of_a_group_counts_once_however_often_it_cites_it():
    responses = [
        response("a", provisions=[LAW_1, LAW_2, OTHER_LAW], section="first"),
        response("b", provisions=[GUIDE, LAW_1], section="second"),
        response("c", provisions=[GUIDE], section="second"),
    ]

    def refs(*group):
        return "".join(member.ref for member in members(responses, *group))

    assert refs(Grouping.OVERALL) == "abc"
    assert (refs(Grouping.SECTION, "second"), refs(Grouping.SECTION, "third")) == ("bc", "")
    assert (refs(Grouping.INSTRUMENT, "law"), refs(Grouping.INSTRUMENT, "guide")) == ("ab", "bc")
    assert (refs(Grouping.LEGAL_FORCE, "law"), refs(Grouping.LEGAL_FORCE, "case")) == ("ab", "")


@given(responses_of(), weightings)
def test_sum_of_the_terms_is_the_score_of_every_group(responses, weights):
    """Against scoring exactly, and against fractions that know nothing of either."""
    result = score(responses, weights)
    scores = {(Grouping.OVERALL, ""): result.overall}
    scores |= {(Grouping.SECTION, key): value for key, value in result.by_section.items()}
    scores |= {(Grouping.INSTRUMENT, key): value for key, value in result.by_instrument.items()}
    scores |= {(Grouping.LEGAL_FORCE, key): value for key, value in result.by_legal_force.items()}

    for group, frozen in scores.items():
        explanation = explain(members(responses, *group), weights)

        assert (explanation.value, explanation.low, explanation.high) == (frozen.value, frozen.low, frozen.high)
        assert explanation.weight == frozen.weight
        answered = [t for t in explanation.terms if t.score is not None]
        points = sum(Fraction(t.weight) * Fraction(t.score) for t in answered)
        assert points == sum(Fraction(t.product) for t in answered) == Fraction(explanation.points)
        assert sum(Fraction(t.weight) for t in answered) == Fraction(explanation.weight)


@pytest.mark.parametrize("outcome", [Outcome.UNANSWERED, Outcome.NOT_APPLICABLE])
def test_group_without_a_scored_answer_has_no_value(outcome):
    explanation = explain([response("a", outcome)], WEIGHTS)

    assert (explanation.value, explanation.points, explanation.weight) == (None, Decimal(0), Decimal(0))
