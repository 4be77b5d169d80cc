"""The cheapest path, against every subset there is."""

from decimal import Decimal
from itertools import chain, combinations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from questionnaires import planning
from questionnaires.planning import Goal, Reach, cheapest_path
from questionnaires.scoring import score
from questionnaires.simulating import simulate
from tests.scored import BINDING, SOFT, WEIGHTS, provision, response

HALF = Decimal("0.5")


def path(plan):
    return [step.ref for step in plan.steps]


def every_subset(refs):
    return chain.from_iterable(combinations(refs, n) for n in range(len(refs) + 1))


def is_reached(responses, closed, goal):
    """By scoring anew, which the plan does not."""
    after = simulate(responses, WEIGHTS, switched=set(closed)).after
    binding = [r for r in responses if r.is_binding]
    of_binding = simulate(binding, WEIGHTS, switched=set(closed)).after.overall.value
    open_duties = {
        p.key
        for r in responses
        for p in r.provisions
        if p.is_binding and after.provisions[p.key] in ("not_met", "partly_met")
    }
    return (
        (not goal.clears_binding or not open_duties)
        and (goal.overall is None or (after.overall.value is not None and after.overall.value >= goal.overall))
        and (goal.binding is None or (of_binding is not None and of_binding >= goal.binding))
    )


PROVISIONS = [provision("law/1"), provision("law/2"), provision("rule/1"), SOFT]
RESPONSES = st.lists(
    st.tuples(
        st.sampled_from(["no", "partly", "yes", None, "n/a"]),
        st.sampled_from(["critical", "high", "medium", "low"]),
        st.lists(st.sampled_from(PROVISIONS), min_size=1, max_size=2, unique=True),
        st.sampled_from([None, "0.5", "1", "3", "10", "2.5"]),
    ),
    max_size=7,
)
GOALS = st.builds(
    Goal,
    st.booleans(),
    *[st.one_of(st.none(), st.integers(0, 20).map(lambda n: Decimal(n) / 20)) for _ in range(2)],
)


@settings(max_examples=80, deadline=None)
@given(rows=RESPONSES, goal=GOALS)
def test_no_subset_is_cheaper(rows, goal):
    responses = [
        response(f"q{n}", level, *cited, severity=severity) for n, (level, severity, cited, _) in enumerate(rows)
    ]
    efforts = {f"q{n}": Decimal(effort) for n, (*_, effort) in enumerate(rows) if effort}
    closable = [gap.ref for gap in score(responses, WEIGHTS).gaps if gap.ref in efforts]
    reaching = [subset for subset in every_subset(closable) if is_reached(responses, subset, goal)]

    plan = cheapest_path(responses, WEIGHTS, efforts, goal)

    assert plan.is_reached == bool(reaching)
    assert plan.is_proven
    assert plan.effort == sum(efforts[ref] for ref in path(plan))
    if reaching:
        assert is_reached(responses, path(plan), goal)
        assert plan.effort == min(sum(efforts[ref] for ref in subset) for subset in reaching)
    for number, step in enumerate(plan.steps, start=1):
        after = simulate(responses, WEIGHTS, switched=set(path(plan)[:number])).after
        assert step.reach.overall == after.overall.value


def test_greedy_is_beaten():
    """The best points per day overshoot: 8 points in 4 days where 4 points are missing, and 2.5 days buy those."""
    responses = [response("big", severity="critical"), response("small"), response("done", "yes", severity="critical")]
    efforts = {"big": Decimal(4), "small": Decimal("2.5")}
    goal = Goal(overall=Decimal("0.6"))
    gaps = [
        planning.Candidate(n, r.ref, r.severity, False, WEIGHTS[r.severity], efforts[r.ref], frozenset())
        for n, r in enumerate(responses[:2])
    ]

    by_points_per_day = planning.greedy(gaps, [planning.Need(Decimal(4), binding_only=False)])
    plan = cheapest_path(responses, WEIGHTS, efforts, goal)

    assert [gap.ref for gap in by_points_per_day] == ["big"]
    assert (path(plan), plan.effort, plan.is_reached) == (["small"], Decimal("2.5"), True)


def test_binding_and_grave_gaps_come_first_then_points_per_day():
    responses = [
        response("soft", severity="critical"),
        response("low", "no", BINDING, severity="low"),
        response("slow", "no", BINDING),
        response("quick", "no", BINDING),
        response("partly", "partly", BINDING),
    ]
    efforts = {"soft": Decimal(1), "low": Decimal(1), "slow": Decimal(10), "quick": Decimal(1), "partly": Decimal(1)}

    plan = cheapest_path(responses, WEIGHTS, efforts, Goal(clears_binding=True, overall=Decimal(1)))

    assert path(plan) == ["quick", "partly", "slow", "low", "soft"]
    assert [step.effort_so_far for step in plan.steps] == [1, 2, 12, 13, 14]
    assert plan.start == Reach(Decimal(2) / 21, Decimal(2) / 13, 1)
    assert [step.reach.duties_open for step in plan.steps] == [1, 1, 1, 0, 0]
    assert plan.end == Reach(Decimal(1), Decimal(1), 0)


def test_equal_paths_are_decided_the_same_way_each_time():
    responses = [response(f"q{n}") for n in range(8)]
    efforts = dict.fromkeys((r.ref for r in responses), Decimal(3))

    plans = [cheapest_path(responses, WEIGHTS, efforts, Goal(overall=HALF)) for _ in range(3)]

    assert [path(plan) for plan in plans] == [["q0", "q1", "q2", "q3"]] * 3


def test_of_equal_effort_more_points_are_taken():
    responses = [response("low", severity="low"), response("grave", severity="critical")]

    plan = cheapest_path(responses, WEIGHTS, {"low": Decimal(3), "grave": Decimal(3)}, Goal(overall=Decimal("0.1")))

    assert path(plan) == ["grave"]


def test_what_cannot_be_reached_leads_to_the_best_that_can():
    responses = [response("a", "no", BINDING), response("b", "no", BINDING, provision("law/2")), response("c")]
    efforts = {"a": Decimal(1), "c": Decimal(1)}  # b cannot be closed

    scored = cheapest_path(responses, WEIGHTS, efforts, Goal(overall=Decimal("0.9")))
    cleared = cheapest_path(responses, WEIGHTS, efforts, Goal(clears_binding=True))

    assert (scored.is_reached, path(scored), scored.end.overall) == (False, ["a", "c"], Decimal(2) / 3)
    assert (cleared.is_reached, path(cleared), cleared.end.duties_open) == (False, [], 2)


@pytest.mark.parametrize("goal", [Goal(), Goal(clears_binding=True), Goal(overall=HALF), Goal(binding=HALF)])
def test_goal_that_is_reached_already_needs_no_step(goal):
    plan = cheapest_path([response("a", "yes", BINDING)], WEIGHTS, {}, goal)

    assert (plan.is_reached, plan.is_proven, plan.steps, plan.effort) == (True, True, (), 0)


def test_score_of_nothing_answered_cannot_be_reached():
    plan = cheapest_path([response("a", None, BINDING)], WEIGHTS, {"a": Decimal(1)}, Goal(overall=HALF))

    assert (plan.is_reached, plan.steps, plan.start) == (False, (), Reach(None, None, 0))


def test_search_out_of_time_gives_a_path_that_reaches_the_goal_and_says_so():
    responses = [response(f"q{n}", severity=("critical", "high", "low")[n % 3]) for n in range(30)]
    efforts = {r.ref: Decimal(n % 7 + 1) for n, r in enumerate(responses)}

    plan = cheapest_path(responses, WEIGHTS, efforts, Goal(overall=HALF), time_limit=0)

    assert (plan.is_reached, plan.is_proven) == (True, False)
    assert plan.end.overall >= HALF
