"""The terms behind one score of a report, on a page of its own."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from questionnaires.explaining import Grouping
from questionnaires.models import Report, ReportLanguage
from questionnaires.models.freezing import frozen_content
from questionnaires.reporting.context import question_numbers
from questionnaires.reporting.explanations import Unknown, explained
from questionnaires.reporting.texts import Voice
from questionnaires.views.assessments import visible_or_404


@login_required
@require_GET
def score_explained(request: HttpRequest, uuid: UUID, grouping: str, key: str = "") -> HttpResponse:
    """Of a submitted assessment as it was frozen, of an open one as it stands now."""
    assessment = visible_or_404(request, uuid)
    if grouping not in list(Grouping) or (grouping == Grouping.OVERALL) == bool(key):
        raise Http404
    report = Report.objects.filter(assessment=assessment).first()
    content = report.content if report else frozen_content(assessment)
    language = request.GET.get("language", "")
    voice = Voice(language if language in ReportLanguage.values else get_language())
    try:
        score = explained(content, Grouping(grouping), key, numbers=question_numbers(content), voice=voice)
    except Unknown:
        raise Http404 from None
    context = {
        "assessment": assessment,
        "score": score,
        "grouping": grouping,
        "is_both": voice.is_both,
        "tag": voice.document_tag,
        "language": language,
        "has_answers": "answers" not in content.get("settings", {}).get("left_out", ()),
    }
    return render(request, "reports/explained.html", context)
