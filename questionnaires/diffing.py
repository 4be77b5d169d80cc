"""What differs between two versions of a question set, part by part and word by word. Pure: no Django, no I/O.

Parts are matched by ref. A part that only got other neighbours has not moved: of each list as few as possible have.
"""

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

from questionnaires.content import EMPTY, Text, Version


class Part(StrEnum):
    VERSION = "version"
    SECTION = "section"
    QUESTION = "question"
    SCALE = "scale"
    LEVEL = "level"
    FACT = "fact"
    CHOICE = "choice"
    DUTY = "duty"
    CONTRADICTION = "contradiction"


class Kind(StrEnum):
    NEW = "new"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"
    RECITED = "recited"
    REWEIGHTED = "reweighted"  # severity, weights, scale, and what a level counts for
    CONDITION = "condition"  # applies, or holds, in other cases
    RETYPED = "retyped"  # a fact that is answered in another way
    RETIMED = "retimed"  # a duty that falls due otherwise


class Operation(StrEnum):
    KEPT = "kept"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    operation: Operation
    text: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A text in one language: kept and removed pieces make the old one, kept and added ones the new one."""

    field: str
    language: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Value:
    """Anything but a text; empty where there was, or is, none."""

    field: str
    kind: Kind
    before: tuple[str, ...]
    after: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Change:
    """One part that differs. `parent` is the ref of its section, scale or fact; empty where it has none.

    `before` and `after` are what it is called in each version; None where it is not there.
    """

    part: Part
    ref: str
    parent: str
    kinds: tuple[Kind, ...]
    before: Text | None
    after: Text | None
    wordings: tuple[Wording, ...]
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Difference:
    """In the order of the newer version; what was removed comes behind, in its own order."""

    changes: tuple[Change, ...]

    def of(self, part: Part) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.part is part)

    def with_kind(self, kind: Kind) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if kind in change.kinds)

    @property
    def counts(self) -> Mapping[Kind, int]:
        """Changes by kind; one may be of several. Kinds that do not occur are absent."""
        found = Counter(kind for change in self.changes for kind in change.kinds)
        return {kind: found[kind] for kind in Kind if kind in found}


# --- word by word ---

# A word; or one character of a script that sets no spaces between words; or a space, a mark or a sign.
_TOKEN = re.compile(r"(?:(?![\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff])\w)+(?:['’](?=\w)\w+)?|\s+|.", re.DOTALL)
_LONGEST = 2_000  # tokens; a longer text that differs so far is shown as replaced


def words(before: str, after: str) -> tuple[Piece, ...]:
    """Return the pieces that turn one text into the other, without fragments too short to be read."""
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    start = _shared(old, new)
    end = _shared(old[start:][::-1], new[start:][::-1])
    middle = _runs(old[start : len(old) - end], new[start : len(new) - end])
    runs = [(old[:start], old[:start]), *middle, (old[len(old) - end :], old[len(old) - end :])]
    return tuple(_pieces(runs))


def _shared(one: Sequence[str], other: Sequence[str]) -> int:
    """How many items both begin with."""
    return next((n for n, (a, b) in enumerate(zip(one, other, strict=False)) if a != b), min(len(one), len(other)))


_Run = tuple[list[str], list[str]]  # the same twice where it was kept


def _runs(old: list[str], new: list[str]) -> list[_Run]:
    if max(len(old), len(new)) > _LONGEST:
        return [(old, new)]
    matcher = SequenceMatcher(str.isspace, old, new, autojunk=False)
    return [(old[a:b], new[c:d]) for _tag, a, b, c, d in matcher.get_opcodes()]


def _pieces(runs: Sequence[_Run]) -> Iterator[Piece]:
    removed, added = "", ""
    for number, (old, new) in enumerate(runs):
        one, other = "".join(old), "".join(new)
        is_between = bool(removed or added) and any(a != b for a, b in runs[number + 1 :])
        if old == new and not (is_between and _is_fragment(old)):
            yield from _changed(removed, added)
            removed, added = "", ""
            if one:
                yield Piece(Operation.KEPT, one)
        else:
            removed, added = removed + one, added + other
    yield from _changed(removed, added)


def _is_fragment(tokens: Sequence[str]) -> bool:
    """Whether it is no more than one character of a word, or space and marks."""
    return sum(len(token) for token in tokens if token[0].isalnum()) <= 1


def _changed(removed: str, added: str) -> Iterator[Piece]:
    if removed:
        yield Piece(Operation.REMOVED, removed)
    if added:
        yield Piece(Operation.ADDED, added)


# --- part by part ---


@dataclass(frozen=True, slots=True)
class _Shape:
    """What of a part is compared; the first of its texts is what it is called."""

    texts: tuple[str, ...]
    values: Mapping[str, Kind]


_TIMING = ("rhythm", "day", "month", "day_of_month", "count", "unit")
_SHAPES = {
    Part.VERSION: _Shape(("title", "description"), {}),
    Part.SECTION: _Shape(("title", "intro"), {}),
    Part.QUESTION: _Shape(
        ("text", "group", "why", "evidence", "remediation"),
        {
            "severity": Kind.REWEIGHTED,
            "scale": Kind.REWEIGHTED,
            "applies_if": Kind.CONDITION,
            "citations": Kind.RECITED,
        },
    ),
    Part.SCALE: _Shape(("title",), {}),
    Part.LEVEL: _Shape(("label", "description"), {"outcome": Kind.REWEIGHTED, "score": Kind.REWEIGHTED}),
    Part.FACT: _Shape(("text", "help"), {"kind": Kind.RETYPED}),
    Part.CHOICE: _Shape(("label",), {}),
    Part.DUTY: _Shape(
        ("title", "text", "event"),
        {"applies_if": Kind.CONDITION, "citations": Kind.RECITED} | dict.fromkeys(_TIMING, Kind.RETIMED),
    ),
    Part.CONTRADICTION: _Shape(("text",), {"holds_if": Kind.CONDITION}),
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A part of one version with its ref, its parent's, and its position there, from 1."""

    ref: str
    parent: str
    position: int
    thing: Any


def diff(before: Version, after: Version) -> Difference:
    """Return every part that differs. Numbers of versions, and where their texts stand, do not count."""
    changes = [*_version(before, after)]
    for part in Part:
        if part is not Part.VERSION:
            changes += _part(part, _placed(before, part), _placed(after, part))
    return Difference(tuple(changes))


def _version(before: Version, after: Version) -> Iterator[Change]:
    wordings = tuple(_wordings(Part.VERSION, before, after))
    weights = tuple(
        Value(severity, Kind.REWEIGHTED, _shown(before.weights[severity]), _shown(after.weights[severity]))
        for severity in after.weights
        if before.weights[severity] != after.weights[severity]
    )
    if wordings or weights:
        kinds = _kinds(wordings, weights)
        yield Change(Part.VERSION, after.slug, "", kinds, before.title, after.title, wordings, weights)


def _placed(version: Version, part: Part) -> list[_Placed]:
    def listed(parent: str, things: Iterable[Any]) -> Iterator[_Placed]:
        return (_Placed(thing.ref, parent, n, thing) for n, thing in enumerate(things, start=1))

    match part:
        case Part.SECTION:
            return [*listed("", version.sections)]
        case Part.QUESTION:
            return [row for section in version.sections for row in listed(section.ref, section.questions)]
        case Part.SCALE:
            return [*listed("", version.scales)]
        case Part.LEVEL:
            return [row for scale in version.scales for row in listed(scale.ref, scale.levels)]
        case Part.FACT:
            return [*listed("", version.facts)]
        case Part.CHOICE:
            return [row for fact in version.facts for row in listed(fact.ref, fact.choices)]
        case Part.DUTY:
            return [*listed("", version.duties)]
        case _:
            return [*listed("", version.contradictions)]


def _part(part: Part, before: Sequence[_Placed], after: Sequence[_Placed]) -> Iterator[Change]:
    # A question keeps its ref wherever it stands; a level or choice is one of its own scale or fact only.
    is_own = part in (Part.LEVEL, Part.CHOICE)
    old = {(row.parent if is_own else "", row.ref): row for row in before}
    new = {(row.parent if is_own else "", row.ref): row for row in after}
    stayed = _stayed([(key, row.parent) for key, row in old.items()], [(key, row.parent) for key, row in new.items()])
    for key, row in new.items():
        earlier = old.get(key)
        change = _change(part, earlier, row, has_moved=earlier is not None and key not in stayed)
        if change.kinds:
            yield change
    for key, row in old.items():
        if key not in new:
            yield _change(part, row, None, has_moved=False)


_Key = tuple[str, str]


def _stayed(before: Sequence[tuple[_Key, str]], after: Sequence[tuple[_Key, str]]) -> set[_Key]:
    """Keys of the most rows of each parent that stand in the same order on both sides."""
    place = {row: n for n, row in enumerate(before)}
    by_parent: dict[str, list[tuple[_Key, str]]] = {}
    for row in after:
        if row in place:
            by_parent.setdefault(row[1], []).append(row)
    stayed: set[_Key] = set()
    for rows in by_parent.values():
        stayed |= {rows[n][0] for n in longest_rising([place[row] for row in rows])}
    return stayed


def longest_rising(numbers: Sequence[int]) -> list[int]:
    """Indexes of a longest rising run of numbers, not necessarily neighbours."""
    ends: list[int] = []  # index of the smallest number that ends a run of each length
    previous: list[int] = []
    for index, number in enumerate(numbers):
        length = bisect_left(ends, number, key=lambda i: numbers[i])
        previous.append(ends[length - 1] if length else -1)
        ends[length : length + 1] = [index]
    run: list[int] = []
    at = ends[-1] if ends else -1
    while at >= 0:
        run.append(at)
        at = previous[at]
    return run[::-1]


def _change(part: Part, old: _Placed | None, new: _Placed | None, *, has_moved: bool) -> Change:
    row = new or old
    assert row is not None
    before, after = old and old.thing, new and new.thing
    wordings = tuple(_wordings(part, before, after))
    values = (*_values(part, before, after), *(_places(old, new) if has_moved else ()))
    if before is None or after is None:
        kinds: tuple[Kind, ...] = (Kind.NEW if before is None else Kind.REMOVED,)
    else:
        kinds = _kinds(wordings, values)
    name = _SHAPES[part].texts[0]
    called = [getattr(thing, name) if thing else None for thing in (before, after)]
    return Change(part, row.ref, row.parent, kinds, called[0], called[1], wordings, values)


def _kinds(wordings: Sequence[Wording], values: Sequence[Value]) -> tuple[Kind, ...]:
    found = {value.kind for value in values} | ({Kind.REWORDED} if wordings else set())
    return tuple(kind for kind in Kind if kind in found)


def _wordings(part: Part, before: Any, after: Any) -> Iterator[Wording]:
    for field in _SHAPES[part].texts:
        old: Text = getattr(before, field) if before else EMPTY
        new: Text = getattr(after, field) if after else EMPTY
        for language, one, other in (("en", old.en, new.en), ("zh", old.zh, new.zh)):
            if one != other:
                yield Wording(field, language, words(one, other))


def _values(part: Part, before: Any, after: Any) -> Iterator[Value]:
    for field, kind in _SHAPES[part].values.items():
        old = _shown(getattr(before, field)) if before else ()
        new = _shown(getattr(after, field)) if after else ()
        if old != new:
            yield Value(field, kind, old, new)


def _places(old: _Placed | None, new: _Placed | None) -> Iterator[Value]:
    assert old is not None and new is not None
    if old.parent != new.parent:
        yield Value("section", Kind.MOVED, (old.parent,), (new.parent,))
    else:
        yield Value("position", Kind.MOVED, (str(old.position),), (str(new.position),))


def _shown(value: object) -> tuple[str, ...]:
    match value:
        case None | "":
            return ()
        case tuple():
            return value
        case Decimal():
            return (format(value.normalize() + 0, "f"),)
        case _:
            return (str(value),)
