"""Provisions down, questions across: for everyone, and as an assessment meets them."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from questionnaires.coverage import Column, Matrix, matrix, question_numbers
from questionnaires.models import Instrument, Provision, Question, Verification, Version
from questionnaires.models.outlines import Outline, outline_of
from questionnaires.models.standings import Standing
from questionnaires.views.assessments import visible_or_404
from questionnaires.views.instruments import shown_instruments


@require_GET
def instrument_coverage(request: HttpRequest, slug: str, question_set: str) -> HttpResponse:
    """Of the newest version of the set that may be used."""
    instrument = get_object_or_404(shown_instruments(request.user), slug=slug)
    versions = (
        Version.objects.open_to(request.user).filter(question_set__slug=question_set).select_related("question_set")
    )
    version = versions.order_by("-number").first()
    if version is None:
        raise Http404
    outline = outline_of(version)
    provisions = _provisions(instrument)
    drawn = matrix(provisions, _columns(outline), _cited(outline))
    context = {"instrument": instrument, "version": version, **_texts(outline, provisions, drawn)}
    return render(request, "instruments/coverage.html", context)


@login_required
@require_GET
def assessment_coverage(request: HttpRequest, uuid: UUID, slug: str) -> HttpResponse:
    """With the outcome of each question and of each provision; only of the instruments that were chosen."""
    assessment = visible_or_404(request, uuid)
    chosen = assessment.instruments.exclude(verification=Verification.WITHHELD)
    instrument = get_object_or_404(chosen, slug=slug)
    standing = assessment.standing()
    result = standing.score(assessment.version.weights)
    provisions = _provisions(instrument)
    drawn = matrix(
        provisions,
        _columns(standing.outline, standing),
        _cited(standing.outline),
        outcomes={pk: result.provisions[p.key] for pk, p in provisions.items() if p.key in result.provisions},
        in_force=standing.in_force,
    )
    context = {
        "assessment": assessment,
        "instrument": instrument,
        "version": assessment.version,
        **_texts(standing.outline, provisions, drawn),
    }
    return render(request, "instruments/coverage.html", context)


def _provisions(instrument: Instrument) -> dict[int, Provision]:
    rows = Provision.objects.shown().filter(instrument=instrument).select_related("instrument")
    return {provision.pk: provision for provision in rows.order_by("position", "pk")}


def _cited(outline: Outline) -> dict[int, tuple[int, ...]]:
    return {pk: question.provision_ids for pk, question in outline.questions.items()}


def _columns(outline: Outline, standing: Standing | None = None) -> list[Column]:
    """Every question of the version, with its outcome where there is a standing."""
    numbers = question_numbers([s.ref for s in outline.sections], outline.questions.values())
    columns = []
    for pk, question in outline.questions.items():
        is_asked = standing is None or pk not in standing.not_asked
        outcome = standing.outcome(question) if standing and is_asked else None
        columns.append(Column(pk, numbers[pk], question.section, outcome, is_asked))
    return columns


def _texts(outline: Outline, provisions: dict[int, Provision], drawn: Matrix) -> dict:
    """The matrix with the words that belong to it: one query."""
    ids = [column.pk for column in drawn.columns]
    texts = dict(Question.objects.filter(pk__in=ids).values_list("pk", "text"))
    titles = {section.ref: section.title for section in outline.sections}
    return {
        "columns": [
            {"column": c, "text": texts[c.pk], "section": c.section, "section_title": titles[c.section]}
            for c in drawn.columns
        ],
        "rows": [{"row": row, "provision": provisions[row.pk]} for row in drawn.rows],
        "uncited": [provisions[pk] for pk in drawn.uncited],
        "total": len(provisions),
    }
