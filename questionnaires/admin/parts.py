"""What the parts of a version share: sections, questions, scales, facts, duties and contradictions.

They belong to a version, and once that is published they stay.
"""

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models, transaction
from django.shortcuts import redirect
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin, TranslationBaseModelAdmin

from questionnaires.admin.missing_translations import MissingTranslationFilter, missing_in
from questionnaires.admin.recording import RecordsEdits
from questionnaires.admin.refusals import admin_url
from questionnaires.models import Version

# As in docs/content-format.md: refs stand in expressions, addresses and files.
is_ref = RegexValidator(
    r"\A[a-z0-9][a-z0-9./-]*\Z",
    gettext_lazy("Use lower-case letters, digits, “-”, “.” and “/”, for example data.storage."),
)


def as_number(text: str | None) -> int | None:
    """A primary key from an address; None where it is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None


def delete_drafts_selected(modeladmin, request, queryset):
    """Django's own action, after refusing what is published or in review."""
    drafts = queryset.filter(**{f"{modeladmin.version_lookup}__in": Version.objects.drafts()}).count()
    if closed := queryset.count() - drafts:
        text = _("Nothing was deleted: %(count)d of those chosen belong to a version in review or published.")
        messages.error(request, text % {"count": closed})
        return None
    with transaction.atomic():  # its log entries, too
        return delete_selected(modeladmin, request, queryset)


def takes_edits_by(user, version: Version) -> bool:
    """Whether it is a draft, of content that is the user's to edit."""
    return version.is_draft and version.is_edited_by(user)


def draft_asked_for(request) -> Version | None:
    """The draft to which the page adds a part, if it is the user's to edit."""
    drafts = Version.objects.editable_in_admin_by(request.user).drafts().select_related("question_set")
    return drafts.filter(pk=as_number(request.GET.get("version"))).first()


class DraftsOnly(RecordsEdits):
    """One sees content of everyone and of one's organisations; what is in review or published is never changed."""

    version_lookup = "version"

    def version_of(self, obj) -> Version:
        return obj.version

    def is_closed(self, obj) -> bool:
        return obj is not None and not self.version_of(obj).is_draft

    def get_queryset(self, request):
        visible = Version.objects.visible_in_admin_to(request.user)
        return super().get_queryset(request).filter(**{f"{self.version_lookup}__in": visible})

    def has_change_permission(self, request, obj=None):
        may = super().has_change_permission(request, obj)
        return may and (obj is None or takes_edits_by(request.user, self.version_of(obj)))

    def has_delete_permission(self, request, obj=None):
        may = super().has_delete_permission(request, obj)
        return may and (obj is None or takes_edits_by(request.user, self.version_of(obj)))

    def get_actions(self, request):
        actions = super().get_actions(request)
        if "delete_selected" in actions:
            actions["delete_selected"] = (delete_drafts_selected, *actions["delete_selected"][1:])
        return actions

    def changeform_view(self, request, object_id=None, form_url="", extra_context=None):
        obj = self.get_object(request, object_id) if object_id else None
        if request.method == "POST" and self.is_closed(obj) and self.has_view_permission(request, obj):
            text = _("Nothing was saved: the version was published in the meantime.")
            if not self.version_of(obj).is_published:
                text = _("Nothing was saved: the version was handed in for review in the meantime.")
            messages.error(request, text)
            return redirect(request.get_full_path())
        version = self.version_of(obj) if self.is_closed(obj) else None
        context = {"published": version if version and version.is_published else None, "closed": version}
        return super().changeform_view(request, object_id, form_url, context | (extra_context or {}))


class SaysItsLanguage(TranslationBaseModelAdmin):
    """Each translated input says its language: to a spell checker and to a screen reader."""

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and hasattr(db_field, "translated_field"):
            field.widget.attrs["lang"] = db_field.language
            if isinstance(db_field, models.TextField):
                field.widget.attrs["rows"] = 4
        return field


class PartForm(forms.ModelForm):
    """The version comes from the row, or from the address of the page that adds one, and cannot be changed."""

    version_id = None

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        version_id = self.instance.version_id or self.version_id
        self.version = Version.objects.select_related("question_set").get(pk=version_id)
        self.instance.version = self.version
        self.fields["version"].disabled = True
        self.fields["version"].initial = self.initial["version"] = self.version.pk
        self.fields["version"].queryset = Version.objects.filter(pk=self.version.pk)
        self.fields["version"].widget = forms.HiddenInput()
        self.fields["ref"].validators.append(is_ref)

    def clean_ref(self):
        ref = self.cleaned_data["ref"]
        others = type(self.instance)._base_manager.filter(version=self.version, ref=ref).exclude(pk=self.instance.pk)
        if others.exists():
            raise ValidationError(_("“%(ref)s” is taken in this version.") % {"ref": ref})
        return ref


class RowForm(forms.ModelForm):
    """A row of a scale or a fact."""

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["ref"].validators.append(is_ref)


class PartInline(admin.options.InlineModelAdmin):
    """Rows of a scale's, fact's, question's or duty's own; they follow its version."""

    extra = 1

    def has_add_permission(self, request, obj=None):
        return super().has_add_permission(request, obj) and self.takes_edits(request, obj)

    def has_change_permission(self, request, obj=None):
        return super().has_change_permission(request, obj) and self.takes_edits(request, obj)

    def has_delete_permission(self, request, obj=None):
        return super().has_delete_permission(request, obj) and self.takes_edits(request, obj)

    def takes_edits(self, request, obj) -> bool:
        return obj is None or takes_edits_by(request.user, obj.version)


class VersionFilter(admin.SimpleListFilter):
    title = gettext_lazy("version")
    parameter_name = "version"

    def lookups(self, request, model_admin):
        versions = Version.objects.visible_in_admin_to(request.user).select_related("question_set")
        return [(version.pk, str(version)) for version in versions]

    def queryset(self, request, queryset):
        return queryset.filter(version=as_number(self.value())) if self.value() else queryset


class PositionForm(forms.ModelForm):
    """A row of a list, of which the position alone can be changed."""

    def add_error(self, field, error):
        """What is wrong in other columns of a draft is said on the row's own page and does not keep it in its place."""
        if field is None and hasattr(error, "error_dict"):
            error = ValidationError({name: e for name, e in error.error_dict.items() if name in self.fields})
        super().add_error(field, error)


class PartList(forms.BaseModelFormSet):
    """The editable column of a list: positions of what the user cannot edit stay as they are."""

    user = None

    def add_fields(self, form, index):
        super().add_fields(form, index)
        if form.instance.pk and not takes_edits_by(self.user, form.instance.version):
            for name in form.fields.keys() - {self._pk_field.name}:
                form.fields[name].disabled = True


class PartAdmin(DraftsOnly, SaysItsLanguage, TranslationAdmin):
    form = PartForm
    list_filter = [VersionFilter, MissingTranslationFilter]
    list_editable = ["position"]
    list_select_related = ["version__question_set"]
    list_per_page = 200
    readonly_fields = ["belongs_to"]

    class Media:
        css = {"all": ["questionnaires/admin.css"]}

    @admin.display(description=gettext_lazy("version"))
    def belongs_to(self, obj):
        return format_html('<a href="{}">{}</a>', admin_url(Version, "change", obj.version_id), obj.version)

    @admin.display(description=gettext_lazy("version"), ordering="version")
    def edition(self, obj):
        return f"{obj.version.question_set.slug} {obj.version.number}"

    @admin.display(description=gettext_lazy("translations missing"))
    def missing(self, obj):
        return missing_in(obj) or "–"

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("version__question_set")

    def get_changelist_form(self, request, **kwargs):
        return super().get_changelist_form(request, **{"form": PositionForm} | kwargs)

    def get_changelist_formset(self, request, **kwargs):
        formset = super().get_changelist_formset(request, **{"formset": PartList} | kwargs)
        formset.user = request.user
        return formset

    def add_view(self, request, form_url="", extra_context=None):
        if draft_asked_for(request) is None:
            messages.info(request, _("Open a draft first and add to it from its page."))
            return redirect(admin_url(Version, "changelist"))
        return super().add_view(request, form_url, extra_context)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        if obj is None:
            form.version_id = as_number(request.GET.get("version"))
        return form

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        return initial | {"position": next_position(self.neighbours(initial))}

    def neighbours(self, initial):
        """The rows among which a new one takes its place."""
        return self.model._base_manager.filter(version=initial["version"])

    def save_formset(self, request, form, formset, change):
        """A row added without a position goes to the end."""
        added = [row for row in formset.extra_forms if row.has_changed() and "position" not in row.changed_data]
        if added:
            end = next_position(formset.queryset)
            for at, row in enumerate(added):
                row.instance.position = end + at
        super().save_formset(request, form, formset, change)

    def response_post_save_add(self, request, obj):
        return redirect(f"{admin_url(Version, 'change', obj.version_id)}#{obj._meta.model_name}-{obj.pk}")

    response_post_save_change = response_post_save_add


def next_position(rows) -> int:
    highest = rows.aggregate(highest=models.Max("position"))["highest"]
    return 0 if highest is None else highest + 1
