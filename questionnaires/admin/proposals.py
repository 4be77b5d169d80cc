"""What an uploaded file would change, prepared for the page where an editor accepts it."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _

from questionnaires import accepting, diffing, merging
from questionnaires.diffing import Part, Piece
from questionnaires.merging import Kind
from questionnaires.models import Version
from questionnaires.tables import TABLES, Key, Rows, Shape
from questionnaires.workbooks import label_of

_NAMES = {  # what a part is called: the first of these that it has
    Part.SECTION: ("title",),
    Part.QUESTION: ("text",),
    Part.SCALE: ("title",),
    Part.LEVEL: ("label",),
    Part.FACT: ("text",),
    Part.CHOICE: ("label",),
    Part.DUTY: ("title",),
    Part.CONTRADICTION: ("text",),
}


@dataclass(frozen=True, slots=True)
class ShownField:
    """`base` is what the file was made from, where the draft says something else by now."""

    label: str
    lang: str
    pieces: tuple[Piece, ...]
    base: str | None


@dataclass(frozen=True, slots=True)
class Proposal:
    id: str
    kind: Kind
    label: str
    fields: tuple[ShownField, ...]
    is_conflict: bool


@dataclass(frozen=True, slots=True)
class Subject:
    """A part, or a list whose order changes, with what the file proposes for it."""

    title: str
    ref: str
    proposals: tuple[Proposal, ...]


def subjects_of(found: Iterable[merging.Change], wanted: Rows, current: Rows, language: str) -> list[Subject]:
    """The changes by the part that they are about, in their order."""
    by_key: dict[Key, list[merging.Change]] = {}
    for change in found:
        by_key.setdefault(change.key, []).append(change)
    return [
        Subject(
            _title(key, wanted.get(key) or current.get(key) or {}, language),
            f"{key.parent}/{key.ref}" if TABLES[key.part].has_own_refs and key.ref else key.ref,
            tuple(_proposal(change) for change in changes),
        )
        for key, changes in by_key.items()
    ]


def _title(key: Key, row, language: str) -> str:
    model = Version if key.part is Part.VERSION else accepting.MODELS[key.part]
    if not key.ref and key.part is not Part.VERSION:
        inside = f" ({key.parent})" if key.parent else ""
        return f"{_('Order')}: {model._meta.verbose_name_plural}{inside}"
    kind = str(model._meta.verbose_name).capitalize()
    ends = ("zh", "en") if language == "zh-hans" else ("en", "zh")
    names = (row.get(f"{field}_{end}") for field in _NAMES.get(key.part, ()) for end in ends)
    name = next((name for name in names if name), "")
    return f"{kind}: {name}" if name else kind


def _proposal(change: merging.Change) -> Proposal:
    is_whole = change.kind in (Kind.ADD, Kind.REMOVE)
    shown = [field for field in change.fields if not is_whole or (field.before or field.after)]
    fields = tuple(_shown(change, field) for field in shown)
    labels = {
        Kind.ADD: _("Add it"),
        Kind.REMOVE: _("Remove it"),
        Kind.ORDER: _("Put into this order"),
        Kind.FIELD: _("Change: %(fields)s") % {"fields": ", ".join(field.label for field in fields)},
    }
    return Proposal(change.id, change.kind, labels[change.kind], fields, change.is_conflict)


def _shown(change: merging.Change, field: merging.Field) -> ShownField:
    part = change.key.part
    is_order = change.kind is Kind.ORDER
    column = None if is_order else TABLES[part].column(field.column)
    pieces = diffing.words(field.before, field.after)
    lang = {"en": "en", "zh": "zh-Hans"}.get(column.language, "") if column and column.shape is Shape.TEXT else ""
    has_moved_on = change.is_conflict and field.base != field.before and change.kind is Kind.FIELD
    return ShownField(label_of(part, column or "order"), lang, pieces, field.base if has_moved_on else None)
