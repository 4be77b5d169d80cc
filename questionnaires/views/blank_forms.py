"""Blank forms of published versions, to print."""

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_GET

from questionnaires.blank_forms import form_pdf
from questionnaires.models import ReportLanguage, Version


def form_response(version: Version, language: str) -> HttpResponse:
    if language not in ReportLanguage.values:
        raise Http404
    name = f"{version.question_set.slug}-{version.number}-form-{language}.pdf"
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(form_pdf(version, language), content_type="application/pdf", headers=headers)


@login_required
@require_GET
def blank_form(request: HttpRequest, pk: int, language: str) -> HttpResponse:
    versions = Version.objects.published().visible_to(request.user).select_related("question_set")
    return form_response(get_object_or_404(versions, pk=pk), language)
