from django import forms
from django.contrib import admin
from django.contrib.admin.views.autocomplete import AutocompleteJsonView
from django.contrib.admin.widgets import AutocompleteSelect
from django.db.models import Count
from django.urls import path
from django.utils.html import format_html
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from modeltranslation.admin import TranslationAdmin

from questionnaires.admin import exchange
from questionnaires.admin.missing_translations import MissingTranslationFilter, missing_in
from questionnaires.admin.owners import OwnContent
from questionnaires.admin.parts import SaysItsLanguage, as_number, next_position
from questionnaires.admin.recording import RecordsEdits
from questionnaires.admin.refusals import admin_url
from questionnaires.models import Instrument, Provision, Verification

FILES_WIN = gettext_lazy(
    "What came from the library's files follows them: when they are loaded again, they replace what is changed here. "
    "Change those in their files; add your own here."
)


class DatesInOrder(forms.ModelForm):
    def clean(self):
        cleaned = super().clean()
        start, end = self.cleaned_data.get("in_force_from"), self.cleaned_data.get("in_force_until")
        if start and end and start > end:
            self.add_error("in_force_until", _("The last day in force is before the first."))
        successor = self.cleaned_data.get("superseded_by")
        if self.instance.pk and successor == self.instance:
            self.add_error("superseded_by", _("It cannot supersede itself."))
        elif successor and self.owner_of(successor) not in (None, self.owner_of(self.instance)):
            self.add_error("superseded_by", _("What one organisation has for itself cannot supersede this."))
        return cleaned

    def owner_of(self, row) -> int | None:
        """Called once the form's values are in the instance, but for what cannot be changed."""
        organisation = self.cleaned_data.get("organisation") if row is self.instance else None
        return organisation.pk if organisation else row.organisation_id


class ProvisionForm(DatesInOrder):
    def owner_of(self, provision):
        instrument = self.cleaned_data.get("instrument") if provision is self.instance else None
        if instrument is None and provision.instrument_id is None:
            return None
        return (instrument or provision.instrument).organisation_id

    def clean(self):
        cleaned = super().clean()
        instrument, key = self.cleaned_data.get("instrument"), self.cleaned_data.get("key")
        if instrument and key and not key.startswith(f"{instrument.slug}/"):
            self.add_error("key", _("Begin the key with “%(slug)s/”.") % {"slug": instrument.slug})
        return cleaned


class ContentAdmin(OwnContent, RecordsEdits, SaysItsLanguage, TranslationAdmin):
    class Media:
        css = {"all": ["questionnaires/admin.css"]}

    def get_queryset(self, request):
        return super().get_queryset(request).filter(pk__in=self.model.objects.visible_in_admin_to(request.user))

    @admin.display(description=gettext_lazy("translations missing"))
    def missing(self, obj):
        return missing_in(obj) or "–"


class ProvisionInline(admin.TabularInline):
    """A list with links: a provision has a page of its own."""

    model = Provision
    fields = readonly_fields = ["link", "statement", "verification"]
    extra = 0
    can_delete = False

    def has_add_permission(self, request, obj=None):
        return False

    def has_change_permission(self, request, obj=None):
        return False

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("instrument")

    @admin.display(description=gettext_lazy("reference"))
    def link(self, provision):
        return format_html('<a href="{}">{}</a>', admin_url(Provision, "change", provision.pk), provision.ref)


@admin.register(Instrument)
class InstrumentAdmin(ContentAdmin):
    form = DatesInOrder
    list_display = [
        "short_title",
        "legal_force",
        "jurisdiction",
        "in_force_from",
        "in_force_until",
        "verification",
        "provision_count",
        "missing",
    ]
    list_filter = ["legal_force", "jurisdiction", "stage", "verification", MissingTranslationFilter]
    search_fields = ["slug", *(f"{n}_{s}" for n in ("title", "short_title", "number") for s in ("en", "zh_hans"))]
    prepopulated_fields = {"slug": ["short_title_en"]}
    autocomplete_fields = ["superseded_by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("title_en", "title_zh_hans"),
                    ("short_title_en", "short_title_zh_hans"),
                    "slug",
                    "organisation",
                    ("legal_force", "jurisdiction", "stage", "verification"),
                    ("issuer_en", "issuer_zh_hans"),
                    ("number_en", "number_zh_hans"),
                    ("source_en", "source_zh_hans"),
                ],
                "description": FILES_WIN,
            },
        ),
        (gettext_lazy("Dates"), {"fields": [("issued_on", "in_force_from", "in_force_until"), "superseded_by"]}),
        (gettext_lazy("Note"), {"fields": [("note_en", "note_zh_hans"), "provisions_links"]}),
    ]
    readonly_fields = ["provisions_links"]
    inlines = [ProvisionInline]

    def get_urls(self):
        download = self.admin_site.admin_view(exchange.download_instrument)
        name = "questionnaires_instrument_yaml"
        return [path("<int:pk>/instrument.yaml", download, {"model_admin": self}, name=name), *super().get_urls()]

    def get_queryset(self, request):
        return super().get_queryset(request).annotate(_provisions=Count("provisions"))

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["slug", "organisation"] if obj else [])]

    def get_prepopulated_fields(self, request, obj=None):
        return {} if obj else self.prepopulated_fields

    @admin.display(description=gettext_lazy("provisions"), ordering="_provisions")
    def provision_count(self, obj):
        return format_html(
            '<a href="{}?instrument={}">{}</a>', admin_url(Provision, "changelist"), obj.pk, obj._provisions
        )

    @admin.display(description=gettext_lazy("provisions"))
    def provisions_links(self, obj):
        if not obj.pk:
            return _("Save the instrument first, then add its provisions.")
        return format_html(
            '<a href="{}?instrument={}">{}</a>', admin_url(Provision, "add"), obj.pk, _("Add a provision")
        )


class InstrumentFilter(admin.SimpleListFilter):
    title = gettext_lazy("instrument")
    parameter_name = "instrument"

    def lookups(self, request, model_admin):
        instruments = Instrument.objects.visible_in_admin_to(request.user)
        return [(instrument.pk, f"{instrument} ({instrument.slug})") for instrument in instruments]

    def queryset(self, request, queryset):
        return queryset.filter(instrument=as_number(self.value())) if self.value() else queryset


class ProvisionSearch(AutocompleteJsonView):
    """Django's own search, whose results also say what the provision is about."""

    def serialize_result(self, provision, to_field_name):
        found = super().serialize_result(provision, to_field_name)
        doubt = "" if provision.verification == Verification.VERIFIED else f" ({provision.get_verification_display()})"
        return found | {"text": f"{provision}{doubt} – {Truncator(provision.statement).chars(140)}"}


class ProvisionSelect(AutocompleteSelect):
    url_name = "%s:questionnaires_provision_search"


@admin.register(Provision)
class ProvisionAdmin(ContentAdmin):
    form = ProvisionForm
    list_display = ["__str__", "key", "statement", "verification", "in_force_from", "in_force_until", "missing"]
    list_filter = ["verification", MissingTranslationFilter, InstrumentFilter]
    search_fields = [
        "key",
        *(f"{n}_{s}" for n in ("ref", "statement") for s in ("en", "zh_hans")),
        *(f"instrument__{n}_{s}" for n in ("title", "short_title") for s in ("en", "zh_hans")),
    ]
    autocomplete_fields = ["instrument", "superseded_by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("instrument", "key", "position"),
                    ("ref_en", "ref_zh_hans"),
                    ("statement_en", "statement_zh_hans"),
                    ("binds_en", "binds_zh_hans"),
                    ("verification", "is_derived"),
                ],
                "description": FILES_WIN,
            },
        ),
        (
            gettext_lazy("Dates, where they differ from the instrument's"),
            {"fields": [("in_force_from", "in_force_until"), "superseded_by"]},
        ),
        (
            gettext_lazy("Marks"),
            {"fields": [("change_note_en", "change_note_zh_hans"), ("note_en", "note_zh_hans")]},
        ),
    ]

    def owner_of(self, obj):
        return obj.instrument.organisation_id

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "instrument":
            kwargs["queryset"] = Instrument.objects.editable_in_admin_by(request.user)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_urls(self):
        search = self.admin_site.admin_view(ProvisionSearch.as_view(admin_site=self.admin_site))
        return [path("search/", search, name="questionnaires_provision_search"), *super().get_urls()]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("instrument")

    def get_readonly_fields(self, request, obj=None):
        return [*super().get_readonly_fields(request, obj), *(["instrument", "key"] if obj else [])]

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        own = Instrument.objects.editable_in_admin_by(request.user)
        instrument = own.filter(pk=as_number(initial.get("instrument"))).first()
        if instrument is None:
            return initial
        end = {"key": f"{instrument.slug}/", "position": next_position(instrument.provisions)}
        return end | initial
