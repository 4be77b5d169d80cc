"""What changed between two results, and why."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from questionnaires.attribution import Cause, Moved, Part, Point, parts
from questionnaires.citations import cited
from questionnaires.forms import CompareForm
from questionnaires.models import LegalForce, Provision, Question
from questionnaires.models.comparing import CHAIN, OVERALL, Comparison, compare
from questionnaires.reporting.change_charts import change_step, level_step
from questionnaires.reporting.figures import DASH
from questionnaires.views.assessments import visible_or_404

CAUSES = {
    Cause.LAW: gettext_lazy("The law changed"),
    Cause.QUESTIONS: gettext_lazy("The questions changed"),
    Cause.ORGANISATION: gettext_lazy("The organisation changed"),
    Cause.CORRECTIONS: gettext_lazy("Corrected since the report"),
}
_SHOWN = Decimal("0.001")  # a tenth of a percent; parts are those of what is shown, so that they add up on the page
_MINUS, _SPACE = "\N{MINUS SIGN}", "\N{NO-BREAK SPACE}"


@login_required
@require_GET
def assessment_compare(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """Ask what to compare it with, the revision before it unless told otherwise; then say what changed and why."""
    assessment = visible_or_404(request, uuid)
    form = CompareForm(request.GET, assessment=assessment, user=request.user)
    context = {"assessment": assessment, "form": form}
    if form.is_valid() and form.compares_two:
        given = form.cleaned_data
        found = compare(given["before"], assessment, as_of=given["as_of"], version=given["version"])
        context |= {"found": found, **_shown(found)}
    return render(request, "questionnaires/assessment_compare.html", context)


@dataclass(frozen=True, slots=True)
class Step:
    """A row of the waterfall: a level, or a change put down to something."""

    label: str
    picture: SafeString
    text: str
    is_level: bool


@dataclass(frozen=True, slots=True)
class Cell:
    """`span` is the number of steps that could not be told apart."""

    text: str
    span: int


def _shown(found: Comparison) -> dict:
    points, causes = _told_apart(found)
    overall = _values(points, OVERALL)
    split = parts(overall)
    return {
        "headings": [CAUSES[cause] for cause in causes],
        "steps": _waterfall(overall, split, causes) if split else [],
        "change": _change(overall[-1] - overall[0]) if split else "",
        "scores": list(_scores(points)),
        "questions": _questions(found),
        "provisions": _provisions(found),
        "has_corrections": Cause.CORRECTIONS in causes,
    }


def _told_apart(found: Comparison) -> tuple[list[Point], list[Cause]]:
    """The chain without the steps for corrections where nothing was corrected."""
    points, causes = list(found.points), list(CHAIN)
    if points[-1] == points[-2]:
        del points[-1], causes[-1]
    if points[0] == points[1]:
        del points[0], causes[0]
    return points, causes


def _values(points: Iterable[Point], key: str) -> list[Decimal | None]:
    scores = [point.scores.get(key) for point in points]
    return [None if score is None else score.quantize(_SHOWN, ROUND_HALF_EVEN) for score in scores]


def _waterfall(values: Sequence[Decimal | None], split: Sequence[Part], causes: Sequence[Cause]) -> list[Step]:
    first, last = values[0], values[-1]
    before, after = _("Before: %(score)s"), _("After: %(score)s")
    rows = [Step(_("Before"), level_step(first, title=before % {"score": _score(first)}), _score(first), True)]
    for part in split:
        label = " + ".join(str(CAUSES[cause]) for cause in causes[part.start : part.end])
        text = _change(part.change)
        picture = change_step(values[part.start], values[part.end], title=f"{label}: {text}")
        rows.append(Step(label, picture, text, False))
    rows.append(Step(_("After"), level_step(last, title=after % {"score": _score(last)}), _score(last), True))
    return rows


def _scores(points: Sequence[Point]) -> Iterable[dict]:
    """By legal force, strongest first; those that are scored at neither end are left out."""
    for force in LegalForce:
        values = _values(points, force.value)
        if values[0] is None and values[-1] is None:
            continue
        cells = [Cell(_change(part.change), part.end - part.start) for part in parts(values)]
        yield {
            "label": force.label,
            "before": _score(values[0]),
            "cells": cells or [Cell(DASH, len(values) - 1)],
            "after": _score(values[-1]),
        }


def _score(value: Decimal | None) -> str:
    return DASH if value is None else f"{_tenths(value)}{_SPACE}%"


def _change(value: Decimal) -> str:
    """In percentage points, with its sign."""
    sign = "+" if value > 0 else _MINUS if value < 0 else "±"
    return f"{sign}{_tenths(abs(value))}"


def _tenths(value: Decimal) -> str:
    return format((100 * value).quantize(Decimal("0.1")), "f")


def _questions(found: Comparison) -> list[dict]:
    """In the words of the later version; those it no longer asks in their own."""
    rows = found.moved_questions
    versions = {found.before.version_id, found.version.pk}
    worded = Question.objects.filter(version__in=versions, ref__in=[row.key for row in rows])
    texts: dict[str, str] = {}
    for version_id, ref, text in worded.order_by().values_list("version_id", "ref", "text"):
        if version_id == found.version.pk or ref not in texts:
            texts[ref] = text
    return [_row(row, {"text": texts[row.key]}) for row in rows]


def _provisions(found: Comparison) -> list[dict]:
    rows = found.moved_provisions
    pks = dict(Provision.objects.filter(key__in=[row.key for row in rows]).values_list("key", "pk"))
    shown = cited(pks.values())
    return [_row(row, {"provision": shown[pks[row.key]]}) for row in rows if pks.get(row.key) in shown]


def _row(row: Moved, what: dict) -> dict:
    causes = [CAUSES[cause] for cause in row.causes]
    return what | {"before": row.before, "after": row.after, "causes": causes}
