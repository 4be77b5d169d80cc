from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationTabularInline

from questionnaires.admin.missing_translations import missing_in
from questionnaires.admin.parts import PartAdmin, PartInline, RowForm, SaysItsLanguage
from questionnaires.models import Fact, FactChoice


class ChoiceInline(PartInline, SaysItsLanguage, TranslationTabularInline):
    model = FactChoice
    form = RowForm
    fields = ["position", "ref", "label_en", "label_zh_hans"]
    verbose_name_plural = _("choices, in rising order where there is one; none for a yes or no fact")


@admin.register(Fact)
class FactAdmin(PartAdmin):
    list_display = ["ref", "position", "text", "kind", "missing", "edition"]
    search_fields = ["ref", "text_en", "text_zh_hans"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "version",
                    "belongs_to",
                    ("ref", "position"),
                    "kind",
                    ("text_en", "text_zh_hans"),
                    ("help_en", "help_zh_hans"),
                ],
                "description": _(
                    "A question about the deployment that is not scored; it decides which questions apply."
                ),
            },
        )
    ]
    inlines = [ChoiceInline]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("choices")

    @admin.display(description=_("translations missing"))
    def missing(self, obj):
        return missing_in(obj, *obj.choices.all()) or "–"
