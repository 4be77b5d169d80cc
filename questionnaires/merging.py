"""What a file would change in a draft, field by field, given what both started from. Pure: no Django, no I/O.

`base` is what was exported, `current` the draft as it is, `wanted` what the file says. What the file left as it was is
no change, whatever happened to the draft since; what both changed in different ways is a conflict.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from questionnaires.diffing import Part
from questionnaires.tables import TABLES, Key, Row, Rows
from questionnaires.validation import TIMING_FIELDS

LOCKED = frozenset({"slug", "number", "ref"})
# A duty's timing is taken as a whole: the parts of two would fit no rhythm.
_TIMING = ("rhythm", *(name for name in TIMING_FIELDS if name != "event"), "event_en", "event_zh")


class Kind(StrEnum):
    FIELD = "field"
    ADD = "add"
    REMOVE = "remove"
    ORDER = "order"


@dataclass(frozen=True, slots=True)
class Field:
    """`base` is what the file started from, `before` what the draft says now, `after` what the file wants."""

    column: str
    base: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to accept or not. An order's key has the ref of the parent; its field lists refs, one a line."""

    kind: Kind
    key: Key
    fields: tuple[Field, ...]
    is_conflict: bool = False

    @property
    def id(self) -> str:
        """The same for the same change of the same draft: what is ticked is what was seen."""
        said = repr((self.kind, tuple(self.key), [(f.column, f.before, f.after) for f in self.fields]))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


def changes(*, base: Rows, current: Rows, wanted: Rows) -> list[Change]:
    """In the order of the tables: what is changed or new as the file has it, then what it left out, then orders."""
    found: list[Change] = []
    for part in TABLES:
        keys = [key for key in wanted if key.part is part]
        for key in keys:
            found += _changed(key, base.get(key), current.get(key), wanted[key])
        found += [
            _removed(key, base[key], current[key])
            for key in base
            if key.part is part and key not in wanted and key in current
        ]
        found += _orders(part, base, current, wanted)
    return found


def _changed(key: Key, base: Row | None, current: Row | None, wanted: Row) -> Iterator[Change]:
    if current is None:
        if base is None or base != wanted:  # what was removed meanwhile and is untouched in the file stays removed
            fields = tuple(Field(column, (base or {}).get(column, ""), "", value) for column, value in wanted.items())
            yield Change(Kind.ADD, key, fields, is_conflict=base is not None)
        return
    start = base if base is not None else {}
    differing = [
        Field(column, start.get(column, ""), current[column], value)
        for column, value in wanted.items()
        if column not in LOCKED and current[column] != value and start.get(column) != value
    ]
    timing = tuple(field for field in differing if key.part is Part.DUTY and field.column in _TIMING)
    for fields in [*((field,) for field in differing if field not in timing), *([timing] if timing else [])]:
        yield Change(Kind.FIELD, key, fields, is_conflict=any(field.base != field.before for field in fields))


def _removed(key: Key, base: Row, current: Row) -> Change:
    fields = tuple(Field(column, base[column], value, "") for column, value in current.items())
    return Change(Kind.REMOVE, key, fields, is_conflict=base != current)


def _orders(part: Part, base: Rows, current: Rows, wanted: Rows) -> Iterator[Change]:
    orders = [_siblings(part, rows) for rows in (base, current, wanted)]
    for parent in orders[2]:
        everywhere = set.intersection(*(set(order.get(parent, ())) for order in orders))
        before, now, after = ([ref for ref in order.get(parent, ()) if ref in everywhere] for order in orders)
        if after not in (before, now):
            field = Field("order", *("\n".join(refs) for refs in (before, now, after)))
            yield Change(Kind.ORDER, Key(part, parent, ""), (field,), is_conflict=before != now)


def _siblings(part: Part, rows: Rows) -> dict[str, list[str]]:
    """Refs in their order, by the ref of what they belong to."""
    table, found = TABLES[part], dict[str, list[str]]()
    for key, row in rows.items():
        if key.part is part:
            found.setdefault(row[table.parent] if table.parent else "", []).append(key.ref)
    return found
