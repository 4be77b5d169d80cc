"""How an organisation's reports look: set by its owners and managers, shown as a small cover; and its logo."""

from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from frcheck.accounts.models import Organisation
from questionnaires.models import OptionalPart, Report, ReportSettings
from questionnaires.models.report_settings import logo_bytes, managed_by
from questionnaires.settings_forms import ReportSettingsForm
from questionnaires.views.assessments import visible_or_404


def managed_or_404(request: HttpRequest, uuid: UUID) -> Organisation:
    return get_object_or_404(managed_by(request.user), uuid=uuid)


@login_required
@require_http_methods(["GET", "POST"])
def report_settings(request: HttpRequest, uuid: UUID) -> HttpResponse:
    organisation = managed_or_404(request, uuid)
    stored = ReportSettings.objects.of(organisation)
    form = ReportSettingsForm(
        request.POST or None, request.FILES or None, instance=ReportSettings.objects.of(organisation)
    )
    if request.method == "POST" and form.is_valid():
        form.save_by(request.user)
        messages.success(
            request, _("Saved. Reports submitted from now on look like this; earlier ones stay as they are.")
        )
        return redirect("report-settings", uuid)
    context = {
        "organisation": organisation,
        "form": form,
        "stored": stored,
        "left_out": [part.label for part in OptionalPart if part in stored.left_out],
    }
    return render(request, "reports/settings.html", context)


@login_required
@require_GET
def settings_logo(request: HttpRequest, uuid: UUID) -> HttpResponse:
    logo = ReportSettings.objects.of(managed_or_404(request, uuid)).logo
    if logo is None:
        raise Http404
    return _png(logo.digest)


@login_required
@require_GET
def report_logo(request: HttpRequest, uuid: UUID, digest: str) -> HttpResponse:
    """The logo that a report was frozen with; of an open assessment the one that is set now."""
    assessment = visible_or_404(request, uuid)
    report = Report.objects.filter(assessment=assessment).first()
    if report:
        logo = report.content.get("settings", {}).get("logo") or {}
        known = logo.get("digest")
    else:
        current = ReportSettings.objects.of(assessment.organisation).logo
        known = current.digest if current else None
    if digest != known:
        raise Http404
    return _png(digest)


def _png(digest: str) -> HttpResponse:
    """The address names the bytes, so a browser may keep them; nobody else may."""
    headers = {"Cache-Control": "private, max-age=31536000, immutable", "Content-Disposition": "inline"}
    return HttpResponse(logo_bytes(digest), content_type="image/png", headers=headers)
