"""How many texts lack one of the languages.

A required text counts once per language in which it is empty; an optional one only where another language has it.
"""

from collections import Counter
from collections.abc import Collection, Iterator

from django.conf import settings
from django.contrib import admin
from django.db.models import Count, Model, Q
from django.utils.translation import gettext_lazy as _
from modeltranslation.translator import translator

from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Contradiction,
    Duty,
    Fact,
    FactChoice,
    Question,
    Section,
)

SUFFIXES = tuple(code.replace("-", "_") for code, _name in settings.LANGUAGES)
VERSION_OF = {
    Section: "version",
    Question: "version",
    AnswerScale: "version",
    AnswerLevel: "scale__version",
    Fact: "version",
    FactChoice: "fact__version",
    Duty: "version",
    Contradiction: "version",
}


def texts_of(model: type[Model]) -> Iterator[tuple[list[str], bool]]:
    """Each translated text: its columns, and whether it is required."""
    for name in translator.get_options_for_model(model).all_fields:
        yield [f"{name}_{suffix}" for suffix in SUFFIXES], not model._meta.get_field(name).blank


def missing_in(*rows: Model) -> int:
    found = 0
    for row in rows:
        for columns, is_required in texts_of(type(row)):
            empty = [not getattr(row, column) for column in columns]
            if is_required or not all(empty):
                found += sum(empty)
    return found


def missing_by_version(version_ids: Collection[int]) -> Counter:
    """Missing texts per version id: one query per table."""
    found = Counter()
    for model, version in VERSION_OF.items():
        counts = {f"missing_{at}": Count("pk", filter=q) for at, q in enumerate(_missing_conditions(model))}
        rows = model.objects.filter(**{f"{version}__in": version_ids}).order_by()
        for row in rows.values(version).annotate(**counts):
            found[row.pop(version)] += sum(row.values())
    return found


def _missing_conditions(model: type[Model]) -> Iterator[Q]:
    for columns, is_required in texts_of(model):
        empty = {column: Q(**{f"{column}__isnull": True}) | Q(**{column: ""}) for column in columns}
        somewhere = Q() if is_required else ~_all(empty.values())
        for condition in empty.values():
            yield condition & somewhere


def _all(conditions) -> Q:
    whole = Q()
    for condition in conditions:
        whole &= condition
    return whole


class MissingTranslationFilter(admin.SimpleListFilter):
    title = _("translation")
    parameter_name = "translation"

    def lookups(self, request, model_admin):
        return [("missing", _("Missing"))]

    def queryset(self, request, queryset):
        if self.value() != "missing":
            return queryset
        condition = Q()
        for missing in _missing_conditions(queryset.model):
            condition |= missing
        return queryset.filter(condition)
