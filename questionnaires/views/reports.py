"""The gap report on the web and as data."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.text import slugify
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from questionnaires.models import Assessment, Report, ReportLanguage, Verification
from questionnaires.models.freezing import canonical, frozen_content
from questionnaires.models.report_inputs import ReportInputs
from questionnaires.reporting.web import drawn, drawn_open
from questionnaires.views.assessments import may_edit, revision_context, visible_or_404
from questionnaires.views.trends import trend_context


@login_required
@require_GET
def assessment_report(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The frozen report; of an open assessment what it would say now, marked as a draft."""
    visible = Assessment.objects.visible_to(request.user).with_version().with_successor().with_report_settings()
    assessment = get_object_or_404(visible, uuid=uuid)
    frozen = Report.objects.filter(assessment=assessment).defer("payload")  # half a megabyte, often not needed
    report = frozen.first() if assessment.is_submitted else None
    language = request.GET.get("language", get_language())
    if language not in ReportLanguage.values:
        language = get_language()
    if report:
        article = drawn(report, language=language)
        instruments = assessment.instruments.exclude(verification=Verification.WITHHELD).in_order()
    else:
        inputs = ReportInputs.of(assessment)
        article = drawn_open(assessment, inputs, language=language)
        instruments = inputs.instruments_in_order()
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
        "instruments": instruments,
        **revision_context(request, assessment, is_newest=not assessment.has_successor),
        **trend_context(
            assessment,
            has_others=assessment.revision > 1 or assessment.has_successor,
            now=None if report else article.overall,
        ),
    }
    return render(request, "reports/web.html", context)


@login_required
@require_GET
def report_data(request: HttpRequest, uuid: UUID) -> HttpResponse:
    """The report's data as canonical JSON: of a submitted assessment exactly the bytes behind its digest."""
    assessment = visible_or_404(request, uuid)
    report = Report.objects.filter(assessment=assessment).first() if assessment.is_submitted else None
    body = report.payload if report else canonical(frozen_content(assessment))
    name = file_name(assessment, "json")
    return HttpResponse(
        body, content_type="application/json", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


def file_name(assessment: Assessment, ending: str, *parts: str) -> str:
    words = [slugify(assessment.name) or "report", f"r{assessment.revision}", *parts]
    return f"frcheck-{'-'.join(words)}.{ending}"
