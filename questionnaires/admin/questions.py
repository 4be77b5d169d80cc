from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from questionnaires.admin.instruments import ProvisionSelect
from questionnaires.admin.missing_translations import MissingTranslationFilter
from questionnaires.admin.parts import PartAdmin, PartForm, PartInline, VersionFilter, as_number, draft_asked_for
from questionnaires.models import AnswerScale, Citation, Provision, Question, Section


@admin.register(Section)
class SectionAdmin(PartAdmin):
    list_display = ["ref", "position", "title", "missing", "edition"]
    search_fields = ["ref", "title_en", "title_zh_hans"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "version",
                    "belongs_to",
                    ("ref", "position"),
                    ("title_en", "title_zh_hans"),
                    ("intro_en", "intro_zh_hans"),
                ]
            },
        )
    ]


class CitationInline(PartInline, admin.TabularInline):
    model = Citation
    fields = ["position", "provision", "statement", "verification"]
    readonly_fields = ["statement", "verification"]

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "provision":
            kwargs["widget"] = ProvisionSelect(db_field, self.admin_site)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_formset(self, request, obj=None, **kwargs):
        formset = super().get_formset(request, obj, **kwargs)
        if field := formset.form.base_fields.get("provision"):
            version = obj.version if obj else draft_asked_for(request)
            field.queryset = Provision.objects.citable_for(version.question_set.organisation_id if version else None)
            # A provision is edited on its own page, not by the way.
            field.widget.can_add_related = field.widget.can_change_related = field.widget.can_delete_related = False
        return formset

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("provision__instrument")

    @admin.display(description=_("statement"))
    def statement(self, citation):
        return citation.provision.statement if citation.provision_id else ""

    @admin.display(description=_("verification"))
    def verification(self, citation):
        return citation.provision.get_verification_display() if citation.provision_id else ""


def tell_facts(form: PartForm, field: str, text) -> None:
    """Help with an expression: the facts of the version, where it has some."""
    if known := ", ".join(fact.ref for fact in form.version.facts.all()):
        form.fields[field].help_text = text % {"facts": known}


class QuestionForm(PartForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name, rows in (("section", self.version.sections), ("scale", self.version.scales)):
            field = self.fields[name]
            field.queryset = rows.all()
            field.widget.can_add_related = field.widget.can_delete_related = False
        tell_facts(
            self,
            "applies_if",
            _("An expression over the facts, such as minors == yes; empty: always. Facts: %(facts)s."),
        )


@admin.register(Question)
class QuestionAdmin(PartAdmin):
    form = QuestionForm
    list_display = ["ref", "position", "short_text", "severity", "missing", "edition", "section"]
    list_filter = [VersionFilter, "severity", MissingTranslationFilter]
    search_fields = ["ref", "text_en", "text_zh_hans", "citations__provision__key"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "version",
                    "belongs_to",
                    ("ref", "position"),
                    ("section", "scale", "severity"),
                    ("group_en", "group_zh_hans"),
                    ("text_en", "text_zh_hans"),
                ]
            },
        ),
        (_("Guidance"), {"fields": [(f"{n}_en", f"{n}_zh_hans") for n in ("why", "evidence", "remediation")]}),
        (_("When it is asked"), {"fields": ["applies_if"]}),
    ]
    inlines = [CitationInline]

    def get_queryset(self, request):
        return super().get_queryset(request).select_related("version__question_set", "section")

    @admin.display(description=_("text"), ordering="text_en")
    def short_text(self, question):
        return Truncator(question.text).chars(90)

    def get_changeform_initial_data(self, request):
        initial = super().get_changeform_initial_data(request)
        default = AnswerScale.objects.filter(version=initial["version"]).first()
        return {"scale": default and default.pk} | initial

    def neighbours(self, initial):
        return super().neighbours(initial).filter(section=as_number(initial.get("section")))

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "applies_if":
            field.widget.attrs["rows"] = 2
        return field
