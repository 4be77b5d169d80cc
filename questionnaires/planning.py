"""The cheapest path: which gaps to close so that binding duties are cleared or a score is reached, at least effort.

Choosing gaps for a score is a knapsack, where taking the best points per day first is not the cheapest: an integer
program finds what is (solving.py). Pure but for the clock that ends a search which takes too long.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from questionnaires.scoring import ZERO, Response, Severity
from questionnaires.simulating import GAPS
from questionnaires.solving import best_choice

TIME_LIMIT = 5.0  # seconds for the whole search
_SEVERITIES = list(Severity)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the path is to reach. A score is from 0 to 1; None: it is no part of the goal."""

    clears_binding: bool = False  # every binding duty not or partly met
    overall: Decimal | None = None
    binding: Decimal | None = None  # the score of the questions on binding duties


@dataclass(frozen=True, slots=True)
class Reach:
    """Where one stands: two scores, None where nothing is answered, and the binding duties not or partly met."""

    overall: Decimal | None
    binding: Decimal | None
    duties_open: int


@dataclass(frozen=True, slots=True)
class Step:
    """Close one gap; `effort_so_far` and `reach` are what it comes to with all steps before."""

    ref: str
    severity: Severity
    is_binding: bool
    points: Decimal
    effort: Decimal
    effort_so_far: Decimal
    reach: Reach


@dataclass(frozen=True, slots=True)
class Plan:
    """Steps in the order to take them.

    `is_reached`: the goal is; otherwise the steps lead to the best that can be reached with the gaps that may be
    closed. `is_proven`: nothing cheaper leads there; otherwise the search was ended by its time limit.
    """

    start: Reach
    steps: tuple[Step, ...]
    is_reached: bool
    is_proven: bool

    @property
    def end(self) -> Reach:
        return self.steps[-1].reach if self.steps else self.start

    @property
    def effort(self) -> Decimal:
        return self.steps[-1].effort_so_far if self.steps else ZERO


@dataclass(frozen=True, slots=True)
class Candidate:
    """`index` is the place in question order; `duties` are the binding provisions that rest on it."""

    index: int
    ref: str
    severity: Severity
    is_binding: bool
    points: Decimal
    effort: Decimal
    duties: frozenset[str]

    @property
    def order(self) -> tuple[bool, int, Decimal, int]:
        return not self.is_binding, _SEVERITIES.index(self.severity), -self.points / self.effort, self.index


@dataclass(frozen=True, slots=True)
class Need:
    """At least `least` of the sum of points, over all gaps or over binding ones."""

    least: Decimal
    binding_only: bool

    def points(self, gap: Candidate) -> Decimal:
        return ZERO if self.binding_only and not gap.is_binding else gap.points


def cheapest_path(
    responses: Iterable[Response],
    weights: Mapping[Severity, Decimal],
    efforts: Mapping[str, Decimal],
    goal: Goal,
    *,
    time_limit: float = TIME_LIMIT,
) -> Plan:
    """Return the gaps to close, at the least effort that reaches the goal.

    `efforts` are person-days by ref, more than 0; a gap without one is not to be closed. Of several paths of that
    effort the one with the most points is taken, and of those the one with the graver gaps.
    """
    given = list(responses)
    totals = Totals.of(given, weights)
    gaps = [
        Candidate(
            index=index,
            ref=response.ref,
            severity=response.severity,
            is_binding=response.is_binding,
            points=weights[response.severity] * (response.highest - response.score),
            effort=efforts[response.ref],
            duties=frozenset(p.key for p in response.provisions if p.is_binding),
        )
        for index, response in enumerate(given)
        if response.outcome in GAPS and response.score is not None and response.ref in efforts
    ]
    gaps.sort(key=lambda gap: gap.order)
    required, clears_all = _clearing(gaps, totals) if goal.clears_binding else (frozenset(), True)
    needs, reaches_scores = _needs(gaps, totals, goal)
    chosen, is_proven = _choose(gaps, required, needs, time_limit=time_limit)
    steps = _steps([gap for gap in gaps if gap.ref in chosen], totals)
    return Plan(totals.reach(()), steps, is_reached=clears_all and reaches_scores, is_proven=is_proven)


@dataclass(frozen=True, slots=True)
class Totals:
    """Points and weight that are there already; the open duties, each with the refs of the gaps that keep it open."""

    points: Decimal
    weight: Decimal
    binding_points: Decimal
    binding_weight: Decimal
    duties: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, responses: Sequence[Response], weights: Mapping[Severity, Decimal]) -> "Totals":
        points = weight = binding_points = binding_weight = ZERO
        duties: dict[str, set[str]] = {}
        for response in responses:
            if response.score is not None:
                one = weights[response.severity]
                points, weight = points + one * response.score, weight + one
                if response.is_binding:
                    binding_points, binding_weight = binding_points + one * response.score, binding_weight + one
            if response.outcome in GAPS:
                for provision in response.provisions:
                    if provision.is_binding:
                        duties.setdefault(provision.key, set()).add(response.ref)
        return cls(points, weight, binding_points, binding_weight, {key: frozenset(v) for key, v in duties.items()})

    def reach(self, closed: Iterable[Candidate]) -> Reach:
        closed = tuple(closed)
        refs = {gap.ref for gap in closed}
        binding = sum((gap.points for gap in closed if gap.is_binding), ZERO)
        return Reach(
            overall=(self.points + sum((g.points for g in closed), ZERO)) / self.weight if self.weight else None,
            binding=(self.binding_points + binding) / self.binding_weight if self.binding_weight else None,
            duties_open=sum(not keeping <= refs for keeping in self.duties.values()),
        )


def _clearing(gaps: Sequence[Candidate], totals: Totals) -> tuple[frozenset[str], bool]:
    """The gaps to close for every duty that can be cleared, and whether all of them can be.

    A provision has the worst outcome of its questions, so that each of its gaps must be closed: there is no choice.
    """
    closable = {gap.ref for gap in gaps}
    can_be = [keeping for keeping in totals.duties.values() if keeping <= closable]
    return frozenset().union(*can_be), len(can_be) == len(totals.duties)


def _needs(gaps: Sequence[Candidate], totals: Totals, goal: Goal) -> tuple[list[Need], bool]:
    """What is missing to the scores aimed at; where there is not so much, all that there is."""
    needs, is_possible = [], True
    aims = (
        (goal.overall, totals.points, totals.weight, False),
        (goal.binding, totals.binding_points, totals.binding_weight, True),
    )
    for target, points, weight, binding_only in aims:
        if target is None:
            continue
        missing = target * weight - points
        need = Need(missing, binding_only)
        available = sum((need.points(gap) for gap in gaps), ZERO)
        if not weight or missing > available:
            is_possible = False
        if missing > 0:
            needs.append(Need(min(missing, available), binding_only))
    return needs, is_possible


def _choose(
    gaps: Sequence[Candidate], required: frozenset[str], needs: Sequence[Need], *, time_limit: float
) -> tuple[frozenset[str], bool]:
    """Refs of the gaps to close, and whether that is proven to be the cheapest choice."""
    given = [gap for gap in gaps if gap.ref in required]
    left = [Need(n.least - sum((n.points(gap) for gap in given), ZERO), n.binding_only) for n in needs]
    left = [need for need in left if need.least > 0]
    optional = [gap for gap in gaps if gap.ref not in required and any(need.points(gap) for need in left)]
    if not left:
        return required, True
    efforts = [Fraction(gap.effort) for gap in optional]
    losses = [-Fraction(gap.points) for gap in optional]
    places = [Fraction(place) for place in range(1, len(optional) + 1)]
    known = greedy(optional, left)
    choice = best_choice(
        [efforts, losses, places],
        [([Fraction(need.points(gap)) for gap in optional], Fraction(need.least)) for need in left],
        known=frozenset(index for index, gap in enumerate(optional) if gap in known),
        time_limit=time_limit,
    )
    return required | {optional[index].ref for index in choice.taken}, choice.is_proven


def greedy(gaps: Sequence[Candidate], needs: Sequence[Need]) -> list[Candidate]:
    """Best points per day first, then without what turned out superfluous: a choice, but not the cheapest."""
    taken: list[Candidate] = []
    for gap in sorted(gaps, key=lambda g: (-g.points / g.effort, g.index)):
        if _suffices(taken, needs):
            break
        taken.append(gap)
    for gap in sorted(taken, key=lambda g: (-g.effort, g.index)):
        without = [other for other in taken if other is not gap]
        if _suffices(without, needs):
            taken = without
    return taken


def _suffices(chosen: Collection[Candidate], needs: Iterable[Need]) -> bool:
    return all(sum((need.points(gap) for gap in chosen), ZERO) >= need.least for need in needs)


def _steps(chosen: Sequence[Candidate], totals: Totals) -> tuple[Step, ...]:
    steps: list[Step] = []
    effort = ZERO
    for number, gap in enumerate(chosen, start=1):
        effort += gap.effort
        reach = totals.reach(chosen[:number])
        steps.append(Step(gap.ref, gap.severity, gap.is_binding, gap.points, gap.effort, effort, reach))
    return tuple(steps)
