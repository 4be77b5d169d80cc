"""A version as tables of plain text, one per kind of part, and back. Pure: no Django, no I/O.

What a spreadsheet shows and what is compared field by field. Reading goes through `reading.py`: lengths, names and
choices are checked there and nowhere else. A part is known by its key: its ref and, for a level or a choice, whose it
is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

import yaml

from questionnaires import reading
from questionnaires.applicability import FactKind
from questionnaires.content import Place, Problem, Rhythm, Text, Unit, Version
from questionnaires.diffing import Part
from questionnaires.scoring import Outcome, Severity
from questionnaires.sentences import Sentence as _
from questionnaires.yaml_mapping import Mapping as YamlMapping

T = TypeVar("T")
Row = Mapping[str, str]  # by column
_CELL = 1_000_000  # marks a line that also tells a column


class Key(NamedTuple):
    """`parent` is the ref of a level's scale or a choice's fact; a version itself has no ref."""

    part: Part
    parent: str
    ref: str


Rows = Mapping[Key, Row]  # each part's in their order


class Shape(StrEnum):
    PLAIN = "plain"
    TEXT = "text"  # of one language
    LIST = "list"  # refs or keys, one a line


@dataclass(frozen=True, slots=True)
class Column:
    """`field` is the content value's; of a text `language` is en or zh."""

    name: str
    field: str
    shape: Shape = Shape.PLAIN
    language: str = ""
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Table:
    """`parent` is the column that names the section, scale or fact of a row; empty where there is none."""

    part: Part
    columns: tuple[Column, ...]
    parent: str = ""

    @property
    def has_own_refs(self) -> bool:
        """Whether a ref is one among its parent's only, as a level's is."""
        return self.part in (Part.LEVEL, Part.CHOICE)

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)


def _texts(*fields: str) -> tuple[Column, ...]:
    return tuple(
        Column(f"{field}_{language}", field, Shape.TEXT, language) for field in fields for language in ("en", "zh")
    )


def _plain(*names: str) -> tuple[Column, ...]:
    return tuple(Column(name, name) for name in names)


def _choice(name: str, choices: Iterable[StrEnum]) -> Column:
    return Column(name, name, choices=tuple(str(choice) for choice in choices))


_CITATIONS = Column("citations", "citations", Shape.LIST)
LEVEL_OUTCOMES = (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)
TABLES: Mapping[Part, Table] = {
    table.part: table
    for table in (
        Table(
            Part.VERSION,
            (*_plain("slug", "number"), *_texts("title", "description"), *_plain(*(f"weight_{s}" for s in Severity))),
        ),
        Table(Part.SECTION, (*_plain("ref"), *_texts("title", "intro"))),
        Table(
            Part.QUESTION,
            (
                *_plain("section", "ref"),
                *_texts("group", "text", "why", "evidence", "remediation"),
                _choice("severity", Severity),
                *_plain("scale", "applies_if"),
                _CITATIONS,
            ),
            parent="section",
        ),
        Table(Part.SCALE, (*_plain("ref"), *_texts("title"))),
        Table(
            Part.LEVEL,
            (
                *_plain("scale", "ref"),
                *_texts("label", "description"),
                _choice("outcome", LEVEL_OUTCOMES),
                *_plain("score"),
            ),
            parent="scale",
        ),
        Table(Part.FACT, (*_plain("ref"), _choice("kind", FactKind), *_texts("text", "help"))),
        Table(Part.CHOICE, (*_plain("fact", "ref"), *_texts("label")), parent="fact"),
        Table(
            Part.DUTY,
            (
                *_plain("ref"),
                *_texts("title", "text"),
                _choice("rhythm", Rhythm),
                *_plain("day", "month", "day_of_month", "count"),
                _choice("unit", Unit),
                *_texts("event"),
                *_plain("applies_if"),
                _CITATIONS,
            ),
        ),
        Table(Part.CONTRADICTION, (*_plain("ref"), *_texts("text"), *_plain("holds_if"))),
    )
}


# --- content to rows ---


def rows_of(version: Version) -> Rows:
    rows = {Key(Part.VERSION, "", ""): _version_row(version)}
    for part, parent, things in _groups(version):
        table = TABLES[part]
        for thing in things:
            key = Key(part, parent if table.has_own_refs else "", thing.ref)
            rows[key] = {column.name: _cell(thing, column, table, parent) for column in table.columns}
    return rows


def _version_row(version: Version) -> Row:
    row = {f"weight_{severity}": _shown(weight) for severity, weight in version.weights.items()}
    columns = [column for column in TABLES[Part.VERSION].columns if column.name not in row]
    return {column.name: _cell(version, column, TABLES[Part.VERSION], "") for column in columns} | row


def _groups(version: Version) -> Iterator[tuple[Part, str, tuple[Any, ...]]]:
    """The parts that are siblings, with their parent's ref."""
    yield Part.SECTION, "", version.sections
    yield from ((Part.QUESTION, section.ref, section.questions) for section in version.sections)
    yield Part.SCALE, "", version.scales
    yield from ((Part.LEVEL, scale.ref, scale.levels) for scale in version.scales)
    yield Part.FACT, "", version.facts
    yield from ((Part.CHOICE, fact.ref, fact.choices) for fact in version.facts)
    yield Part.DUTY, "", version.duties
    yield Part.CONTRADICTION, "", version.contradictions


def _cell(thing: Any, column: Column, table: Table, parent: str) -> str:
    return parent if column.name == table.parent else _shown(getattr(thing, column.field), column.language)


def _shown(value: object, language: str = "") -> str:
    match value:
        case None:
            return ""
        case Text(en, zh):
            return zh if language == "zh" else en
        case tuple():
            return "\n".join(value)
        case Decimal():
            return f"{value:f}"
        case date():
            return value.isoformat()
        case _:
            return str(value)


# --- rows to content ---


class Line(NamedTuple):
    """A row as it was read, with its number in the table."""

    number: int
    row: Row


def version_of(lines: Mapping[Part, list[Line]]) -> tuple[Version, list[Problem]]:
    """Read the version that the tables say, as a draft: texts may be missing. `lines` has exactly one of Part.VERSION.

    A problem's path is the part and, where one is to blame, the column: `question.text_en`; its line the row's number.
    """
    found: list[Problem] = []
    levels = _children(Part.LEVEL, lines, found, Part.SCALE, reading.level_of)
    choices = _children(Part.CHOICE, lines, found, Part.FACT, reading.choice_of)
    questions = _children(Part.QUESTION, lines, found, Part.SECTION, reading.question_of)
    scales = [
        replace(s, levels=tuple(levels.get(s.ref, ()))) for s in _built(Part.SCALE, lines, found, reading.scale_of)
    ]
    facts = [
        replace(f, choices=tuple(choices.get(f.ref, ()))) for f in _built(Part.FACT, lines, found, reading.fact_of)
    ]
    sections = [
        replace(s, questions=tuple(questions.get(s.ref, ())))
        for s in _built(Part.SECTION, lines, found, reading.section_of)
    ]
    mapping = _mapping(Part.VERSION, lines[Part.VERSION][0], found)
    version = reading.version_with(
        mapping,
        scales=tuple(scales),
        facts=tuple(facts),
        sections=tuple(sections),
        duties=tuple(_built(Part.DUTY, lines, found, reading.duty_of)),
        contradictions=tuple(_built(Part.CONTRADICTION, lines, found, reading.contradiction_of)),
    )
    mapping.done()
    return version, [_with_column(problem) for problem in found]


_ABOVE = {Part.SECTION: _("section"), Part.SCALE: _("scale"), Part.FACT: _("fact")}


def _built(
    part: Part, lines: Mapping[Part, list[Line]], found: list[Problem], build: Callable[[YamlMapping], T]
) -> list[T]:
    return [build(_mapping(part, line, found)) for line in lines.get(part, ())]


def _children(
    part: Part,
    lines: Mapping[Part, list[Line]],
    found: list[Problem],
    above: Part,
    build: Callable[[YamlMapping], T],
) -> dict[str, list[T]]:
    """By the ref of what each row belongs to, which must be there."""
    column, known = TABLES[part].parent, {line.row["ref"] for line in lines.get(above, ())}
    children: dict[str, list[T]] = {}
    for line in lines.get(part, ()):
        parent = line.row[column]
        if parent not in known:
            message = _("“%(ref)s” is no %(part)s of this version.", ref=parent, part=_ABOVE[above])
            found.append(Problem(Place(f"{part}.{column}", line.number), message, _("Name one that is in its table.")))
        children.setdefault(parent, []).append(build(_mapping(part, line, found)))
    return children


def _mapping(part: Part, line: Line, found: list[Problem]) -> YamlMapping:
    """The row as the reader knows it: a mapping in which empty cells are left out."""
    table, pairs = TABLES[part], list[tuple[yaml.Node, yaml.Node]]()
    texts: dict[str, list[tuple[yaml.Node, yaml.Node]]] = {}
    weights: list[tuple[yaml.Node, yaml.Node]] = []
    for at, column in enumerate(table.columns):
        mark = _mark(line.number - 1 + _CELL * (at + 1))
        value = line.row[column.name]
        if not value or column.name == table.parent:
            continue
        if column.shape is Shape.TEXT:
            texts.setdefault(column.field, []).append((_scalar(column.language, mark), _scalar(value, mark)))
        elif column.shape is Shape.LIST:
            items = [_scalar(item.strip(), mark) for item in value.splitlines() if item.strip()]
            pairs.append((_scalar(column.name, mark), yaml.SequenceNode("", items, mark, mark)))
        elif column.name.startswith("weight_"):
            weights.append((_scalar(column.name.removeprefix("weight_"), mark), _scalar(value, mark)))
        else:
            pairs.append((_scalar(column.name, mark), _scalar(value, mark)))
    start = _mark(line.number - 1)
    inner = [*texts.items(), *([("weights", weights)] if part is Part.VERSION else [])]
    pairs += [(_scalar(key, start), yaml.MappingNode("", values, start, start)) for key, values in inner]
    return YamlMapping(yaml.MappingNode("", pairs, start, start), str(part), found, is_draft=True)


def _mark(line: int) -> yaml.Mark:
    return yaml.Mark("", 0, line, 0, None, 0)


def _scalar(value: str, mark: yaml.Mark) -> yaml.ScalarNode:
    return yaml.ScalarNode("", value, mark, mark)


def _with_column(problem: Problem) -> Problem:
    at, line = divmod(problem.place.line, _CELL)
    if not at:
        return problem
    column = TABLES[Part(problem.place.path)].columns[at - 1]
    return replace(problem, place=Place(f"{problem.place.path}.{column.name}", line))
