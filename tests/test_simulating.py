"""Gaps switched to met, and what moves with them."""

from decimal import Decimal

from questionnaires.scoring import Outcome, score
from questionnaires.simulating import Moved, simulate
from tests.scored import BINDING, SOFT, WEIGHTS, response


def test_switched_gap_moves_scores_outcomes_and_provisions():
    given = [
        response("a", "no", BINDING, severity="critical"),
        response("b", "partly", BINDING, SOFT),
        response("c", "yes", SOFT),
    ]

    found = simulate(given, WEIGHTS, switched={"a"})

    assert (found.before, found.switched) == (score(given, WEIGHTS), frozenset({"a"}))
    assert found.moved == (Moved(BINDING.key, Outcome.NOT_MET, Outcome.PARTLY_MET),)
    assert found.after == score([response("a", "yes", BINDING, severity="critical"), *given[1:]], WEIGHTS)
    assert (found.before.overall.value, found.after.overall.value) == (Decimal(6) / 16, Decimal(14) / 16)
    assert [gap.ref for gap in found.after.gaps] == ["b"]


def test_only_gaps_are_switched():
    given = [response("a", "yes", BINDING), response("b", None, BINDING), response("c", "n/a", BINDING)]

    found = simulate(given, WEIGHTS, switched={"a", "b", "c", "unknown"})

    assert (found.before, found.switched, found.moved) == (found.after, frozenset(), ())


def test_all_gaps_switched_leave_what_is_unanswered_open():
    given = [response("a", "no", BINDING), response("b", None, BINDING), response("c", "no", SOFT)]

    found = simulate(given, WEIGHTS, switched={"a", "c"})

    assert dict(found.after.provisions) == {BINDING.key: Outcome.UNANSWERED, SOFT.key: Outcome.MET}
    assert (found.after.overall.value, found.after.overall.low) == (1, Decimal(2) / 3)
