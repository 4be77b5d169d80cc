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
_NAME = re.compile(r"[a-z0-9][a-z0-9./-]{0,119}")
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


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
        found.append(Problem(Place(shown, 1), f"The file is not UTF-8 (byte {e.start}).", "Save it as UTF-8."))
        return None


def read_mapping(text: str, path: str, found: list[Problem]) -> "Mapping | None":
    """Return the document's top mapping, or None with the fault added to `found`."""
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, (yaml.TagToken, yaml.AnchorToken, yaml.AliasToken)):
                place = Place(path, token.start_mark.line + 1)
                found.append(Problem(place, "YAML tags, anchors and aliases are not allowed.", "Write the value out."))
                return None
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        found.append(Problem(Place(path, line), f"This is not YAML: {e.problem}.", "Correct the indentation or quotes."))
        return None
    except (yaml.YAMLError, RecursionError) as e:
        found.append(Problem(Place(path, 1), f"This is not YAML: {type(e).__name__}.", "Remove control characters."))
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

    def scalar(self, key: str, *, required: bool = True) -> str:
        node = self.take(key, required=required)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fault(node, f"“{key}” is not a plain value.", "Write one value after the colon.")
            return ""
        value: str = node.value.strip()
        if len(value) > MAX_TEXT_LENGTH or _CONTROL.search(value):
            self.fault(node, f"“{key}” is over {MAX_TEXT_LENGTH} characters or has control characters.", "Shorten it.")
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

    def decimal(self, key: str) -> Decimal:
        return self.parsed(key, _finite, Decimal(0), "Write a number such as 0.5.")

    def flag(self, key: str) -> bool:
        node = self.take(key, required=False)
        if node is not None and node.value not in ("true", "false"):
            self.fault(node, f"“{key}” is neither true nor false.", "Write true or false.")
        return node is not None and node.value == "true"

    def text(self, key: str, *, required: bool = True) -> Text:
        node = self.take(key, required=required)
        if node is None:
            return EMPTY
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, f"“{key}” is not in two languages.", 'Write {en: "…", zh: "…"}.')
            return EMPTY
        pair = Mapping(node, self.path, self.found)
        text = Text(pair.scalar("en"), pair.scalar("zh"))
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
            self.fault(node, f"“{node.value}” differs from the file's name.", f"Write {key}: {value} or rename the file.")

    def done(self) -> None:
        for key in sorted(self.untaken):
            cure = "Correct its spelling; docs/content-format.md lists the keys."
            self.fault(self.values[key], f"Unknown key “{key}”.", cure)


def _finite(value: str) -> Decimal:
    number = Decimal(value)
    if not number.is_finite():
        raise ValueError(value)
    return number


def _instrument(m: Mapping) -> Instrument:
    instrument = Instrument(
        slug=m.name("slug"),
        title=m.text("title"),
        short_title=m.text("short_title"),
        issuer=m.text("issuer"),
        number=m.text("number", required=False),
        legal_force=m.choice("legal_force", LegalForce),
        stage=m.choice("stage", Stage),
        issued_on=m.date("issued_on"),
        in_force_from=m.date("in_force_from"),
        in_force_until=m.date("in_force_until"),
        superseded_by=m.name("superseded_by", required=False) or None,
        source=m.text("source"),
        verification=m.choice("verification", Verification),
        note=m.text("note", required=False),
        provisions=m.many("provisions", _provision),
        place=m.place,
    )
    for text in (instrument.short_title.en, instrument.short_title.zh):
        if len(text) > 40:
            m.fault(m.values["short_title"], f"“{text}” is over 40 characters.", "Shorten it: it stands in chips.")
    m.done()
    return instrument


def _provision(m: Mapping) -> Provision:
    provision = Provision(
        key=m.name("key"),
        ref=m.text("ref"),
        statement=m.text("statement"),
        binds=m.text("binds"),
        verification=m.choice("verification", Verification),
        is_derived=m.flag("is_derived"),
        change_note=m.text("change_note", required=False),
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
        title=m.text("title"),
        description=m.text("description"),
        weights=_weights(weights, m) if isinstance(weights, yaml.MappingNode) else {},
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
    if number < 1:
        raise ValueError(value)
    return number


def _weights(node: yaml.MappingNode, outer: Mapping) -> dict[Severity, Decimal]:
    m = Mapping(node, outer.path, outer.found)
    weights = {severity: m.decimal(severity) for severity in Severity}
    m.done()
    for severity, weight in weights.items():
        if weight <= 0:
            m.fault(None, f"The weight of {severity} is not above 0.", "Give each severity a positive weight.")
    return weights


def _scale(m: Mapping) -> Scale:
    scale = Scale(m.name("ref"), m.text("title"), m.many("levels", _level), m.place)
    m.done()
    return scale


def _level(m: Mapping) -> Level:
    level = Level(
        ref=m.name("ref"),
        label=m.text("label"),
        description=m.text("description", required=False),
        outcome=m.choice("outcome", Outcome),
        score=m.decimal("score"),
        place=m.place,
    )
    m.done()
    return level


def _fact(m: Mapping) -> Fact:
    fact = Fact(
        ref=m.name("ref"),
        kind=m.choice("kind", FactKind),
        text=m.text("text"),
        help=m.text("help", required=False),
        choices=m.many("choices", _choice),
        place=m.place,
    )
    m.done()
    return fact


def _choice(m: Mapping) -> Choice:
    choice = Choice(m.name("ref"), m.text("label"), m.place)
    m.done()
    return choice


def _section(m: Mapping) -> Section:
    section = Section(
        ref=m.name("ref"),
        title=m.text("title"),
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
        group=m.text("group", required=False),
        citations=m.names("citations"),
        place=m.place,
    )
    m.done()
    return question
