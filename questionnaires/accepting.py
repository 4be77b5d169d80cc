"""What an editor accepted of a file, into the draft: one step of its history, all of it or nothing."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, RestrictedError
from django.utils.translation import gettext as _

from questionnaires.diffing import Part
from questionnaires.exporting import version_content
from questionnaires.merging import Change, Field, Kind, changes
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Contradiction,
    Duty,
    Fact,
    FactChoice,
    Provision,
    Question,
    Section,
    Version,
    editing,
)
from questionnaires.models.edits import kind_of
from questionnaires.tables import TABLES, Key, Row, Rows, rows_of

# Parents before what belongs to them; removed in the opposite order.
MODELS: dict[Part, type[Model]] = {
    Part.SECTION: Section,
    Part.SCALE: AnswerScale,
    Part.FACT: Fact,
    Part.LEVEL: AnswerLevel,
    Part.CHOICE: FactChoice,
    Part.QUESTION: Question,
    Part.DUTY: Duty,
    Part.CONTRADICTION: Contradiction,
}
_ORDER = list(MODELS)
_MAY_BE_NULL = frozenset({"day", "month", "day_of_month", "count"})


class Refused(Exception):
    """What was accepted does not go together; the message says why. Nothing was changed."""


def changes_of(version: Version, wanted: Rows, base: Rows | None) -> list[Change]:
    """What a file would change in the version as it is; without a base every difference is the file's."""
    current = rows_of(version_content(version))
    return changes(base=current if base is None else base, current=current, wanted=wanted)


@transaction.atomic
def accept(version: Version, wanted: Rows, base: Rows | None, *, ids: Collection[str], by) -> int:
    """Apply the changes with these ids and return how many.

    Raises Refused when one of them is not there any more, or when they do not go together; Version.Published when the
    version takes no edits any more.
    """
    version = Version.objects.select_for_update(of=("self",)).select_related("question_set").get(pk=version.pk)
    found = changes_of(version, wanted, base)
    accepted = [change for change in found if change.id in ids]
    if len(accepted) < len(set(ids)):
        raise Refused(_("The draft has changed since you saw this: look at what is below and accept again."))
    try:
        _Draft(version, wanted, by).take(accepted)
    except RestrictedError:
        raise Refused(_("A scale is to be removed that questions still use.")) from None
    except (IntegrityError, editing.Stale):
        raise Refused(_("What you accepted does not go together: accept more of it, or less.")) from None
    return len(accepted)


class _Draft:
    """The rows of a draft by the keys of its tables, while changes are taken over."""

    def __init__(self, version: Version, wanted: Rows, by) -> None:
        self.version, self.wanted, self.by = version, wanted, by
        self.batch = editing.new_batch(_("Import of a file"))
        self.rows: dict[Key, Model] = {}
        for part, model in MODELS.items():
            table = TABLES[part]
            if not table.has_own_refs:
                self.rows |= {Key(part, "", row.ref): row for row in model.objects.filter(version=version)}
                continue
            above = model.objects.filter(**{f"{table.parent}__version": version}).select_related(table.parent)
            self.rows |= {Key(part, getattr(row, table.parent).ref, row.ref): row for row in above}
        citable = Provision.objects.citable_for(version.question_set.organisation_id)
        self.provisions = dict(citable.values_list("key", "pk"))

    def take(self, accepted: Iterable[Change]) -> None:
        by_kind = {kind: [change for change in accepted if change.kind is kind] for kind in Kind}
        for change in sorted(by_kind[Kind.ADD], key=lambda change: _ORDER.index(change.key.part)):
            self.add(change.key)
        fields: dict[Key, list[Field]] = {}
        for change in by_kind[Kind.FIELD]:
            fields.setdefault(change.key, []).extend(change.fields)
        for key, changed in fields.items():
            self.change(key, {field.column: field.after for field in changed})
        for change in by_kind[Kind.ORDER]:
            self.reorder(change.key, change.fields[0].after.split("\n"))
        for change in sorted(by_kind[Kind.REMOVE], key=lambda change: -_ORDER.index(change.key.part)):
            self.remove(change.key)

    def add(self, key: Key) -> None:
        row, table = self.wanted[key], TABLES[key.part]
        parents: dict[str, Any] = {} if table.has_own_refs else {"version": self.version}
        if table.parent:
            parents[table.parent] = self.parent(Part(table.parent), row[table.parent])
        part = MODELS[key.part](ref=key.ref, position=None, **parents, **self.values(key.part, row))
        self.rows[key] = editing.add(part, by=self.by, batch=self.batch)
        if row.get("citations"):
            self.cite(part, row["citations"])
        if following := self.following(key):
            editing.move(part, by=self.by, before=following, batch=self.batch)

    def change(self, key: Key, row: Row) -> None:
        if key.part is Part.VERSION:
            self.change_version(row)
            return
        part = self.rows[key]
        if values := self.values(key.part, row):
            editing.change(part, values, by=self.by, seen=part.revision, batch=self.batch)
        if "citations" in row:
            self.cite(part, row["citations"])
        if "section" in row:
            section = self.parent(Part.SECTION, row["section"])
            editing.move(part, by=self.by, parent=section, before=self.following(key), batch=self.batch)

    def change_version(self, row: Row) -> None:
        weights = {name: value for name, value in row.items() if name.startswith("weight_")}
        texts = {_column(name): value for name, value in row.items() if name not in weights}
        for part, values in ((self.version, weights), (self.version.question_set, texts)):
            if values:
                editing.change(part, values, by=self.by, seen=part.revision, batch=self.batch)

    def cite(self, part: Model, keys: str) -> None:
        provisions = [self.provisions[key] for key in keys.split("\n") if key]
        editing.set_citations(part, provisions, by=self.by, batch=self.batch)

    def reorder(self, key: Key, refs: list[str]) -> None:
        """Those that the file orders take each other's places; what it does not know stays where it is."""
        within = key.parent if TABLES[key.part].has_own_refs else ""
        rows = [self.rows[Key(key.part, within, ref)] for ref in refs]
        kind = kind_of(rows[0])
        siblings = kind.rows.filter(**{kind.parent_id: getattr(rows[0], kind.parent_id)}).order_by("position", "pk")
        ordered, moving = iter(rows), {row.pk for row in rows}
        order = [next(ordered) if row.pk in moving else row for row in siblings]
        editing.reorder(order, by=self.by, batch=self.batch)

    def remove(self, key: Key) -> None:
        part = self.rows.pop(key)
        if key.part is Part.SECTION and (left := part.questions.first()):
            text = _("Section “%(section)s” is to be removed, but its question “%(question)s” is not.")
            raise Refused(text % {"section": key.ref, "question": left.ref})
        editing.remove(part, by=self.by, batch=self.batch)

    def values(self, part: Part, row: Row) -> dict[str, Any]:
        """Columns of the row itself: neither its ref, nor what it belongs to, nor what it cites."""
        values: dict[str, Any] = {
            _column(name): None if name in _MAY_BE_NULL and not value else value
            for name, value in row.items()
            if name not in ("ref", "scale", "citations", TABLES[part].parent)
        }
        if part is Part.QUESTION and "scale" in row:
            values["scale_id"] = self.parent(Part.SCALE, row["scale"]).pk
        return values

    def parent(self, part: Part, ref: str) -> Model:
        row = self.rows.get(Key(part, "", ref))
        if row is None:
            raise Refused(_("“%(ref)s” is needed, too: accept it, or leave what belongs to it.") % {"ref": ref})
        return row

    def following(self, key: Key) -> Model | None:
        """The next of its siblings in the file that is one in the draft, too."""
        column, kind = TABLES[key.part].parent, kind_of(MODELS[key.part])
        own, keys = self.wanted[key].get(column), [other for other in self.wanted if other.part is key.part]
        place = getattr(self.parent(Part(column), own), "pk", None) if column else self.version.pk
        for other in keys[keys.index(key) + 1 :]:
            row = self.rows.get(other)
            if self.wanted[other].get(column) == own and row and getattr(row, kind.parent_id) == place:
                return row
        return None


def _column(name: str) -> str:
    """A column of the database: texts in Chinese are told apart by their script there."""
    return f"{name}_hans" if name.endswith("_zh") else name
