from django.contrib import admin
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _
from modeltranslation.admin import TranslationStackedInline

from questionnaires.admin.missing_translations import missing_in
from questionnaires.admin.parts import PartAdmin, PartInline, RowForm, SaysItsLanguage
from questionnaires.models import AnswerLevel, AnswerScale


class LevelForm(RowForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["score"].validators += [MinValueValidator(0), MaxValueValidator(1)]


class LevelInline(PartInline, SaysItsLanguage, TranslationStackedInline):
    model = AnswerLevel
    form = LevelForm
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("ref", "position"),
                    ("label_en", "label_zh_hans"),
                    ("description_en", "description_zh_hans"),
                    ("outcome", "score"),
                ]
            },
        )
    ]

    def get_extra(self, request, obj=None, **kwargs):
        return 0 if obj else 3


@admin.register(AnswerScale)
class AnswerScaleAdmin(PartAdmin):
    list_display = ["ref", "position", "title", "missing", "edition"]
    search_fields = ["ref", "title_en", "title_zh_hans"]
    fieldsets = [
        (
            None,
            {
                "fields": ["version", "belongs_to", ("ref", "position"), ("title_en", "title_zh_hans")],
                "description": _("The levels that one can choose from, best first. The first scale is the default."),
            },
        )
    ]
    inlines = [LevelInline]

    def get_queryset(self, request):
        return super().get_queryset(request).prefetch_related("levels")

    @admin.display(description=_("translations missing"))
    def missing(self, obj):
        return missing_in(obj, *obj.levels.all()) or "–"
