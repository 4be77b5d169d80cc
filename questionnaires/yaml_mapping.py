"""YAML mappings whose every value knows its line. No Django.

Reads nodes instead of Python objects: YAML's own conversions (`no` is a string here) and tags never happen. A fault is
collected and a placeholder put in its place, so that one run names every fault.
"""

import re
from collections.abc import Callable
from datetime import date
from decimal import InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

import yaml

from questionnaires.content import EMPTY, Place, Problem, Text
from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _

D = TypeVar("D")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

MAX_TEXT_LENGTH = 4000  # characters of one content text
MAX_DEPTH = 20  # of mappings and lists within each other; the format needs 7
NAME = re.compile(r"[a-z0-9][a-z0-9./-]{0,119}")
_OPENING = (
    yaml.BlockMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.FlowSequenceStartToken,
)
_REFUSED = (yaml.TagToken, yaml.AnchorToken, yaml.AliasToken)
_CLOSING = (yaml.BlockEndToken, yaml.FlowMappingEndToken, yaml.FlowSequenceEndToken)
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")

_PLACEHOLDER = re.compile(r"%\\\((\w+)\\\)s")  # as re.escape leaves it
_FAULTS_OF_YAML = (  # with what of it differs from one fault to the next
    _("but found another document"),
    _("could not find expected ':'"),
    _("expected <block end>, but found %(found)s"),
    _("expected '<document start>', but found %(found)s"),
    _("expected a comment or a line break, but found %(found)s"),
    _("expected alphabetic or numeric character, but found %(found)s"),
    _("expected chomping or indentation indicators, but found %(found)s"),
    _("expected escape sequence of %(digits)s hexadecimal numbers, but found %(found)s"),
    _("expected the node content, but found %(found)s"),
    _("expected ',' or ']', but got %(found)s"),
    _("expected ',' or '}', but got %(found)s"),
    _("found character %(found)s that cannot start any token"),
    _("found unexpected document separator"),
    _("found unexpected end of stream"),
    _("found unknown escape character %(found)s"),
    _("mapping keys are not allowed here"),
    _("mapping values are not allowed here"),
    _("sequence entries are not allowed here"),
)


def read_mapping(text: str, path: str, found: list[Problem], *, is_draft: bool = False) -> "Mapping | None":
    """Return the document's top mapping, or None with the fault added to `found`."""
    try:
        node = _parsed(text, path, found)
    except yaml.MarkedYAMLError as e:
        line = e.problem_mark.line + 1 if e.problem_mark else 1
        message = _("This is not YAML: %(fault)s.", fault=_of_yaml(str(e.problem)))
        found.append(Problem(Place(path, line), message, _("Correct the indentation or quotes.")))
    except yaml.reader.ReaderError as e:
        place = Place(path, text.count("\n", 0, e.position) + 1)
        found.append(Problem(place, _("A control character stands here."), _("Remove it.")))
    else:
        return Mapping(node, path, found, is_draft=is_draft) if node else None
    return None


def _of_yaml(fault: str) -> Sentence:
    """What PyYAML said, as one of the sentences that are translated; else in its own words."""
    for wording in _FAULTS_OF_YAML:
        if match := re.fullmatch(_PLACEHOLDER.sub(r"(?P<\1>.+)", re.escape(wording)), fault):
            return _(wording, **match.groupdict())
    return Sentence(fault)


def _parsed(text: str, path: str, found: list[Problem]) -> yaml.MappingNode | None:
    try:
        # libyaml's loader, where PyYAML was built with it as its wheels are: eight times as fast, and the same nodes.
        return _top_node(text, path, found, getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    except yaml.YAMLError:
        return _top_node(text, path, found, yaml.SafeLoader)  # once more: Python's loader says better where and what


def _top_node(text: str, path: str, found: list[Problem], loader: Any) -> yaml.MappingNode | None:
    depth = 0
    for token in yaml.scan(text, Loader=loader):
        depth += isinstance(token, _OPENING) - isinstance(token, _CLOSING)
        if depth > MAX_DEPTH:  # the composer calls itself at each level
            place = Place(path, token.start_mark.line + 1)
            message = _("This is nested over %(depth)d levels deep.", depth=MAX_DEPTH)
            found.append(Problem(place, message, _("Write it flatter.")))
            return None
        if isinstance(token, _REFUSED):
            place = Place(path, token.start_mark.line + 1)
            message = _("YAML tags, anchors and aliases are not allowed.")
            found.append(Problem(place, message, _("Write the value out.")))
            return None
    node = yaml.compose(text, Loader=loader)
    if not isinstance(node, yaml.MappingNode):
        found.append(Problem(Place(path, 1), _("The file holds no mapping."), _("Begin it with “slug:”.")))
        return None
    return node


class Mapping:
    """A YAML mapping whose keys are taken one by one; `done` reports what nobody asked for.

    Of a draft, texts may still be missing, in one language or in both.
    """

    def __init__(self, node: yaml.MappingNode, path: str, found: list[Problem], *, is_draft: bool = False) -> None:
        self.path, self.found, self.is_draft = path, found, is_draft
        self.place = Place(path, node.start_mark.line + 1)
        self.values: dict[str, yaml.Node] = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else "?"
            if name in self.values:
                self.fault(key, _("The key “%(key)s” stands twice.", key=name), _("Remove one."))
            self.values[name] = value
        self.untaken = set(self.values)

    def fault(self, node: yaml.Node | None, message: Sentence, cure: Sentence) -> None:
        place = Place(self.path, node.start_mark.line + 1) if node else self.place
        self.found.append(Problem(place, message, cure))

    def take(self, key: str, *, required: bool = True) -> yaml.Node | None:
        self.untaken.discard(key)
        node = self.values.get(key)
        if node is None and required:
            self.fault(None, _("“%(key)s” is missing.", key=key), _("Add it."))
        return node

    def within(self, node: yaml.MappingNode) -> "Mapping":
        return Mapping(node, self.path, self.found, is_draft=self.is_draft)

    def words(self, key: str, *, longest: int = MAX_TEXT_LENGTH) -> str:
        """A text that must be there, unless it is a draft's."""
        node = self.values.get(key)
        is_empty = node is None or (isinstance(node, yaml.ScalarNode) and not node.value.strip())
        if self.is_draft and is_empty:
            self.take(key, required=False)
            return ""
        return self.scalar(key, longest=longest)

    def scalar(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> str:
        node = self.take(key, required=required)
        if node is None:
            return ""
        if not isinstance(node, yaml.ScalarNode) or not node.value.strip():
            self.fault(node, _("“%(key)s” is not a plain value.", key=key), _("Write one value after the colon."))
            return ""
        value: str = node.value.strip()
        if len(value) > longest:
            self.fault(node, _("“%(key)s” is over %(longest)d characters.", key=key, longest=longest), _("Shorten it."))
        if CONTROL.search(value):
            self.fault(node, _("“%(key)s” has control characters.", key=key), _("Remove them."))
        return value

    def name(self, key: str, *, required: bool = True) -> str:
        value = self.scalar(key, required=required)
        if value and not NAME.fullmatch(value):
            cure = _("Use lower-case letters, digits, “-”, “.” and “/”, 120 at most.")
            self.fault(self.values[key], _("“%(value)s” is not a valid %(key)s.", value=value, key=key), cure)
        return value

    def parsed(
        self, key: str, parse: Callable[[str], T], placeholder: T, cure: Sentence, *, required: bool = True
    ) -> T:
        value = self.scalar(key, required=required)
        if not value:
            return placeholder
        try:
            return parse(value)
        except (ValueError, InvalidOperation):
            self.fault(self.values[key], _("“%(value)s” is not a valid %(key)s.", value=value, key=key), cure)
            return placeholder

    def date(self, key: str) -> date | None:
        return self.parsed(key, date.fromisoformat, None, _("Write it as YYYY-MM-DD."), required=False)

    def choice(self, key: str, choices: type[E]) -> E:
        cure = _("Use one of: %(choices)s.", choices=", ".join(choices))
        return self.parsed(key, choices, next(iter(choices)), cure)

    def optional_choice(self, key: str, choices: type[E], default: D) -> E | D:
        return self.choice(key, choices) if key in self.values else default

    def flag(self, key: str) -> bool:
        node = self.take(key, required=False)
        if node is not None and node.value not in ("true", "false"):
            self.fault(node, _("“%(key)s” is neither true nor false.", key=key), _("Write true or false."))
        return node is not None and node.value == "true"

    def text(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> Text:
        node = self.take(key, required=required and not self.is_draft)
        if node is None:
            return EMPTY
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, _("“%(key)s” is not in two languages.", key=key), _('Write {en: "…", zh: "…"}.'))
            return EMPTY
        pair = self.within(node)
        text = Text(pair.words("en", longest=longest), pair.words("zh", longest=longest))
        pair.done()
        return text

    def items(self, key: str) -> list[yaml.Node]:
        node = self.take(key, required=False)
        if node is None:
            return []
        if not isinstance(node, yaml.SequenceNode):
            self.fault(node, _("“%(key)s” is not a list.", key=key), _("Begin each item with “- ”."))
            return []
        return list(node.value)

    def names(self, key: str) -> tuple[str, ...]:
        names = []
        for node in self.items(key):
            if isinstance(node, yaml.ScalarNode) and NAME.fullmatch(node.value):
                names.append(node.value)
            else:
                self.fault(
                    node, _("An item of “%(key)s” is not a key.", key=key), _("Write keys such as csl-2025/43-1.")
                )
        return tuple(names)

    def one(self, key: str, build: Callable[["Mapping"], T], placeholder: T, cure: Sentence) -> T:
        node = self.take(key)
        if node is None:
            return placeholder
        if not isinstance(node, yaml.MappingNode):
            self.fault(node, _("“%(key)s” is not a mapping.", key=key), cure)
            return placeholder
        return build(self.within(node))

    def many(
        self, key: str, build: Callable[["Mapping"], T], *, missing: tuple[Sentence, Sentence] | None = None
    ) -> tuple[T, ...]:
        """`missing` is the message and the cure of a list that must have an item and has none."""
        built = []
        for node in self.items(key):
            if isinstance(node, yaml.MappingNode):
                built.append(build(self.within(node)))
            else:
                self.fault(node, _("An item of “%(key)s” is not a mapping.", key=key), _("Give it keys and values."))
        if missing and not built:
            self.fault(None, *missing)
        return tuple(built)

    def expect(self, key: str, value: str) -> None:
        node = self.values.get(key)
        if node is not None and node.value != value:
            cure = _("Write %(key)s: %(value)s or rename the file.", key=key, value=value)
            self.fault(node, _("“%(value)s” differs from the file's name.", value=node.value), cure)

    def done(self) -> None:
        for key in sorted(self.untaken):
            cure = _("Correct its spelling; docs/content-format.md lists the keys.")
            self.fault(self.values[key], _("Unknown key “%(key)s”.", key=key), cure)
