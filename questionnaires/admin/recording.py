"""The admin's own pages change content through models/editing.py, so that no edit is without its history."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from questionnaires.admin.refusals import TellsRefusals
from questionnaires.models import editing


class RecordsEdits(TellsRefusals):
    """One request is one step of the history. A page names the revision that it showed (change_form.html)."""

    def save_model(self, request, obj, form, change):
        if change:
            seen = form.seen if hasattr(form, "seen") else obj.revision
            editing.change(obj, editing.values_of(obj), by=request.user, seen=seen, batch=batch_of(request))
        else:
            editing.add(obj, by=request.user, batch=batch_of(request))

    def save_formset(self, request, form, formset, change):
        formset.save(commit=False)
        by, batch = request.user, batch_of(request)
        for row in formset.deleted_objects:
            editing.remove(row, by=by, batch=batch)
        for row, _changed in formset.changed_objects:
            editing.change(row, editing.values_of(row), by=by, seen=row.revision, batch=batch)
        for row in formset.new_objects:
            editing.add(row, by=by, batch=batch)

    def delete_model(self, request, obj):
        editing.remove(obj, by=request.user, batch=batch_of(request))

    def delete_queryset(self, request, queryset):
        for row in queryset:
            editing.remove(row, by=request.user, batch=batch_of(request))

    def get_form(self, request, obj=None, change=False, **kwargs):
        form = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (SeesRevision, form), {}) if change else form


class SeesRevision:
    """A form of a row that is there: what another changed meanwhile is told, and what was typed stays.

    The page then shows the newer revision as seen: saving again replaces it knowingly.
    """

    @property
    def seen(self) -> int:
        posted = self.data.get("seen", "")
        return int(posted) if posted.isdecimal() and len(posted) < 10 else self.instance.revision

    def clean(self):
        cleaned = super().clean()
        if self.seen < self.instance.revision:
            text = _("Somebody changed this in the meantime. What you typed is below; save again to replace it.")
            self.add_error(None, ValidationError(text))
        return cleaned


def batch_of(request) -> editing.Batch:
    if not hasattr(request, "editing_batch"):
        request.editing_batch = editing.new_batch()
    return request.editing_batch
