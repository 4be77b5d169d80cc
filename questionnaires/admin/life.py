"""The steps of a version's life: each has a page that asks first, and an address of its own."""

from collections.abc import Callable
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from questionnaires.admin.overviews import overview_of
from questionnaires.admin.refusals import admin_url
from questionnaires.models import Version


@dataclass(frozen=True, slots=True)
class Step:
    """A link on the version's page."""

    name: str
    label: str
    url: str


def steps_open_to(user, version: Version) -> list[Step]:
    """What the user may do next with the version, by its state, its owner and their permissions."""
    edits = version.is_edited_by(user)
    judges = version.is_in_review and version.is_reviewed_by(user) and not version.refusal_to_judge(user)
    open_steps = [
        ("submit", _("Hand in for review…"), version.is_draft and edits, "change_version"),
        ("review", _("Review…"), not version.approved_at and judges, "approve_version"),
        ("withdraw", _("Withdraw from review…"), version.is_in_review and edits, "change_version"),
        (
            "publish",
            _("Publish…"),
            not version.is_published and edits and not version.review_missing(),
            "publish_version",
        ),
        ("retire", _("Retire…"), version.is_published and not version.retired_at and edits, "retire_version"),
    ]
    return [
        Step(name, label, admin_url(Version, name, version.pk))
        for name, label, is_open, permission in open_steps
        if is_open and user.has_perm(f"questionnaires.{permission}")
    ]


class ReturnForm(forms.Form):
    comment = forms.CharField(
        label=gettext_lazy("What is to be changed"), max_length=2000, widget=forms.Textarea(attrs={"rows": 5})
    )


def urls_of(model_admin) -> list:
    """Addresses of the steps; `model_admin` logs them and draws their pages."""
    views = {
        "submit": submit,
        "withdraw": withdraw,
        "review": review,
        "approve": approve,
        "return": return_for_changes,
        "publish": publish,
        "retire": retire,
    }

    return [
        path(
            f"<int:pk>/{name}/",
            model_admin.admin_site.admin_view(view),
            {"model_admin": model_admin},
            name=f"questionnaires_version_{name}",
        )
        for name, view in views.items()
    ]


def version_or_404(request: HttpRequest, pk: int, permission: str, *, is_its: Callable[[Version], bool]) -> Version:
    """404 for whoever may not know of it; refused without the permission, or when it is not theirs to judge or edit."""
    if not request.user.has_perm(f"questionnaires.{permission}_version"):
        raise PermissionDenied
    visible = Version.objects.visible_in_admin_to(request.user).select_related("question_set__organisation")
    version = get_object_or_404(visible, pk=pk)
    if not is_its(version):
        raise PermissionDenied
    return version


def _edited(request: HttpRequest, pk: int, permission: str) -> Version:
    return version_or_404(request, pk, permission, is_its=lambda version: version.is_edited_by(request.user))


def _judged(request: HttpRequest, pk: int) -> Version:
    return version_or_404(request, pk, "approve", is_its=lambda version: version.is_reviewed_by(request.user))


def _page(model_admin, request: HttpRequest, version: Version, name: str, **context) -> HttpResponse:
    context |= model_admin.admin_site.each_context(request)
    context |= {"opts": model_admin.opts, "version": version, "media": model_admin.media}
    return TemplateResponse(request, f"admin/questionnaires/version/{name}.html", context)


def _back(version: Version) -> HttpResponse:
    return redirect(admin_url(Version, "change", version.pk))


def _take(model_admin, request: HttpRequest, version: Version, act, *, log: str, done: str) -> HttpResponse:
    """Do it, log it, say it; or say why it cannot be done any more."""
    try:
        with transaction.atomic():
            act()
            model_admin.log_change(request, version, log)
    except Version.Closed as e:
        messages.info(request, str(e))
    except (Version.Published, IntegrityError):
        messages.info(request, _("This version is published already."))
    else:
        messages.success(request, done % {"version": version})
    return _back(version)


@require_http_methods(["GET", "POST"])
def submit(request, pk, model_admin):
    version = _edited(request, pk, "change")
    if request.method == "GET":
        return _page(model_admin, request, version, "submit", overview=overview_of(version))
    return _take(
        model_admin,
        request,
        version,
        lambda: version.submit_for_review(by=request.user),
        log=_("Handed in for review."),
        done=_("%(version)s is in review: it takes no edits until it is returned or withdrawn."),
    )


@require_http_methods(["GET", "POST"])
def withdraw(request, pk, model_admin):
    version = _edited(request, pk, "change")
    if request.method == "GET":
        return _page(model_admin, request, version, "withdraw")
    return _take(
        model_admin,
        request,
        version,
        version.withdraw,
        log=_("Withdrawn from review."),
        done=_("%(version)s is a draft again."),
    )


@require_GET
def review(request, pk, model_admin):
    """What is to be judged, and both verdicts."""
    version = _judged(request, pk)
    if refusal := version.refusal_to_judge(request.user):
        messages.info(request, refusal)
        return _back(version)
    return _page(model_admin, request, version, "review", overview=overview_of(version), form=ReturnForm())


@require_POST
def approve(request, pk, model_admin):
    version = _judged(request, pk)
    return _take(
        model_admin,
        request,
        version,
        lambda: version.approve(by=request.user),
        log=_("Approved."),
        done=_("%(version)s is approved: it can be published."),
    )


@require_POST
def return_for_changes(request, pk, model_admin):
    version = _judged(request, pk)
    form = ReturnForm(request.POST)
    if not form.is_valid():
        return _page(model_admin, request, version, "review", overview=overview_of(version), form=form)
    comment = form.cleaned_data["comment"]
    return _take(
        model_admin,
        request,
        version,
        lambda: version.return_for_changes(by=request.user, comment=comment),
        log=_("Returned: %(comment)s") % {"comment": comment},
        done=_("%(version)s is a draft again, with your comment."),
    )


@require_http_methods(["GET", "POST"])
def publish(request, pk, model_admin):
    version = _edited(request, pk, "publish")
    if version.is_published:
        messages.info(request, _("This version is published already."))
        return _back(version)
    if missing := version.review_missing():
        messages.info(request, missing)
        return _back(version)
    if request.method == "GET":
        return _page(model_admin, request, version, "publish", overview=overview_of(version))
    try:
        return _take(
            model_admin,
            request,
            version,
            lambda: version.publish(by=request.user),
            log=_("Published."),
            done=_("%(version)s is published."),
        )
    except ValidationError:
        messages.error(request, _("Not published: the errors below come first."))
        return _page(model_admin, request, version, "publish", overview=overview_of(version))


@require_http_methods(["GET", "POST"])
def retire(request, pk, model_admin):
    version = _edited(request, pk, "retire")
    if version.retired_at or not version.is_published:
        messages.info(request, _("Only a published version can be retired."))
        return _back(version)
    if request.method == "GET":
        return _page(model_admin, request, version, "retire")
    return _take(
        model_admin,
        request,
        version,
        lambda: version.retire(by=request.user),
        log=_("Retired."),
        done=_("%(version)s is retired."),
    )
