"""Duties and contradictions of a version; each expression is checked beside its field."""

from django.contrib import admin
from django.utils.text import Truncator
from django.utils.translation import gettext_lazy as _

from questionnaires.admin.missing_translations import MissingTranslationFilter
from questionnaires.admin.parts import PartAdmin, PartForm, VersionFilter
from questionnaires.admin.questions import CitationInline, tell_facts
from questionnaires.models import Contradiction, Duty, DutyCitation


class DutyCitationInline(CitationInline):
    model = DutyCitation


class DutyForm(PartForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        tell_facts(
            self,
            "applies_if",
            _("An expression over the facts, such as minors == yes; empty: always. Facts: %(facts)s."),
        )


@admin.register(Duty)
class DutyAdmin(PartAdmin):
    form = DutyForm
    list_display = ["ref", "position", "title", "rhythm", "missing", "edition"]
    list_filter = [VersionFilter, "rhythm", MissingTranslationFilter]
    search_fields = ["ref", "title_en", "title_zh_hans", "citations__provision__key"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "version",
                    "belongs_to",
                    ("ref", "position"),
                    ("title_en", "title_zh_hans"),
                    ("text_en", "text_zh_hans"),
                ],
                "description": _("Something to be done by a day or in a rhythm; it is shown in the duty calendar."),
            },
        ),
        (
            _("When it falls due"),
            {
                "fields": [
                    "rhythm",
                    "day",
                    ("month", "day_of_month"),
                    ("count", "unit"),
                    ("event_en", "event_zh_hans"),
                ],
                "description": _(
                    "By a day: the day. Every year: month and day of the month. Every so often, or kept: count and "
                    "unit. Within some time: count, unit and the event that it counts from. Leave the rest empty."
                ),
            },
        ),
        (_("When it applies"), {"fields": ["applies_if"]}),
    ]
    inlines = [DutyCitationInline]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "applies_if":
            field.widget.attrs["rows"] = 2
        return field


class ContradictionForm(PartForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        tell_facts(
            self,
            "holds_if",
            _(
                "An expression over facts and questions, such as minors == no and consent.children == met. A question "
                "is met, partly_met, not_met or not_applicable. Facts: %(facts)s."
            ),
        )


@admin.register(Contradiction)
class ContradictionAdmin(PartAdmin):
    form = ContradictionForm
    list_display = ["ref", "position", "short_text", "missing", "edition"]
    search_fields = ["ref", "text_en", "text_zh_hans", "holds_if"]
    fieldsets = [
        (
            None,
            {
                "fields": ["version", "belongs_to", ("ref", "position"), ("text_en", "text_zh_hans"), "holds_if"],
                "description": _(
                    "Facts and answers that cannot all be right; the review page shows the text with what was answered."
                ),
            },
        )
    ]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "holds_if":
            field.widget.attrs["rows"] = 2
        return field

    @admin.display(description=_("text"), ordering="text_en")
    def short_text(self, contradiction):
        return Truncator(contradiction.text).chars(90)
