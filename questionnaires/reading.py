"""From YAML files to content values, with the line of every fault. No Django.

Reads nodes instead of Python objects: each value keeps its line, and YAML's own conversions (`no` is a string here)
and tags never happen. A fault is collected and a placeholder put in its place, so that one run names every fault.
"""

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import yaml

from questionnaires.applicability import FactKind
from questionnaires.content import (
    EMPTY,
    Choice,
    Fact,
    Instrument,
    LegalForce,
    Level,
    Library,
    Place,
    Problem,
    Provision,
    Question,
    Scale,
    Section,
    Stage,
    Text,
    Verification,
    Version,
    validate,
)
from questionnaires.scoring import Outcome, Severity

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_FILE_SIZE = 2_000_000  # bytes; the whole article set is under a tenth of it
MAX_TEXT_LENGTH = 4000  # characters of one content text
MAX_DEPTH = 20  # of mappings and lists within each other; the format needs 7
_WEIGHT_CURE = "Write a number above 0 and below 10000, with two decimals at most."
_NAME = re.compile(r"[a-z0-9][a-z0-9./-]{0,119}")
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


def read_library(folder: Path) -> tuple[Library, list[Problem]]:
    """Read every file of a library folder and validate it.

    Paths in problems are relative to the folder's parent (`library/instruments/pipl.yaml`).
    The library is fit to load only when there are no problems.
    """
    found: list[Problem] = []
    instruments, versions = [], []
    for path in sorted(folder.glob("instruments/*.yaml")):
        if mapping := _read_file(path, folder, found):
            instruments.append(_instrument(mapping))
            mapping.expect("slug", path.stem)
    for path in sorted(folder.glob("question-sets/*/*.yaml")):
        if mapping := _read_file(path, folder, found):
            versions.append(_version(mapping))
            mapping.expect("slug", path.parent.name)
            mapping.expect("number", path.stem)
    library = Library(tuple(instruments), tuple(versions))
    # Faults of form first: what they left out would only be reported again as faults of meaning.
    return library, found or validate(library)


def _read_file(path: Path, folder: Path, found: list[Problem]) -> "Mapping | None":
    shown = str(path.relative_to(folder.parent))
    if path.stat().st_size > MAX_FILE_SIZE:
        found.append(Problem(Place(shown, 1), f"The file is over {MAX_FILE_SIZE} bytes.", "Split it."))
        return None
    try:
        return read_mapping(path.read_text(encoding="utf-8"), shown, found)
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        found.append(Problem(Place(shown, line), "The file is not UTF-8.", "Save it as UTF-8."))
        return None


def read_mapping(text: str, path: str, found: list[Problem]) -> "Mapping | None":
    """Return the document's top mapping, or None with the fault added to `found`."""
    depth = 0
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            place = Place(path, token.start_mark.line + 1)
            depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
            if depth > MAX_DEPTH:  # the composer calls itself at each level
                found.append(Problem(place, f"This is nested over {MAX_DEPTH} levels deep.", "Write it flatter."))
                return None
            if isinstance(token, (yaml.TagToken, yaml.AnchorToken, yaml.AliasToken)):
                found.append(Problem(place, "YAML tags, anchors and aliases are not allowed.", "Write the value out."))
                return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        message = f"This is not YAML: {e.problem}."
        found.append(Problem(Place(path, line), message, "Correct the indentation or quotes."))
        return None
    except yaml.reader.ReaderError as e:
        place = Place(path, text.count("\n", 0, e.position) + 1)
        found.append(Problem(place, "A control character stands here.", "Remove it."))
        return None
    if not isinstance(node, yaml.MappingNode):
        found.append(Problem(Place(path, 1), "The file holds no mapping.", "Begin it with “slug:”."))
        return None
    return Mapping(node, path, found)


class Mapping:
    """A YAML mapping whose keys are taken one by one; `done` reports what nobody asked for."""

    def __init__(self, node: yaml.MappingNode, path: str, found: list[Problem]) -> None:
        self.path, self.found = path, found
        self.place = Place(path, node.start_mark.line + 1)
        self.values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name in self.values:
                self.fault(key, f"The key “{name}” stands twice.", "Remove one.")
            self.values[name] = value
        self.untaken = set(self.values)

    def fault(self, node: yaml.Node | None, message: str, cure: str) -> None:
        place = Place(self.path, node.start_mark.line + 1) if node else self.place
        self.found.append(Problem(place, message, cure))

    def take(self, key: str, *, required: bool = True) -> yaml.Node | None:
        self.untaken.discard(key)
        node = self.values.get(key)
        if node is None and required:
            self.fault(None, f"“{key}” is missing.", "Add it.")
        return node

    def scalar(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> str:
        node = self.take(key, required=required)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fault(node, f"“{key}” is not a plain value.", "Write one value after the colon.")
            return ""
        value: str = node.value.strip()
        if len(value) > longest:
            self.fault(node, f"“{key}” is over {longest} characters.", "Shorten it.")
        if _CONTROL.search(value):
            self.fault(node, f"“{key}” has control characters.", "Remove them.")
        return value

    def name(self, key: str, *, required: bool = True) -> str:
        value = self.scalar(key, required=required)
        if value and not _NAME.fullmatch(value):
            cure = "Use lower-case letters, digits, “-”, “.” and “/”, 120 at most."
            self.fault(self.values[key], f"“{value}” is not a valid {key}.", cure)
        return value

    def parsed(self, key: str, parse: Callable[[str], T], placeholder: T, cure: str, *, required: bool = True) -> T:
        value = self.scalar(key, required=required)
        if not value:
            return placeholder
        try:
            return parse(value)
        except (ValueError, InvalidOperation):
            self.fault(self.values[key], f"“{value}” is not a valid {key}.", cure)
            return placeholder

    def date(self, key: str) -> date | None:
        return self.parsed(key, date.fromisoformat, None, "Write it as YYYY-MM-DD.", required=False)

    def choice(self, key: str, choices: type[E]) -> E:
        return self.parsed(key, choices, next(iter(choices)), f"Use one of: {', '.join(choices)}.")

    def flag(self, key: str) -> bool:
        node = self.take(key, required=False)
        if node is not None and node.value not in ("true", "false"):
            self.fault(node, f"“{key}” is neither true nor false.", "Write true or false.")
        return node is not None and node.value == "true"

    def text(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> Text:
        node = self.take(key, required=required)
        if node is None:
            return EMPTY
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"“{key}” is not in two languages.", 'Write {en: "…", zh: "…"}.')
            return EMPTY
        pair = Mapping(node, self.path, self.found)
        text = Text(pair.scalar("en", longest=longest), pair.scalar("zh", longest=longest))
        pair.done()
        return text

    def items(self, key: str) -> list[yaml.Node]:
        node = self.take(key, required=False)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, f"“{key}” is not a list.", "Begin each item with “- ”.")
            return []
        return list(node.value)

    def names(self, key: str) -> tuple[str, ...]:
        names = []
        for node in self.items(key):
            if isinstance(node, yaml.ScalarNode) and _NAME.fullmatch(node.value):
                names.append(node.value)
            else:
                self.fault(node, f"An item of “{key}” is not a key.", "Write keys such as csl-2025/43-1.")
        return tuple(names)

    def many(self, key: str, build: Callable[["Mapping"], T]) -> tuple[T, ...]:
        built = []
        for node in self.items(key):
            if isinstance(node, yaml.MappingNode):
                built.append(build(Mapping(node, self.path, self.found)))
            else:
                self.fault(node, f"An item of “{key}” is not a mapping.", "Give it keys and values.")
        return tuple(built)

    def expect(self, key: str, value: str) -> None:
        node = self.values.get(key)
        if node is not None and node.value != value:
            cure = f"Write {key}: {value} or rename the file."
            self.fault(node, f"“{node.value}” differs from the file's name.", cure)

    def done(self) -> None:
        for key in sorted(self.untaken):
            cure = "Correct its spelling; docs/content-format.md lists the keys."
            self.fault(self.values[key], f"Unknown key “{key}”.", cure)


def _instrument(m: Mapping) -> Instrument:
    instrument = Instrument(
        slug=m.name("slug"),
        title=m.text("title", longest=300),
        short_title=m.text("short_title", longest=40),
        issuer=m.text("issuer", longest=300),
        number=m.text("number", required=False, longest=200),
        legal_force=m.choice("legal_force", LegalForce),
        stage=m.choice("stage", Stage),
        issued_on=m.date("issued_on"),
        in_force_from=m.date("in_force_from"),
        in_force_until=m.date("in_force_until"),
        superseded_by=m.name("superseded_by", required=False) or None,
        source=m.text("source", longest=500),
        verification=m.choice("verification", Verification),
        note=m.text("note", required=False),
        provisions=m.many("provisions", _provision),
        place=m.place,
    )
    m.done()
    return instrument


def _provision(m: Mapping) -> Provision:
    provision = Provision(
        key=m.name("key"),
        ref=m.text("ref", longest=80),
        statement=m.text("statement"),
        binds=m.text("binds", longest=300),
        verification=m.choice("verification", Verification),
        is_derived=m.flag("is_derived"),
        change_note=m.text("change_note", required=False, longest=60),
        note=m.text("note", required=False),
        in_force_from=m.date("in_force_from"),
        in_force_until=m.date("in_force_until"),
        superseded_by=m.name("superseded_by", required=False) or None,
        place=m.place,
    )
    m.done()
    return provision


def _version(m: Mapping) -> Version:
    weights = m.take("weights")
    scales = m.many("scales", _scale)
    version = Version(
        slug=m.name("slug"),
        number=m.parsed("number", _positive, 1, "Number versions 1, 2, 3 …"),
        title=m.text("title", longest=200),
        description=m.text("description"),
        weights=_weights(weights, m) if weights else {},
        scales=scales,
        facts=m.many("facts", _fact),
        sections=m.many("sections", _section),
        place=m.place,
    )
    m.done()
    if not scales:
        m.fault(None, "The version has no scale.", "Add one under “scales”; the first is the default.")
        return version
    return replace(version, sections=tuple(_with_scale(section, scales[0].ref) for section in version.sections))


def _with_scale(section: Section, default: str) -> Section:
    questions = tuple(q if q.scale else replace(q, scale=default) for q in section.questions)
    return replace(section, questions=questions)


def _positive(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 9999:
        raise ValueError(value)
    return number


def _weights(node: yaml.Node, outer: Mapping) -> dict[Severity, Decimal]:
    if not isinstance(node, yaml.MappingNode):
        outer.fault(node, "“weights” is not a mapping.", "Give each severity a weight.")
        return {}
    m = Mapping(node, outer.path, outer.found)
    weights = {severity: m.parsed(severity, _weight, Decimal(1), _WEIGHT_CURE) for severity in Severity}
    m.done()
    return weights


def _weight(value: str) -> Decimal:
    weight = _decimal(value, places=2)
    if not 0 < weight < 10_000:
        raise ValueError(value)
    return weight


def _score(value: str) -> Decimal:
    return _decimal(value, places=3)


def _decimal(value: str, *, places: int) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or number != round(number, places):
        raise ValueError(value)
    return number


def _scale(m: Mapping) -> Scale:
    scale = Scale(m.name("ref"), m.text("title", longest=200), m.many("levels", _level), m.place)
    m.done()
    return scale


def _level(m: Mapping) -> Level:
    level = Level(
        ref=m.name("ref"),
        label=m.text("label", longest=100),
        description=m.text("description", required=False, longest=300),
        outcome=m.choice("outcome", Outcome),
        score=m.parsed("score", _score, Decimal(0), "Write a number such as 0.5, with three decimals at most."),
        place=m.place,
    )
    m.done()
    return level


def _fact(m: Mapping) -> Fact:
    fact = Fact(
        ref=m.name("ref"),
        kind=m.choice("kind", FactKind),
        text=m.text("text", longest=300),
        help=m.text("help", required=False),
        choices=m.many("choices", _choice),
        place=m.place,
    )
    m.done()
    return fact


def _choice(m: Mapping) -> Choice:
    choice = Choice(m.name("ref"), m.text("label", longest=200), m.place)
    m.done()
    return choice


def _section(m: Mapping) -> Section:
    section = Section(
        ref=m.name("ref"),
        title=m.text("title", longest=200),
        intro=m.text("intro"),
        questions=m.many("questions", _question),
        place=m.place,
    )
    m.done()
    return section


def _question(m: Mapping) -> Question:
    question = Question(
        ref=m.name("ref"),
        text=m.text("text"),
        why=m.text("why"),
        evidence=m.text("evidence"),
        remediation=m.text("remediation"),
        severity=m.choice("severity", Severity),
        scale=m.name("scale", required=False),
        applies_if=m.scalar("applies_if", required=False),
        group=m.text("group", required=False, longest=200),
        citations=m.names("citations"),
        place=m.place,
    )
    m.done()
    return question
