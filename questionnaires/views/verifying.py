"""The public page on which anybody can have a report verified. It tells whether, and nothing of what or whose."""

from http import HTTPStatus

from allauth.core import ratelimit
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from questionnaires.forms import MOST_BYTES_TO_VERIFY, VerifyForm
from questionnaires.reporting.verifying import Finding, verified_code, verified_file

ENVELOPE = 10_000  # bytes of a posted form beside its file


@never_cache
@csrf_exempt  # changes nothing and asks nobody who they are; so a body is refused before it is read
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    if request.method == "GET":
        return _page(request, VerifyForm())
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES_TO_VERIFY + ENVELOPE:
        form = VerifyForm.refusing(VerifyForm.too_large())
        return _page(request, form, status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    if not ratelimit.consume(request, action="verify_report"):
        form = VerifyForm.refusing(_("Too many files and codes were checked from your network. Try again in a minute."))
        return _page(request, form, status=HTTPStatus.TOO_MANY_REQUESTS)
    form = VerifyForm(request.POST, request.FILES)
    if not form.is_valid():
        return _page(request, form, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return _page(request, form, finding=_found(form))


def _found(form: VerifyForm) -> Finding:
    file = form.cleaned_data["file"]
    return verified_file(file.read()) if file else verified_code(form.cleaned_data["code"])


def _page(
    request: HttpRequest, form: VerifyForm, *, finding: Finding | None = None, status: int = HTTPStatus.OK
) -> HttpResponse:
    return render(request, "reports/verify.html", {"form": form, "finding": finding}, status=status)
