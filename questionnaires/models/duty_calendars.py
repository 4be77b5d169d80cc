"""Which of a version's duties an assessment has on its as-of date, which it may have, and which are coming."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from questionnaires import applicability
from questionnaires.models.duties import Duty
from questionnaires.models.instruments import DatedProvision
from questionnaires.models.standings import Standing


class State(StrEnum):
    HOLDS = "holds"
    MAY_APPLY = "may_apply"  # while facts are open
    COMING = "coming"


@dataclass(frozen=True, slots=True)
class DatedDuty:
    """A duty with the provisions it rests on, in force on the as-of date or, for one that is coming, later.

    `open_facts` are the refs of the facts that would settle whether it applies. `since` is the entry into force of the
    first provision, the one that its dates come from; `until` the last day of the last. None: no date is given.
    """

    duty: Duty
    state: State
    open_facts: tuple[str, ...]
    provisions: tuple[DatedProvision, ...]
    since: date | None
    until: date | None

    def start(self, as_of: date) -> date:
        """From when on its dates count: the as-of date or, where that is later, its entry into force."""
        return max(as_of, self.since) if self.since else as_of


def dated_duties(duties: Iterable[tuple[Duty, Iterable[int]]], standing: Standing, as_of: date) -> list[DatedDuty]:
    """Of a version's duties with what they cite. They rest on chosen, shown provisions alone, as questions do."""
    shown = standing.provisions
    dated = (_dated(duty, [shown[pk] for pk in cited if pk in shown], standing, as_of) for duty, cited in duties)
    return [duty for duty in dated if duty]


def _dated(duty: Duty, cited: list[DatedProvision], standing: Standing, as_of: date) -> DatedDuty | None:
    in_force = [p for p in cited if p.is_in_force(as_of)]
    coming = [p for p in cited if p.is_coming(as_of)]
    verdict = applicability.decide(_expression(duty, standing), standing.facts, standing.outline.fact_types)
    if verdict.applies is False or not (in_force or coming):
        return None
    state = State.COMING if not in_force else State.HOLDS if verdict.applies else State.MAY_APPLY
    provisions = in_force or coming
    ends = [p.counts_until for p in (*in_force, *coming)]
    return DatedDuty(
        duty=duty,
        state=state,
        open_facts=() if verdict.applies else verdict.facts,
        provisions=tuple(provisions),
        since=provisions[0].counts_from,
        until=None if None in ends else max(ends),
    )


def _expression(duty: Duty, standing: Standing) -> applicability.Expression | None:
    if applicability.problems(duty.applies_if, standing.outline.fact_types):
        return None  # only a draft can hold one; see outlines
    return applicability.parse(duty.applies_if)
