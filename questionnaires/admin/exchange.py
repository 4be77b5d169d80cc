"""Versions as files: downloads, and uploads whose changes are looked at before they are accepted."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from questionnaires import accepting, uploads
from questionnaires.admin.life import version_or_404
from questionnaires.admin.proposals import subjects_of
from questionnaires.admin.refusals import admin_url
from questionnaires.exporting import instrument_content, version_content
from questionnaires.importing import create_draft
from questionnaires.models import Instrument, PendingImport, QuestionSet, Version
from questionnaires.tables import rows_of
from questionnaires.views.blank_forms import form_response
from questionnaires.workbooks import version_workbook
from questionnaires.writing import instrument_yaml, version_yaml

SHOWN = 300  # changes on one page; a form has 1,000 fields at most
YAML = "application/yaml; charset=utf-8"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


class UploadForm(forms.Form):
    file = forms.FileField(
        label=gettext_lazy("File"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.yaml,.yml"}),
        help_text=gettext_lazy("A workbook (.xlsx) or a file in the library's format (.yaml), 5 MB at most."),
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > uploads.MAX_SIZE:
            size = uploads.MAX_SIZE // 1_000_000
            raise forms.ValidationError(_("The file is over %(size)d MB.") % {"size": size})
        return file


def urls_of(model_admin) -> list:
    """Addresses below a version's; `model_admin` logs and draws."""
    views = {
        "version.yaml": ("yaml", download_yaml),
        "version.xlsx": ("workbook", download_workbook),
        "form/<str:language>.pdf": ("form", download_form),
        "import/": ("import", upload),
        "import/<uuid:uuid>/": ("proposals", proposals),
        "import/<uuid:uuid>/discard/": ("discard", discard),
    }
    return [
        path(
            f"<int:pk>/{address}",
            model_admin.admin_site.admin_view(view),
            {"model_admin": model_admin},
            name=f"questionnaires_version_{name}",
        )
        for address, (name, view) in views.items()
    ]


def _seen(request: HttpRequest, pk: int) -> Version:
    return version_or_404(request, pk, "view", is_its=lambda version: True)


def _edited(request: HttpRequest, pk: int) -> Version:
    return version_or_404(request, pk, "change", is_its=lambda version: version.is_edited_by(request.user))


def _page(model_admin, request: HttpRequest, name: str, **context) -> HttpResponse:
    context |= model_admin.admin_site.each_context(request) | {"opts": model_admin.opts, "media": model_admin.media}
    return TemplateResponse(request, f"admin/questionnaires/version/{name}.html", context)


def _file(data: str | bytes, content_type: str, name: str) -> HttpResponse:
    disposition = f'attachment; filename="{name}"'
    return HttpResponse(data, content_type=content_type, headers={"Content-Disposition": disposition})


@require_GET
def download_yaml(request, pk, model_admin):
    version = _seen(request, pk)
    name = f"{version.question_set.slug}-{version.number}.yaml"
    return _file(version_yaml(version_content(version)), YAML, name)


@require_GET
def download_instrument(request, pk, model_admin):
    if not request.user.has_perm("questionnaires.view_instrument"):
        raise PermissionDenied
    instrument = get_object_or_404(Instrument.objects.visible_in_admin_to(request.user), pk=pk)
    return _file(instrument_yaml(instrument_content(instrument)), YAML, f"{instrument.slug}.yaml")


@require_GET
def download_workbook(request, pk, model_admin):
    version = _seen(request, pk)
    return _file(version_workbook(version), XLSX, f"{version.question_set.slug}-{version.number}.xlsx")


@require_GET
def download_form(request, pk, language, model_admin):
    return form_response(_seen(request, pk), language)


def _read(form: UploadForm, question_set: QuestionSet) -> uploads.Upload:
    """What the file says, if it is of this set. Raises uploads.Refused."""
    data = form.cleaned_data["file"].read(uploads.MAX_SIZE + 1)
    upload = uploads.read_upload(data, organisation_id=question_set.organisation_id)
    if upload.version.slug != question_set.slug:
        message = _("This file is of the question set “%(other)s”, not of “%(own)s”.")
        cure = _("Upload it there, or change its slug.")
        slugs = {"other": upload.version.slug, "own": question_set.slug}
        raise uploads.Refused([uploads.Fault("", message % slugs, cure)])
    return upload


@require_http_methods(["GET", "POST"])
def upload(request, pk, model_admin):
    """A file over this draft: it is kept, and what it would change is shown next."""
    version = _edited(request, pk)
    if not version.is_draft:
        messages.info(request, _("Only a draft takes changes: start one from this version."))
        return redirect(admin_url(Version, "change", pk))
    form = UploadForm(request.POST or None, request.FILES or None)
    faults: tuple[uploads.Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            read = _read(form, version.question_set)
        except uploads.Refused as e:
            faults = e.faults
        else:
            pending = PendingImport.keep(
                version,
                file_name=form.cleaned_data["file"].name,
                wanted=rows_of(read.version),
                base=read.base,
                by=request.user,
            )
            return redirect(admin_url(Version, "proposals", pk, pending.uuid))
    return _page(model_admin, request, "import", version=version, form=form, faults=faults)


def _pending(request: HttpRequest, version: Version, uuid) -> PendingImport:
    return get_object_or_404(PendingImport, uuid=uuid, version=version, uploaded_by=request.user)


@require_http_methods(["GET", "POST"])
def proposals(request, pk, uuid, model_admin):
    """Every change with a box: what is ticked is taken over, the rest stays as it is."""
    version = _edited(request, pk)
    pending = _pending(request, version, uuid)
    wanted, base = pending.wanted_rows, pending.base_rows
    refusal = ""
    if request.method == "POST":
        try:
            with transaction.atomic():
                count = accepting.accept(version, wanted, base, ids=request.POST.getlist("accept"), by=request.user)
                model_admin.log_change(request, version, _("Imported %(file)s.") % {"file": pending.file_name})
        except accepting.Refused as e:
            refusal = str(e)
        except Version.Published:
            messages.error(request, _("Nothing was changed: this version takes no edits any more."))
            return redirect(admin_url(Version, "change", pk))
        else:
            return _after(request, version, pending, count)
    current = rows_of(version_content(version))
    found = accepting.changes_of(version, wanted, base)
    context = {
        "version": version,
        "pending": pending,
        "subjects": subjects_of(found[:SHOWN], wanted, current, get_language()),
        "count": len(found),
        "left_out": max(0, len(found) - SHOWN),
        "conflicts": sum(change.is_conflict for change in found),
        "accepted": set(request.POST.getlist("accept")) if refusal else None,
        "refusal": refusal,
    }
    return _page(model_admin, request, "proposals", **context)


def _after(request, version: Version, pending: PendingImport, count: int) -> HttpResponse:
    """Back to the draft; to the rest of the changes, where one page did not hold them all."""
    text = ngettext("%(n)d change was taken over.", "%(n)d changes were taken over.", count) % {"n": count}
    messages.success(request, text)
    if count and "more" in request.POST:
        return redirect(admin_url(Version, "proposals", version.pk, pending.uuid))
    pending.delete()
    return redirect(admin_url(Version, "change", version.pk))


@require_POST
def discard(request, pk, uuid, model_admin):
    version = _edited(request, pk)
    _pending(request, version, uuid).delete()
    messages.info(request, _("The file was discarded; the draft is as it was."))
    return redirect(admin_url(Version, "change", pk))


@require_http_methods(["GET", "POST"])
def upload_new(request, pk, model_admin):
    """A file as a new draft of a question set: whole, or not at all."""
    if not request.user.has_perm("questionnaires.add_version"):
        raise PermissionDenied
    question_set = get_object_or_404(QuestionSet.objects.editable_in_admin_by(request.user), pk=pk)
    form = UploadForm(request.POST or None, request.FILES or None)
    faults: tuple[uploads.Fault, ...] = ()
    if request.method == "POST" and form.is_valid():
        try:
            read = _read(form, question_set)
            with transaction.atomic():
                draft = create_draft(question_set, read.version)
                text = _("Imported %(file)s.") % {"file": form.cleaned_data["file"].name}
                model_admin.log_addition(request, draft, text)
        except uploads.Refused as e:
            faults = e.faults
        except IntegrityError:
            messages.error(request, _("Somebody started a version at the same time: upload the file again."))
        else:
            messages.success(request, _("%(version)s is a draft: change it, then publish it.") % {"version": draft})
            return redirect(admin_url(Version, "change", draft.pk))
    return _page(model_admin, request, "import", question_set=question_set, form=form, faults=faults)
