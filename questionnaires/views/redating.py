"""Taking an assessment to another day."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from questionnaires.citations import Cited, cited
from questionnaires.models import Assessment, LegalForce, Question
from questionnaires.models.redating import Redated, redate
from questionnaires.reporting.figures import score_text
from questionnaires.scoring import Score
from questionnaires.views.assessments import may_edit, parse_date_or_none, visible_or_404


@login_required
@require_GET
def assessment_redate(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask for a day; then show what the same answers come to on it."""
    assessment = visible_or_404(request, uuid)
    asked = request.GET.get("as_of", "")
    day = parse_date_or_none(asked)
    context = {
        "assessment": assessment,
        "asked": asked,
        "day": day,
        "error": _("Enter a date such as 2026-01-01.") if asked and day is None else "",
        "may_edit": may_edit(assessment),
    }
    if day is not None:
        context |= _comparison(assessment, day)
    return render(request, "questionnaires/assessment_redate.html", context)


def _comparison(assessment: Assessment, day: date) -> dict:
    changed = redate(assessment, day)
    pairs = changed.recited.values()
    provisions = cited([*changed.begun, *changed.ended, *(pk for pair in pairs for side in pair for pk in side)])
    listed = [*changed.newly_asked, *changed.no_longer_asked]
    texts = dict(Question.objects.filter(pk__in=[*changed.recited, *(q.pk for q in listed)]).values_list("pk", "text"))
    return {
        "changed": changed,
        "scores": _scores(changed),
        "begun": _citations(changed.begun, provisions),
        "ended": _citations(changed.ended, provisions),
        "newly_asked": [texts[q.pk] for q in changed.newly_asked],
        "no_longer_asked": [texts[q.pk] for q in changed.no_longer_asked],
        "recited": [
            {"text": texts[pk], "before": _citations(before, provisions), "after": _citations(after, provisions)}
            for pk, (before, after) in changed.recited.items()
        ],
    }


def _citations(pks: Iterable[int], provisions: dict[int, Cited]) -> list[Cited]:
    return [provisions[pk] for pk in pks if pk in provisions]


def _scores(changed: Redated) -> list[dict]:
    """Overall first, then by legal force: percent before and after, or nothing where nothing is scored."""
    before, after = changed.scores_before, changed.scores_after
    rows = [{"label": _("Overall"), "before": _percent(before.overall), "after": _percent(after.overall)}]
    for force in LegalForce:
        if force in before.by_legal_force or force in after.by_legal_force:
            rows.append(
                {
                    "label": force.label,
                    "before": _percent(before.by_legal_force.get(force)),
                    "after": _percent(after.by_legal_force.get(force)),
                }
            )
    return rows


def _percent(score: Score | None) -> str:
    return score_text(score.value if score else None)
