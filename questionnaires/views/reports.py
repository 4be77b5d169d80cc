"""The gap report on the web and as data."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from questionnaires.models import Assessment, Report, ReportLanguage, Verification
from questionnaires.models.freezing import canonical, frozen_content
from questionnaires.reporting.web import draw, drawn
from questionnaires.views.assessments import may_edit, revision_context, visible_or_404
from questionnaires.views.trends import trend_context


@login_required
@require_GET
def assessment_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The frozen report; of an open assessment what it would say now, marked as a draft."""
    assessment = visible_or_404(request, uuid)
    frozen = Report.objects.filter(assessment=assessment).defer("payload")  # half a megabyte, often not needed
    report = frozen.first() if assessment.is_submitted else None
    language = request.GET.get("language", get_language())
    if language not in ReportLanguage.values:
        language = get_language()
    score = None
    if report:
        article = drawn(report, language=language)
    else:
        standing = assessment.standing()
        article = draw(frozen_content(assessment, standing), language=language, digest=None)
        score = standing.score(assessment.version.weights).overall
    revisions = revision_context(request, assessment)
    context = {
        "assessment": assessment,
        "title": article.title,
        "article": article.html,
        "is_draft": report is None,
        "report_languages": [
            {"url": f"?language={value}", "label": label, "is_current": value == language}
            for value, label in ReportLanguage.choices
        ],
        "downloads": [
            {
                "url": reverse("questionnaires:report-pdf", args=[uuid, value]),
                "label": label,
                "is_current": value == language,
            }
            for value, label in ReportLanguage.choices
        ],
        "may_edit": may_edit(assessment),
        "instruments": assessment.instruments.exclude(verification=Verification.WITHHELD).in_order(),
        **revisions,
        **trend_context(assessment, has_others=assessment.revision > 1 or bool(revisions["successor"]), now=score),
    }
    return render(request, "reports/web.html", context)


@login_required
@require_GET
def report_data(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report's data as canonical JSON: of a submitted assessment exactly the bytes behind its digest."""
    assessment = visible_or_404(request, uuid)
    report = Report.objects.filter(assessment=assessment).first()
    body = report.payload if report else canonical(frozen_content(assessment, assessment.standing()))
    name = file_name(assessment, "json")
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def file_name(assessment: Assessment, ending: str, *parts: str) -> str:
    words = [slugify(assessment.name) or "report", f"r{assessment.revision}", *parts]
    return f"frcheck-{'-'.join(words)}.{ending}"
