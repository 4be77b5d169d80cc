"""What the database refuses becomes a message on a page, never an error page."""

from django.contrib import admin, messages
from django.db import IntegrityError
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _

from questionnaires.models import Version
from questionnaires.models.editing import Stale

REFUSALS = (IntegrityError, Version.Published, Stale)


def admin_url(model, page: str, *args) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


class TellsRefusals(admin.ModelAdmin):
    """Content may be published or taken by another while a form is open: constraints and triggers then refuse."""

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except REFUSALS:
            return self.tell_refusal(request, request.get_full_path())

    def changelist_view(self, request, extra_context=None):
        try:
            return super().changelist_view(request, extra_context)
        except REFUSALS:
            return self.tell_refusal(request, request.get_full_path())

    def delete_view(self, request, object_id, extra_context=None):
        try:
            return super().delete_view(request, object_id, extra_context)
        except REFUSALS:
            return self.tell_refusal(request, admin_url(self.model, "change", object_id))

    def tell_refusal(self, request, url: str):
        text = _("Nothing was saved: this is published or in use, or somebody changed it at the same time.")
        messages.error(request, text)
        return redirect(url)
