"""JSON Schemas (2020-12) of the library's format, drawn from the reader itself. No Django.

`reading.py` asks a mapping for its keys one by one; a `Sketch` stands in for it and notes what it is asked for. So the
schema cannot differ from the reader. `manage.py write_schemas` writes the files that are published.
"""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from questionnaires import reading
from questionnaires.content import EMPTY, Place, Rhythm, Text
from questionnaires.validation import TIMING, TIMING_FIELDS
from questionnaires.yaml_mapping import CONTROL, MAX_TEXT_LENGTH, NAME

FOLDER = Path(__file__).resolve().parent / "library" / "schema"
NAMES = ("instrument", "question-set")
D = TypeVar("D")
T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)
Schema = dict[str, Any]

_NAME: Schema = {"type": "string", "pattern": f"^{NAME.pattern}$"}
_CONTROL = CONTROL.pattern.replace(r"\ud800-\udfff", "")  # half characters, which no JSON text has
# How many decimals a number has cannot be told, since numbers are inexact; of one that is quoted it can.
_PARSED: dict[Callable[[str], Any], Schema] = {
    reading.positive: {
        "type": ["integer", "string"],
        "minimum": 1,
        "maximum": 9999,
        "pattern": "^[1-9][0-9]{0,3}$",
    },
    reading.weight: {
        "type": ["number", "string"],
        "exclusiveMinimum": 0,
        "exclusiveMaximum": 10_000,
        "pattern": r"^(?=.*[1-9])[0-9]{1,4}(\.[0-9]{1,2})?$",
    },
    reading.score: {
        "type": ["number", "string"],
        "minimum": 0,
        "maximum": 1,
        "pattern": r"^(0(\.[0-9]{1,3})?|1(\.0{1,3})?)$",
    },
    date.fromisoformat: {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"},
}


class Sketch:
    """Answers like a `yaml_mapping.Mapping` in which every key stands, and notes each as a property."""

    place = Place("", 0)

    def __init__(self) -> None:
        self.properties: dict[str, Schema] = {}
        self.required: list[str] = []

    @property
    def schema(self) -> Schema:
        needed = {"required": self.required} if self.required else {}
        return {"type": "object", "properties": self.properties, **needed, "additionalProperties": False}

    def _note(self, key: str, schema: Schema, *, required: bool) -> None:
        self.properties[key] = schema
        if required:
            self.required.append(key)

    def scalar(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> str:
        self._note(key, _string(longest), required=required)
        return ""

    def words(self, key: str, *, longest: int = MAX_TEXT_LENGTH) -> str:
        return self.scalar(key, longest=longest)

    def name(self, key: str, *, required: bool = True) -> str:
        self._note(key, _NAME, required=required)
        return ""

    def parsed(self, key: str, parse: Callable[[str], T], placeholder: T, _cure: str, *, required: bool = True) -> T:
        self._note(key, _PARSED[parse], required=required)
        return placeholder

    def date(self, key: str) -> date | None:
        self._note(key, _PARSED[date.fromisoformat], required=False)
        return None

    def choice(self, key: str, choices: type[E]) -> E:
        self._note(key, {"enum": [str(choice) for choice in choices]}, required=True)
        return next(iter(choices))

    def optional_choice(self, key: str, choices: type[E], default: D) -> E | D:
        self._note(key, {"enum": [str(choice) for choice in choices]}, required=False)
        return default

    def flag(self, key: str) -> bool:
        self._note(key, {"type": "boolean"}, required=False)
        return False

    def text(self, key: str, *, required: bool = True, longest: int = MAX_TEXT_LENGTH) -> Text:
        pair = Sketch()
        pair.scalar("en", longest=longest)
        pair.scalar("zh", longest=longest)
        self._note(key, pair.schema, required=required)
        return EMPTY

    def names(self, key: str) -> tuple[str, ...]:
        self._note(key, {"type": "array", "items": _NAME, "uniqueItems": True}, required=False)
        return ()

    def one(self, key: str, build: Callable[[Any], T], _placeholder: T, _cure: str) -> T:
        inner = Sketch()
        built = build(inner)
        self._note(key, inner.schema, required=True)
        return built

    def many(self, key: str, build: Callable[[Any], T], *, missing: tuple[str, str] | None = None) -> tuple[T, ...]:
        item = Sketch()
        build(item)
        fewest = {"minItems": 1} if missing else {}
        self._note(key, {"type": "array", "items": item.schema, **fewest}, required=missing is not None)
        return ()

    def done(self) -> None:
        """Every property is noted by now."""


def _string(longest: int) -> Schema:
    """Something to read, without control characters."""
    return {"type": "string", "maxLength": longest, "pattern": r"\S", "not": {"pattern": _CONTROL}}


def schemas() -> dict[str, Schema]:
    """Both schemas by the name of their file."""
    instrument, version = Sketch(), Sketch()
    reading.instrument_of(instrument)  # type: ignore[arg-type]
    reading.version_of(version)  # type: ignore[arg-type]
    duty = version.properties["duties"]["items"]
    duty["allOf"] = [_timing(rhythm) for rhythm in Rhythm]
    titles = (
        "An instrument in one edition: instruments/<slug>.yaml",
        "A version of a question set: question-sets/<slug>/<number>.yaml",
    )
    sketches = (instrument, version)
    return {n: _document(n, title, sketch) for n, title, sketch in zip(NAMES, titles, sketches, strict=True)}


def _document(name: str, title: str, sketch: Sketch) -> Schema:
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:frcheck:schema:{name}",
        "title": title,
        **sketch.schema,
    }


def _timing(rhythm: Rhythm) -> Schema:
    """A duty has exactly the keys that its rhythm needs."""
    needed = TIMING[rhythm]
    others = [name for name in TIMING_FIELDS if name not in needed]
    return {
        "if": {"properties": {"rhythm": {"const": str(rhythm)}}},
        "then": {"required": list(needed), "properties": dict.fromkeys(others, False)},
    }
