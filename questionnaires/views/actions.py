"""What is planned about gaps: as a list with the duties of the law beside it, as a board, and one by one."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from questionnaires.action_forms import ActionFilterForm, ActionForm, ActionStatusForm
from questionnaires.models import Action, Assessment, Question
from questionnaires.models.actions import GapState, actions_of, gap_states, shortened
from questionnaires.models.standings import Standing
from questionnaires.reporting.duties import duty_groups
from questionnaires.reporting.texts import Voice
from questionnaires.views.assessments import may_edit
from questionnaires.views.duties import duty_data

PER_PAGE = 50
ORDERS = {
    "due": [F("due_on").asc(nulls_last=True), "created_at", "pk"],
    "owner": [F("owner__email").asc(nulls_last=True), F("due_on").asc(nulls_last=True), "pk"],
    "status": ["status", F("due_on").asc(nulls_last=True), "pk"],
    "effort": [F("effort_days").desc(nulls_last=True), "pk"],
}


@dataclass(frozen=True, slots=True)
class Row:
    """An action as a list or a board shows it; `gap` says what has become of its gap."""

    action: Action
    url: str
    gap: str
    is_closed: bool
    is_overdue: bool
    assessment: str = ""
    question: str = ""
    question_url: str = ""
    may_edit: bool = False


@dataclass(frozen=True, slots=True)
class DutyOfLaw:
    """A duty of the calendar among the actions, by its day."""

    day: date
    title: str
    rhythm: str
    is_past: bool
    citation: str


def newest_or_404(request: HttpRequest, uuid: UUID) -> Assessment:
    """The newest revision of the series that the address names: actions live across revisions."""
    series = Assessment.objects.filter(uuid=uuid).values("series")
    newest = Assessment.objects.visible_to(request.user).with_version().latest_revisions()
    return get_object_or_404(newest, series__in=series)


def plannable_or_404(request: HttpRequest, uuid: UUID) -> Assessment:
    """The same, for whoever may also plan."""
    assessment = newest_or_404(request, uuid)
    if not may_edit(assessment):
        raise Http404
    return assessment


@login_required
@require_GET
def action_list(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Actions of one assessment; in order of their days the duties of the law stand among them."""
    assessment = newest_or_404(request, uuid)
    standing = assessment.standing()
    form = ActionFilterForm(request.GET, organisation=assessment.organisation, user=request.user)
    actions = filtered(actions_of(assessment), form)
    rows = _rows(actions, assessment, standing)
    duties = _duties_of_law(assessment, standing) if form.takes_everything else []
    context = {
        "assessment": assessment,
        "form": form,
        "rows": _by_day(rows, duties),
        "count": len(rows),
        "is_filtered": form.is_filtered,
        "may_edit": may_edit(assessment),
    }
    return render(request, "actions/list.html", context)


@login_required
@require_GET
def action_board(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = newest_or_404(request, uuid)
    rows = _rows(actions_of(assessment), assessment, assessment.standing())
    columns = [
        {"status": status, "label": status.label, "rows": [row for row in rows if row.action.status == status]}
        for status in Action.Status
    ]
    context = {
        "assessment": assessment,
        "columns": columns,
        "statuses": Action.Status.choices,
        "may_edit": may_edit(assessment),
    }
    return render(request, "actions/board.html", context)


@login_required
@require_GET
def my_actions(request: HttpRequest) -> HttpResponse:
    """Actions of every assessment that the user may see: first the user's own."""
    form = ActionFilterForm(request.GET, organisation=None, user=request.user)
    actions = filtered(Action.objects.visible_to(request.user).with_outcome(), form)
    page = Paginator(actions, PER_PAGE).get_page(request.GET.get("page"))
    newest = Assessment.objects.visible_to(request.user).latest_revisions()
    assessments = {a.series: a for a in newest.filter(series__in={action.series for action in page})}
    today = timezone.localdate()
    rows = [
        _row(
            action,
            _state(action),
            assessment=assessments[action.series],
            today=today,
            may_edit=may_edit(assessments[action.series]),
        )
        for action in page
        if action.series in assessments
    ]
    context = {"form": form, "page": page, "rows": rows, "query": query_without_page(request)}
    return render(request, "actions/mine.html", context)


def query_without_page(request: HttpRequest) -> str:
    """What the links to other pages of a list keep of its address."""
    query = request.GET.copy()
    query.pop("page", None)
    return f"{query.urlencode()}&" if query else ""


@login_required
@require_http_methods(["GET", "POST"])
def action_new(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Plan something about the gap that `?gap=` names by its ref."""
    assessment = plannable_or_404(request, uuid)
    question = _question_or_404(assessment, request.GET.get("gap", ""))
    action = Action(
        organisation=assessment.organisation,
        series=assessment.series,
        question_ref=question.ref,
        title=shortened(question.remediation),
        created_by=request.user,
        changed_by=request.user,
    )
    form = ActionForm(request.POST or None, instance=action)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Planned: “%(title)s”.") % {"title": form.instance.title})
        return redirect("questionnaires:action-list", assessment.uuid)
    context = {"assessment": assessment, "form": form, "question": question, "others": _about(assessment, question)}
    return render(request, "actions/edit.html", context)


def _about(assessment: Assessment, question: Question) -> list[Action]:
    return list(actions_of(assessment).filter(question_ref=question.ref).select_related("owner"))


@login_required
@require_http_methods(["GET", "POST"])
def action_edit(request: HttpRequest, uuid: UUID, action_uuid: UUID) -> HttpResponse:
    """Change it over the revision that the page showed; over a newer one both are shown."""
    assessment = plannable_or_404(request, uuid)
    action = _action_or_404(assessment, action_uuid)
    form = ActionForm(request.POST or None, instance=action)
    context = {"assessment": assessment, "form": form, "action": action}
    status = 200
    if request.method == "POST" and form.is_valid():
        try:
            action.change(by=request.user, seen=form.seen, **form.values)
        except Action.Stale as e:
            if e.current is None:
                messages.error(request, _("Somebody has deleted this action meanwhile."))
                return redirect("questionnaires:action-list", assessment.uuid)
            context["current"], status = e.current, 409
        else:
            messages.success(request, _("Saved: “%(title)s”.") % {"title": form.cleaned_data["title"]})
            return redirect("questionnaires:action-list", assessment.uuid)
    context["question"] = _question_of(assessment, action.question_ref)
    return render(request, "actions/edit.html", context, status=status)


@login_required
@require_POST
def action_status(request: HttpRequest, uuid: UUID, action_uuid: UUID) -> HttpResponse:
    """Move it to another column of the board."""
    assessment = plannable_or_404(request, uuid)
    action = _action_or_404(assessment, action_uuid)
    form = ActionStatusForm(request.POST)
    if form.is_valid():
        status = Action.Status(form.cleaned_data["status"])
        try:
            action.change(by=request.user, seen=form.cleaned_data["revision"], status=status)
        except Action.Stale as e:
            messages.error(request, _stale_status(e.current, status))
    else:
        messages.error(request, _("Choose one of the columns."))
    return redirect("questionnaires:action-board", assessment.uuid)


def _stale_status(current: Action | None, wanted: Action.Status) -> str:
    if current is None:
        return _("Somebody has deleted this action meanwhile.")
    words = _(
        "Not moved to “%(wanted)s”: %(who)s has changed “%(title)s” meanwhile; it stands under “%(status)s”. "
        "Look again, then move it."
    )
    return words % {
        "wanted": wanted.label,
        "who": current.changed_by,
        "title": current.title,
        "status": current.get_status_display(),
    }


@login_required
@require_http_methods(["GET", "POST"])
def action_delete(request: HttpRequest, uuid: UUID, action_uuid: UUID) -> HttpResponse:
    assessment = plannable_or_404(request, uuid)
    action = _action_or_404(assessment, action_uuid)
    if request.method == "GET":
        return render(request, "actions/delete.html", {"assessment": assessment, "action": action})
    action.delete()
    messages.success(request, _("“%(name)s” was deleted.") % {"name": action.title})
    return redirect("questionnaires:action-list", assessment.uuid)


def _action_or_404(assessment: Assessment, uuid: UUID) -> Action:
    return get_object_or_404(actions_of(assessment).select_related("owner"), uuid=uuid)


def _question_of(assessment: Assessment, ref: str) -> Question | None:
    outlined = next((q for q in assessment.outline.questions.values() if q.ref == ref), None)
    return Question.objects.select_related("section").get(pk=outlined.pk) if outlined else None


def _question_or_404(assessment: Assessment, ref: str) -> Question:
    question = _question_of(assessment, ref)
    if question is None:
        raise Http404
    return question


def filtered(actions, form: ActionFilterForm):
    today = timezone.localdate()
    chosen = form.chosen
    if chosen["owner"] == ActionFilterForm.NOBODY:
        actions = actions.filter(owner__isnull=True)
    elif chosen["owner"]:
        actions = actions.filter(owner=chosen["owner"])
    if chosen["status"] == ActionFilterForm.UNDER_WAY:
        actions = actions.under_way()
    elif chosen["status"]:
        actions = actions.filter(status=chosen["status"])
    if chosen["overdue"]:
        actions = actions.overdue(today)
    return actions.select_related("owner").order_by(*ORDERS[chosen["sort"] or "due"])


def _rows(actions: Iterable[Action], assessment: Assessment, standing: Standing) -> list[Row]:
    """Two queries: actions, and the questions that they are about."""
    found = list(actions.select_related("owner"))
    questions = {
        ref: (text, section)
        for ref, text, section in Question.objects.filter(
            version=assessment.version_id, ref__in={action.question_ref for action in found}
        ).values_list("ref", "text", "section__ref")
    }
    pks = {question.ref: question.pk for question in standing.outline.questions.values()}
    states, today = gap_states(standing), timezone.localdate()
    rows = []
    for action in found:
        text, section = questions.get(action.question_ref, ("", ""))
        url = (
            f"{reverse('questionnaires:assessment-section', args=[assessment.uuid, section])}"
            f"#q{pks[action.question_ref]}"
            if section
            else ""
        )
        state = states.get(action.question_ref, GapState.NOT_ASKED)
        rows.append(_row(action, state, assessment=assessment, today=today, question=text, question_url=url))
    return rows


def _row(action: Action, state: GapState, *, assessment: Assessment, today: date, **more) -> Row:
    return Row(
        action=action,
        url=reverse("questionnaires:action", args=[assessment.uuid, action.uuid]),
        gap=_said(action, state),
        is_closed=state is GapState.CLOSED,
        is_overdue=action.is_overdue(today),
        assessment=assessment.name,
        **more,
    )


def _said(action: Action, state: GapState) -> str:
    if state is GapState.OPEN and action.status == Action.Status.DONE:
        return _("Done, answer not yet changed")
    return {
        GapState.OPEN: _("Gap open"),
        GapState.CLOSED: _("Gap closed"),
        GapState.UNANSWERED: _("Unanswered"),
        GapState.NOT_ASKED: _("No longer asked"),
    }[state]


_STATES: Mapping[str | None, GapState] = {
    "met": GapState.CLOSED,
    "partly_met": GapState.OPEN,
    "not_met": GapState.OPEN,
    None: GapState.UNANSWERED,
}


def _state(action: Action) -> GapState:
    """From the answer alone, where there is no standing: see ActionQuerySet.with_outcome."""
    return GapState.CLOSED if action.is_set_aside else _STATES[action.outcome]


def _duties_of_law(assessment: Assessment, standing: Standing) -> list[DutyOfLaw]:
    groups = duty_groups(duty_data(assessment, standing), {}, Voice(get_language()))
    return [
        DutyOfLaw(
            day=date.fromisoformat(row.day),
            title=row.title.plain,
            rhythm=row.rhythm.plain,
            is_past=row.is_past,
            citation=row.citations[0].title.plain if row.citations else "",
        )
        for group in groups
        for row in group.rows
        if row.day
    ]


def _by_day(rows: list[Row], duties: list[DutyOfLaw]) -> list[Row | DutyOfLaw]:
    """Duties among the actions by their day; actions without a day stand last. The sort is stable."""
    if not duties:
        return list(rows)

    def day(row: Row | DutyOfLaw) -> date:
        return row.day if isinstance(row, DutyOfLaw) else row.action.due_on or date.max

    return sorted([*rows, *duties], key=day)
