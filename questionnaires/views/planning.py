"""What if gaps were closed, and the cheapest path to a goal: nothing is stored until the path becomes actions."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from questionnaires.action_forms import DEFAULT_SIZE, NEVER, SIZES, GoalForm, StepsForm
from questionnaires.citations import cited
from questionnaires.models import Action, Assessment, LegalForce, Question
from questionnaires.models.actions import Planned, actions_of, plan_actions
from questionnaires.models.standings import Standing
from questionnaires.planning import TIME_LIMIT, Goal, Plan, cheapest_path
from questionnaires.reporting.figures import score_text
from questionnaires.scoring import Outcome, Result, Score, Severity
from questionnaires.simulating import GAPS, Simulation, simulate
from questionnaires.views.actions import plannable_or_404
from questionnaires.views.assessments import may_edit, visible_or_404

PRESETS = {
    "binding": lambda row: row.is_binding,
    "critical": lambda row: row.severity is Severity.CRITICAL,
    "all": lambda row: True,
}


@dataclass(frozen=True, slots=True)
class GapRow:
    """A gap as these pages list it. `number` is the report's, and short enough for an address; `worth` in points."""

    number: str
    ref: str
    pk: int
    section: str
    text: str
    severity: Severity
    outcome: Outcome
    is_binding: bool
    worth: str
    actions: tuple[Action, ...]

    @property
    def planned_days(self) -> Decimal | None:
        """What its actions under way say; None where they say nothing."""
        days = [a.effort_days for a in self.actions if a.is_under_way and a.effort_days is not None]
        return sum(days, Decimal(0)) if days else None

    @property
    def is_planned(self) -> bool:
        return any(action.is_under_way for action in self.actions)


def numbers_of(standing: Standing) -> dict[str, str]:
    """The report's number of each question, such as 2.4, by ref."""
    counts: dict[str, int] = {}
    places = {section.ref: place for place, section in enumerate(standing.outline.sections, start=1)}
    numbers = {}
    for question in standing.outline.questions.values():
        counts[question.section] = counts.get(question.section, 0) + 1
        numbers[question.ref] = f"{places[question.section]}.{counts[question.section]}"
    return numbers


def gap_rows(assessment: Assessment, standing: Standing, result: Result) -> list[GapRow]:
    """Worst first, as scoring lists them: two queries, questions and actions."""
    outlined = {question.ref: question for question in standing.outline.questions.values()}
    numbers = numbers_of(standing)
    refs = {gap.ref for gap in result.gaps}
    texts = dict(Question.objects.filter(version=assessment.version_id, ref__in=refs).values_list("ref", "text"))
    planned: dict[str, list[Action]] = {}
    for action in actions_of(assessment):
        planned.setdefault(action.question_ref, []).append(action)
    return [
        GapRow(
            number=numbers[gap.ref],
            ref=gap.ref,
            pk=outlined[gap.ref].pk,
            section=outlined[gap.ref].section,
            text=texts[gap.ref],
            severity=gap.severity,
            outcome=gap.outcome,
            is_binding=gap.is_binding,
            worth=_percentage_points(gap.points / result.overall.weight),
            actions=tuple(planned.get(gap.ref, ())),
        )
        for gap in result.gaps
    ]


def _percentage_points(share: Decimal) -> str:
    return f"{100 * share:+.1f}"


@login_required
@require_GET
def what_if(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Scores as they are and with the chosen gaps met: those that the address names by number, or a whole kind."""
    assessment = visible_or_404(request, uuid)
    standing = assessment.standing()
    weights = assessment.version.weights
    rows = gap_rows(assessment, standing, standing.score(weights))
    is_chosen = PRESETS.get(request.GET.get("preset", ""))
    numbers = set(request.GET.getlist("met"))
    switched = {row.ref for row in rows if (is_chosen(row) if is_chosen else row.number in numbers)}
    found = simulate(standing.responses(), weights, switched=switched)
    context = {
        "assessment": assessment,
        "groups": _by_severity(rows),
        "switched": found.switched,
        "said": _said(found, standing),
        "scores": _scores(assessment, found),
        "moved": _moved(found, standing),
        "unanswered": found.before.overall.unanswered,
        "may_edit": may_edit(assessment),
    }
    return render(request, "actions/what_if.html", context)


def _by_severity(rows: Iterable[GapRow]) -> list[tuple[Severity, list[GapRow]]]:
    groups: dict[Severity, list[GapRow]] = {severity: [] for severity in Severity}
    for row in rows:
        groups[row.severity].append(row)
    return [(severity, group) for severity, group in groups.items() if group]


def _said(found: Simulation, standing: Standing) -> str:
    """The whole effect in a sentence, for whoever hears the page."""
    number = len(found.switched)
    if not number:
        return _("Nothing is switched: these are the figures as answered.")
    words = ngettext(
        "%(n)d gap met: overall score %(before)s → %(after)s, binding duties not or partly met %(had)d → %(has)d.",
        "%(n)d gaps met: overall score %(before)s → %(after)s, binding duties not or partly met %(had)d → %(has)d.",
        number,
    )
    return words % {
        "n": number,
        "before": score_text(found.before.overall.value),
        "after": score_text(found.after.overall.value),
        "had": _open_duties(found.before, standing),
        "has": _open_duties(found.after, standing),
    }


def _open_duties(result: Result, standing: Standing) -> int:
    binding = {p.key for p in standing.provisions.values() if p.instrument.is_binding}
    return sum(key in binding and outcome in GAPS for key, outcome in result.provisions.items())


def _scores(assessment: Assessment, found: Simulation) -> list[dict]:
    """Overall, then by legal force, then by instrument."""
    before, after = found.before, found.after
    titles = {i.slug: i.short_title for i in assessment.instruments.in_order()}
    rows = [_score_row(_("Overall"), before.overall, after.overall, kind="overall")]
    rows += [
        _score_row(force.label, before.by_legal_force[force], after.by_legal_force[force], kind="force")
        for force in LegalForce
        if force in before.by_legal_force
    ]
    rows += [
        _score_row(title, before.by_instrument[slug], after.by_instrument[slug], kind="instrument")
        for slug, title in titles.items()
        if slug in before.by_instrument
    ]
    return rows


def _score_row(label: str, before: Score, after: Score, *, kind: str) -> dict:
    moves = before.value is not None and before.value != after.value
    return {
        "label": label,
        "before": score_text(before.value),
        "after": score_text(after.value),
        "change": _percentage_points(after.value - before.value) if moves else "",
        "kind": kind,
    }


def _moved(found: Simulation, standing: Standing) -> list[dict]:
    """Provisions whose outcome changes, binding ones first; one query."""
    pks = {provision.key: pk for pk, provision in standing.provisions.items()}
    shown = cited(pks[moved.key] for moved in found.moved)
    rows = [{"provision": shown[pks[moved.key]], "before": moved.before, "after": moved.after} for moved in found.moved]
    return sorted(rows, key=lambda row: not row["provision"].instrument.is_binding)


@login_required
@require_GET
def cheapest(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for a goal and the effort of each gap; show the cheapest path there."""
    assessment = visible_or_404(request, uuid)
    standing = assessment.standing()
    weights = assessment.version.weights
    rows = gap_rows(assessment, standing, standing.score(weights))
    form = GoalForm(request.GET or {"clears_binding": "on"})
    estimates = [Estimate.of(row, form.size_of(row.number)) for row in rows]
    context = {
        "assessment": assessment,
        "form": form,
        "estimates": estimates,
        "sizes": SIZES,
        "default_days": dict(SIZES)[DEFAULT_SIZE],
        "may_edit": may_edit(assessment),
    }
    if form.is_valid():
        efforts = {estimate.row.ref: estimate.days for estimate in estimates if estimate.days is not None}
        plan = cheapest_path(standing.responses(), weights, efforts, form.goal)
        context |= _path(plan, form.goal, rows)
    return render(request, "actions/cheapest_path.html", context)


@dataclass(frozen=True, slots=True)
class Estimate:
    """The effort of a gap: what its actions say or, where they do not, the size that the page was asked with."""

    row: GapRow
    size: str
    days: Decimal | None

    @classmethod
    def of(cls, row: GapRow, size: str) -> "Estimate":
        days = None if size == NEVER else dict(SIZES)[size]
        return cls(row, size, row.planned_days or days)


def _path(plan: Plan, goal: Goal, rows: Iterable[GapRow]) -> dict:
    by_ref = {row.ref: row for row in rows}
    steps = [
        {
            "row": by_ref[step.ref],
            "effort": step.effort,
            "effort_so_far": step.effort_so_far,
            "overall": score_text(step.reach.overall),
            "binding": score_text(step.reach.binding),
            "duties_open": step.reach.duties_open,
        }
        for step in plan.steps
    ]
    return {
        "plan": plan,
        "steps": steps,
        "said": _path_said(plan),
        "shortfalls": _shortfalls(plan, goal),
        "time_limit": int(TIME_LIMIT),
        "to_plan": sum(not by_ref[step.ref].is_planned for step in plan.steps),
        "start": {"overall": score_text(plan.start.overall), "binding": score_text(plan.start.binding)},
        "end": {"overall": score_text(plan.end.overall), "binding": score_text(plan.end.binding)},
    }


def _path_said(plan: Plan) -> str:
    number = len(plan.steps)
    if not number:
        return (
            _("Nothing to do: this is reached already.") if plan.is_reached else _("No gap that may be closed helps.")
        )
    words = ngettext("%(n)d gap, %(days)s person-days.", "%(n)d gaps, %(days)s person-days.", number)
    return words % {"n": number, "days": f"{plan.effort.normalize():f}"}


def _shortfalls(plan: Plan, goal: Goal) -> list[str]:
    """What cannot be reached with the gaps that may be closed, and how far one gets."""
    end, said = plan.end, []
    if plan.is_reached:
        return said
    if goal.clears_binding and end.duties_open:
        words = ngettext(
            "%(n)d binding duty cannot be cleared: it rests on gaps set to “cannot be closed”.",
            "%(n)d binding duties cannot be cleared: they rest on gaps set to “cannot be closed”.",
            end.duties_open,
        )
        said.append(words % {"n": end.duties_open})
    aims = ((goal.overall, end.overall, _("overall score")), (goal.binding, end.binding, _("score of binding duties")))
    for target, reached, name in aims:
        if target is not None and (reached is None or reached < target):
            words = _("%(target)s cannot be reached (%(name)s): the best is %(reached)s.")
            said.append(words % {"target": score_text(target), "reached": score_text(reached), "name": name})
    return said


@login_required
@require_POST
def cheapest_to_actions(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Make actions of the steps that the page showed, but for gaps that have one under way."""
    assessment = plannable_or_404(request, uuid)
    standing = assessment.standing()
    form = StepsForm(request.POST, numbers={number: ref for ref, number in numbers_of(standing).items()})
    if not form.is_valid():
        messages.error(request, _("These steps are none of this assessment. Look at the path again."))
        return redirect("questionnaires:cheapest-path", assessment.uuid)
    still_gaps = {gap.ref for gap in standing.score(assessment.version.weights).gaps}
    steps = {ref: days for ref, days in form.steps.items() if ref in still_gaps}
    remediations = Question.objects.filter(version=assessment.version_id, ref__in=steps).values_list(
        "ref", "remediation"
    )
    titles = dict(remediations)
    made = plan_actions(assessment, [Planned(ref, titles[ref], days) for ref, days in steps.items()], by=request.user)
    words = ngettext("%(n)d action planned.", "%(n)d actions planned.", len(made))
    left = len(form.steps) - len(made)
    if left:
        words += " " + ngettext(
            "%(left)d gap had one already or is closed.", "%(left)d gaps had one already or are closed.", left
        )
    messages.success(request, words % {"n": len(made), "left": left})
    return redirect("questionnaires:action-list", assessment.uuid)
