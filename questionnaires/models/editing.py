"""The one way in which content changes: whatever changes it writes its history in the same transaction.

    change(part, values, by=, seen=)    one row's columns, over the revision that its editor saw
    add(part, by=)                      a row that is not saved yet
    remove(part, by=, seen=)            a row with everything below it
    move(part, by=, before=, parent=)   to another place, of another section too
    reorder(parts, by=)                 all siblings at once
    set_citations(part, provisions)     a question's or duty's list of provisions as a whole
    undo(edits, by=)                    edits of the history, newest first

A part is any row of edits.KINDS: parts of a version, the version's weights, instruments, provisions, question sets.
Columns are named as in the database, a text once per language: `text_en`, `applies_if`, `section_id` (or `section`).
What is passed as one `batch=new_batch("...")` counts as one step of the history.

Everything raises Version.Published for a published version, and its kind Version.InReview: triggers refuse. Values are
not validated here beyond their type: forms and importers do that, and a draft may be incomplete; what a constraint
refuses is an IntegrityError.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import groupby
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.conf import settings
from django.db import IntegrityError, models, transaction
from django.db.models import Case, Model, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import override

from questionnaires.models.duties import Duty, DutyCitation
from questionnaires.models.edits import KINDS, Edit, Kind, columns_of, kind_of
from questionnaires.models.instruments import Provision
from questionnaires.models.question_sets import Version
from questionnaires.models.version_parts import Citation, Question

_OWNERS = ("version", "instrument", "question_set")


class Stale(Exception):
    """Somebody changed it in the meantime, and nothing was written.

    `current` is the stored row, None when it was removed; `edits` are what was done since, the newest last.
    """

    def __init__(self, current: Model | None, edits: Sequence[Edit] = ()):
        super().__init__("a newer revision is stored" if current else "it was removed")
        self.current, self.edits = current, tuple(edits)


class Batch(NamedTuple):
    """One step of the history; `note` says what it was where that is not plain: an import, a revert."""

    id: UUID
    note: str = ""


def new_batch(note: str = "") -> Batch:
    return Batch(uuid4(), note)


def change(part: Model, values: Mapping[str, Any], *, by, seen: int, batch: Batch | None = None) -> list[Edit]:
    """Set columns of one row over the revision that its editor had seen; return the edits, one per column that differs.

    Raises Stale when one of these columns was changed since that revision. A newer revision that changed others is no
    conflict: two people can work on one question, each in a language. `part` gets the new values and revision.
    Three statements, whatever the size of the version.
    """
    kind = kind_of(part)
    given = _given(kind, values)
    with _written(part):
        row, differing = _update(kind, part.pk, given, seen)
        revision = row["revision"] + bool(differing)
        edits = [
            _edit(kind, row, Edit.Action.CHANGE, revision, field=column, old=row[column], new=value)
            for column, value in differing.items()
        ]
        _record(edits, by, batch)
    part.__dict__.update(_with_bare(kind, given), revision=revision)
    return edits


def values_of(part: Model) -> dict[str, Any]:
    """Every column of a row as it stands in memory: what a form has put there, for change()."""
    return {column: part.__dict__[column] for column in columns_of(type(part))}


def add(part: Model, *, by, batch: Batch | None = None) -> Model:
    """Insert a row that is not saved yet and return it; with `position` None it goes to the end of its siblings.

    A primary key that is set is kept: what was removed comes back as itself.
    """
    kind = kind_of(part)
    with _written(part):
        if kind.parent and part.position is None:
            part.position = _next_position(kind, part)
        with override(settings.LANGUAGE_CODE):  # the bare column of a translated text holds the default language
            part.save(force_insert=True)
        row = _row(kind, part.pk)
        _record([_edit(kind, row, Edit.Action.ADD, row["revision"], new=_whole(kind, row))], by, batch)
    return part


def remove(part: Model, *, by, seen: int | None = None, batch: Batch | None = None) -> list[Edit]:
    """Delete a row with everything below it, each recorded, the lowest first; return the edits.

    Raises Stale when the row itself was changed since the revision seen; django's RestrictedError or ProtectedError
    when something else rests on it: a scale that questions use, a provision that is cited. Of a version and of an
    instrument the history goes, too: that it was there is kept.
    """
    kind = kind_of(part)
    with _written(part):
        kind.rows.select_for_update().filter(pk=part.pk).first()  # holds back a change under way
        row = _row(kind, part.pk)
        if seen is not None and row["revision"] != seen:
            raise _stale(kind, part.pk, seen)
        below = [] if kind.model is Version else _below(kind, [part.pk])
        edits = [_edit(k, r, Edit.Action.REMOVE, r["revision"], old=_whole(k, r)) for k, r in [*below, (kind, row)]]
        if not kind.parent:
            edits[-1].version_id = edits[-1].instrument_id = None
            edits[-1].question_set_id = row.get("question_set_id")
        kind.rows.filter(pk=part.pk).delete()
        _record(edits, by, batch)
    return edits


def goes_with(part: Model) -> Counter:
    """How many rows of each kind a removal takes along."""
    return Counter(kind.name for kind, _row in _below(kind_of(part), [part.pk]))


def move(
    part: Model, *, by, before: Model | None = None, parent: Model | None = None, batch: Batch | None = None
) -> None:
    """Put a row before one of its siblings, or at their end; with `parent` into another section, scale or fact.

    Raises Stale when `before` is not there any more. No revision rises: what a row says is not touched.
    """
    kind = kind_of(part)
    with _written(part):
        row = _row(kind, part.pk)
        old_parent, new_parent = row[kind.parent_id], parent.pk if parent else row[kind.parent_id]
        old_order = _order(kind, old_parent)
        order = [pk for pk in _order(kind, new_parent) if pk != part.pk]
        if before is None:
            order.append(part.pk)
        elif before.pk in order:
            order.insert(order.index(before.pk), part.pk)
        else:
            raise Stale(part)
        edits = _arrange(kind, row, old=(old_parent, old_order), new=(new_parent, order))
        _record(edits, by, batch)
    part.__dict__[kind.parent_id] = new_parent


def reorder(parts: Sequence[Model], *, by, batch: Batch | None = None) -> None:
    """Put siblings into the order given; one edit, of the first that changes its place.

    Raises Stale unless these are all of them.
    """
    kind = kind_of(parts[0])
    with _written(parts[0]):
        parent = _row(kind, parts[0].pk)[kind.parent_id]
        old, new = _order(kind, parent), [part.pk for part in parts]
        if sorted(old) != sorted(new):
            raise Stale(parts[0])
        first = next((pk for pk, was in zip(new, old, strict=True) if pk != was), None)
        if first:
            row = _row(kind, first)
            _record(_arrange(kind, row, old=(parent, old), new=(parent, new)), by, batch)


def set_citations(
    part: Question | Duty,
    provisions: Sequence[Provision | int],
    *,
    by,
    seen: Sequence[int] | None = None,
    batch: Batch | None = None,
) -> None:
    """Make a question or duty cite exactly these provisions (rows or primary keys), in this order.

    Raises Stale when `seen`, the primary keys of the provisions that the editor saw, is not what is stored.
    """
    model = Citation if isinstance(part, Question) else DutyCitation
    wanted = list(dict.fromkeys(p if isinstance(p, int) else p.pk for p in provisions))
    batch = batch or new_batch()
    with _written(part):
        kind_of(part).rows.select_for_update().get(pk=part.pk)  # of two at once the second waits
        stored = {row.provision_id: row for row in part.citations.order_by("position", "pk")}
        if seen is not None and list(stored) != list(seen):
            raise Stale(part)
        for provision_id in [pk for pk in stored if pk not in wanted]:
            remove(stored.pop(provision_id), by=by, batch=batch)
        for provision_id in [pk for pk in wanted if pk not in stored]:
            citation = model(**{kind_of(model).parent: part}, provision_id=provision_id, position=None)
            stored[provision_id] = add(citation, by=by, batch=batch)
        if stored:
            reorder([stored[pk] for pk in wanted], by=by, batch=batch)


def undo(edits: Iterable[Edit], *, by, batch: Batch | None = None) -> None:
    """Do the opposite of each edit in the order given, all or nothing, as one step.

    Undone from the newest back, a draft is as it was, with the same primary keys. Whatever the columns hold now is
    overwritten. Raises Stale when a row that was changed or moved is gone.
    """
    batch = batch or new_batch()
    with transaction.atomic():
        for _key, together in groupby(edits, key=lambda e: (e.action, e.kind, e.part_id, e.revision)):
            _undo(list(together), by, batch)


def _undo(edits: list[Edit], by, batch: Batch) -> None:
    """Of one change() the columns go back together: constraints hold among them."""
    edit, kind = edits[0], KINDS[edits[0].kind]
    if edit.action == Edit.Action.REMOVE:
        values = {column: edit.value(column, value) for column, value in edit.old.items()}
        part = kind.model(pk=edit.part_id, revision=edit.revision + 1)
        part.__dict__.update(_with_bare(kind, values))
        add(part, by=by, batch=batch)
        return
    part = kind.rows.filter(pk=edit.part_id).first()
    if part is None:
        raise Stale(None)
    match edit.action:
        case Edit.Action.ADD:
            remove(part, by=by, batch=batch)
        case Edit.Action.CHANGE:
            values = {edit.field: edit.value(edit.field, edit.old) for edit in edits}
            change(part, values, by=by, seen=part.revision, batch=batch)
        case Edit.Action.MOVE:
            for move_back in edits:
                _put_back(kind, part, move_back, by, batch)


def _put_back(kind: Kind, part: Model, edit: Edit, by, batch: Batch | None) -> None:
    with _written(part):
        row = _row(kind, part.pk)
        there, parent = row[kind.parent_id], edit.old["parent"]
        siblings = {*_order(kind, parent), part.pk}
        order = [pk for pk in edit.old["order"] if pk in siblings]
        order += [pk for pk in _order(kind, parent) if pk not in order]
        edits = _arrange(kind, row, old=(there, _order(kind, there)), new=(parent, order))
        _record(edits, by, batch)


# --- rows, as the database holds them ---------------------------------------------------------------------------------


@contextmanager
def _written(part: Model) -> Iterator[None]:
    """One transaction; what the triggers of a published version refuse is Version.Published."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        kind = kind_of(part)
        version = kind.version and _version_id(kind, part)
        if version and Version.objects.filter(pk=version, published_at__isnull=False).exists():
            raise Version.Published from None
        if version and Version.objects.filter(pk=version, submitted_for_review_at__isnull=False).exists():
            raise Version.InReview from None
        raise


def _version_id(kind: Kind, part: Model) -> int | None:
    """Of a row that may not be stored yet: its own, or its parent's."""
    if kind.version in ("pk", "version_id"):
        return getattr(part, kind.version)
    return getattr(part, kind.parent).version_id


def _rows(kind: Kind, **conditions) -> list[dict]:
    """Editable columns and revision, with the refs and the owner that an edit names; a text that is null is empty."""
    lookups = {"_ref": kind.ref, "_within": kind.within}
    lookups |= {f"_{owner}": getattr(kind, owner) for owner in _OWNERS}
    named = {name: models.F(lookup) for name, lookup in lookups.items() if lookup}
    columns = columns_of(kind.model)
    rows = list(kind.rows.filter(**conditions).order_by("pk").values("pk", "revision", *columns, **named))
    for row in rows:
        row.update({column: _plain(field, row[column]) for column, field in columns.items()})
    return rows


def _row(kind: Kind, pk: int) -> dict:
    rows = _rows(kind, pk=pk)
    if not rows:
        raise Stale(None)
    return rows[0]


def _update(kind: Kind, pk: int, given: dict[str, Any], seen: int) -> tuple[dict, dict[str, Any]]:
    """Write what differs; return the row as it was and the columns written. Read again where another was faster."""
    for _attempt in range(3):
        row = _row(kind, pk)
        differing = {column: value for column, value in given.items() if row[column] != value}
        if row["revision"] != seen and _edits_since(kind, pk, seen).filter(field__in=differing).exists():
            raise _stale(kind, pk, seen)
        values = _with_bare(kind, differing) | {"revision": row["revision"] + 1}
        if not differing or kind.rows.filter(pk=pk, revision=row["revision"]).update(**values):
            return row, differing
    raise _stale(kind, pk, seen)


def _edits_since(kind: Kind, pk: int, seen: int) -> QuerySet:
    return Edit.objects.filter(kind=kind.name, part_id=pk, revision__gt=seen)


def _stale(kind: Kind, pk: int, seen: int) -> Stale:
    current = kind.model._base_manager.filter(pk=pk).first()
    return Stale(current, _edits_since(kind, pk, seen).select_related("by") if current else ())


def _below(kind: Kind, pks: Collection[int]) -> list[tuple[Kind, dict]]:
    """Rows that a cascade takes along, the lowest first: one query per kind."""
    found = []
    for child in KINDS.values():
        if child.parent and child.model._meta.get_field(child.parent).related_model is kind.model:
            rows = _rows(child, **{f"{child.parent}__in": pks}) if pks else []
            found += [*_below(child, [row["pk"] for row in rows]), *((child, row) for row in rows)]
    return found


def _order(kind: Kind, parent_id: int) -> list[int]:
    siblings = kind.rows.filter(**{kind.parent: parent_id}).order_by("position", "pk").select_for_update()
    return list(siblings.values_list("pk", flat=True))


def _arrange(kind: Kind, row: dict, *, old: tuple[int, list[int]], new: tuple[int, list[int]]) -> list[Edit]:
    """Number the siblings from 0 in two statements; no edit where nothing moves."""
    if old == new:
        return []
    parent, order = new
    if parent != old[0]:
        kind.rows.filter(pk=row["pk"]).update(**{kind.parent_id: parent})
    places = [When(pk=pk, then=Value(at)) for at, pk in enumerate(order)]
    kind.rows.filter(pk__in=order).update(position=Case(*places, output_field=models.PositiveIntegerField()))
    before, after = ({"parent": parent, "order": order} for parent, order in (old, new))
    return [_edit(kind, row, Edit.Action.MOVE, row["revision"], field=kind.parent, old=before, new=after)]


def _next_position(kind: Kind, part: Model) -> int:
    siblings = kind.rows.filter(**{kind.parent: getattr(part, kind.parent_id)})
    highest = siblings.aggregate(highest=models.Max("position"))["highest"]
    return 0 if highest is None else highest + 1


# --- values -----------------------------------------------------------------------------------------------------------


def _given(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """By column, of the column's own type. Raises ValueError for what is no column that can be edited."""
    columns, found = columns_of(kind.model), {}
    for name, value in values.items():
        field = columns.get(name) or columns.get(f"{name}_id")
        if field is None:
            raise ValueError(f"{kind.name} has no column {name}; it has {', '.join(columns)}")
        found[field.attname] = _plain(field, field.to_python(value.pk if isinstance(value, Model) else value))
    return found


def _plain(field: models.Field, value: Any) -> Any:
    """A text is never null: modeltranslation's columns may be."""
    is_text = isinstance(field, models.CharField | models.TextField)
    return "" if is_text and value is None else value


def _with_bare(kind: Kind, values: Mapping[str, Any]) -> dict[str, Any]:
    """With the bare column of a translated text, which holds the default language."""
    columns = columns_of(kind.model)
    bare = {}
    for column, value in values.items():
        field = columns[column]
        if getattr(field, "language", None) == settings.LANGUAGE_CODE:
            bare[field.translated_field.name] = value
    return {**values, **bare}


# --- history ----------------------------------------------------------------------------------------------------------


def _whole(kind: Kind, row: dict) -> dict[str, Any]:
    return {column: row[column] for column in columns_of(kind.model)}


def _edit(kind: Kind, row: dict, action: Edit.Action, revision: int, *, field: str = "", old=None, new=None) -> Edit:
    return Edit(
        **{f"{owner}_id": row.get(f"_{owner}") for owner in _OWNERS},
        kind=kind.name,
        part_id=row["pk"],
        revision=revision,
        ref=str(row["_ref"]),
        within=row.get("_within", ""),
        action=action,
        field=field,
        old=old,
        new=new,
    )


def _record(edits: Collection[Edit], by, batch: Batch | None) -> None:
    batch, now = batch or new_batch(), timezone.now()
    for edit in edits:
        edit.batch, edit.note, edit.by, edit.at = batch.id, batch.note, by, now
    Edit.objects.bulk_create(edits)
