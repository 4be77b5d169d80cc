"""A report's PDF: its download, and the page that shows how far it is."""

from uuid import UUID

from django.contrib.auth.decorators import login_required
from django.core.files.storage import storages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_POST, require_safe

from questionnaires.models import Assessment, Report, ReportFile, ReportLanguage
from questionnaires.reporting.files import ask_for, mark_lost, try_again
from questionnaires.views.assessments import visible_or_404
from questionnaires.views.downloads import download
from questionnaires.views.reports import file_name


@login_required
@require_safe
def report_pdf(request: HttpRequest, uuid: UUID, language: str) -> HttpResponse:
    """The file, where it is kept; else the way to where it is being made."""
    if language not in ReportLanguage.values:
        raise Http404
    kept = ReportFile.objects.visible_to(request.user).kept_of(uuid, language)
    if kept is None:
        _report_or_404(request, uuid, language)
        return redirect("questionnaires:report-pdf-progress", uuid, language)
    name = file_name(kept, "pdf", language)  # it has the name and revision of its assessment
    try:
        return download(request, storages["reports"], kept.file, name=name, size=kept.size, sha256=kept.sha256)
    except FileNotFoundError:
        mark_lost(kept.pk)
        return redirect("questionnaires:report-pdf-progress", uuid, language)


@login_required
@require_GET
def report_pdf_progress(request: HttpRequest, uuid: UUID, language: str) -> HttpResponse:
    """See to it that the PDF is made, and show how far it is: asked again by htmx, or by the page's refresh."""
    assessment, report = _report_or_404(request, uuid, language)
    context = {
        "assessment": assessment,
        "language": language,
        "label": ReportLanguage(language).label,
        "rendering": ask_for(report, language),
    }
    return render(request, "reports/_preparing.html" if request.htmx else "reports/preparing.html", context)


@login_required
@require_POST
def report_pdf_again(request: HttpRequest, uuid: UUID, language: str) -> HttpResponse:
    _assessment, report = _report_or_404(request, uuid, language)
    rendering = report.renderings.filter(language=language).first()
    if rendering is not None:
        try_again(rendering)
    return redirect("questionnaires:report-pdf-progress", uuid, language)


def _report_or_404(request: HttpRequest, uuid: UUID, language: str) -> tuple[Assessment, Report]:
    if language not in ReportLanguage.values:
        raise Http404
    assessment = visible_or_404(request, uuid)
    return assessment, get_object_or_404(Report.objects.defer("payload"), assessment=assessment)
