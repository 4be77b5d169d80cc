"""Moving an assessment to a newer version of its question set."""

from collections.abc import Mapping
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from questionnaires.forms import MoveForm
from questionnaires.models import Assessment, Question, Version
from questionnaires.models.moving import Fate, MovedAnswer, MovedFact, Plan, instruments_there, move, plan_move
from questionnaires.wordings import reworded

TEXTS = ("group", "text", "evidence")


@login_required
@require_http_methods(["GET", "POST"])
def assessment_move(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Show what would become of its answers; then move it. Of one that has a newer revision, go there."""
    assessment = get_object_or_404(Assessment.objects.revisable_by(request.user).with_version(), uuid=uuid)
    version = Version.objects.open_to(request.user).newest_after(assessment.version)
    if Assessment.objects.filter(previous=assessment).exists():
        return _to_successor(request, assessment)
    if version is None:
        messages.info(request, _("There is no newer version of its question set to move to."))
        return redirect("questionnaires:assessment-overview", uuid)
    chosen = instruments_there(assessment, version)
    form = MoveForm(request.POST or None, version=version, chosen=chosen)
    if request.method == "POST" and form.is_valid():
        try:
            revision = move(assessment, version, instruments=form.cleaned_data["instruments"], by=request.user)
        except Assessment.Closed:
            return _to_successor(request, assessment)
        text = _("Revision %(revision)d is open, on version %(version)d. Revision %(old)d stays readable as it was.")
        numbers = {"revision": revision.revision, "version": version.number, "old": assessment.revision}
        messages.success(request, text % numbers)
        return redirect("questionnaires:assessment-overview", revision.uuid)
    context = {"assessment": assessment, "version": version, "form": form, **_plan(assessment, version)}
    return render(request, "questionnaires/assessment_move.html", context)


def _to_successor(request: HttpRequest, assessment: Assessment) -> HttpResponse:
    messages.info(request, _("There is a newer revision already. This is it."))
    successor = Assessment.objects.get(previous=assessment)
    return redirect("questionnaires:assessment-overview", successor.uuid)


def _plan(assessment: Assessment, version: Version) -> dict:
    """What the plan comes to, in words: one query beside it."""
    plan = plan_move(assessment, version)
    to_confirm, homeless = plan.answers_with(Fate.TO_CONFIRM), plan.answers_with(Fate.HOMELESS)
    shown = {question.pk for question in plan.new}
    shown |= {moved.home.question.pk for moved in (*to_confirm, *homeless) if moved.home.question}
    there = Question.objects.in_bulk(shown)
    levels = {level.pk: level.label for level in assessment.outline.levels.values()}
    return {
        "unchanged": len(plan.answers_with(Fate.UNCHANGED)),
        "to_confirm": [_to_confirm(moved, there, levels) for moved in to_confirm],
        "homeless": [_homeless(moved, levels) for moved in homeless],
        "facts_unchanged": len(plan.facts_with(Fate.UNCHANGED)),
        "facts_to_check": [_fact(moved) for moved in plan.facts_with(Fate.TO_CONFIRM)],
        "facts_homeless": [_fact(moved) for moved in plan.facts_with(Fate.HOMELESS)],
        "new": _in_order(plan, there),
    }


def _in_order(plan: Plan, there: Mapping[int, Question]) -> list[str]:
    return [there[question.pk].text for question in plan.new]


def _answer(moved: MovedAnswer, levels: Mapping[int, str]) -> str:
    return _("Not applicable") if moved.answer.is_not_applicable else levels.get(moved.answer.level_id, "")


def _to_confirm(moved: MovedAnswer, there: Mapping[int, Question], levels: Mapping[int, str]) -> dict:
    question = there[moved.home.question.pk]
    before = _answer(moved, levels)
    after = moved.level.label if moved.level else before
    return {
        "text": question.text,
        "wordings": reworded(moved.answer.question, question, TEXTS),
        "before": before,
        "after": after,
    }


def _homeless(moved: MovedAnswer, levels: Mapping[int, str]) -> dict:
    return {
        "text": moved.answer.question.text,
        "answer": _answer(moved, levels),
        "is_asked": moved.home.question is not None,
    }


def _fact(moved: MovedFact) -> dict:
    labels = dict(moved.stated.fact.options)
    return {
        "text": (moved.fact or moved.stated.fact).text,
        "wordings": reworded(moved.stated.fact, moved.fact, ("text", "help")) if moved.fact else [],
        "stated": ", ".join(str(labels[value]) for value in moved.stated.values) or _("None of these"),
    }
