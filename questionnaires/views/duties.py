"""The duty calendar of an assessment, on a page and as a file for calendar programs."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET

from questionnaires.models import Assessment, Report
from questionnaires.models.freezing import Data, duty_content
from questionnaires.models.standings import Standing
from questionnaires.reporting.duties import duty_groups
from questionnaires.reporting.duty_file import duty_file, is_dated
from questionnaires.reporting.texts import Voice
from questionnaires.views.answering import progress_context
from questionnaires.views.assessments import visible_or_404
from questionnaires.views.reports import file_name


@login_required
@require_GET
def duty_calendar(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = visible_or_404(request, uuid)
    standing = assessment.standing()
    content = duty_data(assessment, standing)
    context = {
        "groups": duty_groups(content, {}, Voice(get_language())),
        "dated": sum(is_dated(duty) for duty in content["duties"]),
        **progress_context(assessment, standing, "duties"),
    }
    return render(request, "questionnaires/duties.html", context)


@login_required
@require_GET
def duty_calendar_file(request: HttpRequest, uuid: UUID) -> HttpResponse:
    assessment = visible_or_404(request, uuid)
    body = duty_file(
        duty_data(assessment, assessment.standing()),
        language=get_language(),
        made_at=assessment.submitted_at or assessment.created_at,
        url=request.build_absolute_uri(reverse("questionnaires:duty-calendar", args=[uuid])),
    )
    name = file_name(assessment, "ics", "duties")
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(body, content_type="text/calendar; charset=utf-8", headers=headers)


def duty_data(assessment: Assessment, standing: Standing) -> Data:
    """What was frozen, if duties were; otherwise as things stand."""
    report = Report.objects.filter(assessment=assessment).first() if assessment.is_submitted else None
    return report.content if report and "duties" in report.content else duty_content(assessment, standing)
