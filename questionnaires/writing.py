"""From content values to YAML in the library's own format. Pure: no Django, no I/O.

What `reading.py` reads from it is the same value, and writing that again gives the same bytes.
"""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import date

from questionnaires.content import (
    Contradiction,
    Duty,
    Fact,
    Instrument,
    Jurisdiction,
    Level,
    Provision,
    Question,
    Scale,
    Section,
    Text,
    Version,
)

LINE_LENGTH = 120
# What YAML takes for a line break, or does not take at all, unless it is escaped; JSON lets it stand.
_UNPRINTABLE = re.compile(r"[\u2028\u2029\ufeff\ufffe\uffff]")
# Read as text by every reader of YAML, without quotes.
_PLAIN = re.compile(r"[a-z][a-z0-9./_-]*")
_NOT_TEXT = frozenset({"true", "false", "yes", "no", "on", "off", "y", "n", "null"})

Entry = tuple[str, "str | Text | list[list[Entry]]"]


def version_yaml(version: Version) -> str:
    return _document(_version(version))


def instrument_yaml(instrument: Instrument) -> str:
    return _document(_instrument(instrument))


def _document(entries: list[Entry]) -> str:
    return "\n".join(_lines(entries, 0)) + "\n"


def _lines(entries: Iterable[Entry], indent: int) -> Iterator[str]:
    pad = " " * indent
    for key, value in entries:
        match value:
            case str():
                yield f"{pad}{key}: {value}"
            case Text(en, zh):
                one_line = f"{pad}{key}: {{en: {_quoted(en)}, zh: {_quoted(zh)}}}"
                if len(one_line) <= LINE_LENGTH:
                    yield one_line
                else:
                    yield from (f"{pad}{key}:", f"{pad}  en: {_quoted(en)}", f"{pad}  zh: {_quoted(zh)}")
            case _:
                yield f"{pad}{key}:"
                for item in value:
                    first, *rest = _lines(item, indent + 4)
                    yield f"{pad}  - {first[indent + 4 :]}"
                    yield from rest


def _quoted(text: str) -> str:
    """A double-quoted scalar: a JSON string is one, but for a few characters."""
    return _UNPRINTABLE.sub(lambda match: f"\\u{ord(match[0]):04x}", json.dumps(text, ensure_ascii=False))


def _bare(name: str) -> str:
    return name if _PLAIN.fullmatch(name) and name not in _NOT_TEXT else _quoted(name)


def _bares(names: Iterable[str]) -> str:
    return f"[{', '.join(_bare(name) for name in names)}]"


def _given(**values: Text | str | date | int | None) -> Iterator[Entry]:
    """What is optional and there."""
    for key, value in values.items():
        match value:
            case None | Text("", "") | "":
                continue
            case Text() | str():
                yield key, value
            case _:
                yield key, str(value)


def _many(**lists: list[list[Entry]]) -> Iterator[Entry]:
    return ((key, items) for key, items in lists.items() if items)


def _instrument(instrument: Instrument) -> list[Entry]:
    is_chinese = instrument.jurisdiction is Jurisdiction.CHINA
    return [
        ("slug", _bare(instrument.slug)),
        ("title", instrument.title),
        ("short_title", instrument.short_title),
        ("issuer", instrument.issuer),
        *_given(number=instrument.number),
        ("legal_force", _bare(instrument.legal_force)),
        *([] if is_chinese else [("jurisdiction", _bare(instrument.jurisdiction))]),
        ("stage", _bare(instrument.stage)),
        *_given(issued_on=instrument.issued_on),
        *_term(instrument),
        ("source", instrument.source),
        ("verification", _bare(instrument.verification)),
        *_given(note=instrument.note),
        *_many(provisions=[_provision(provision) for provision in instrument.provisions]),
    ]


def _term(thing: Instrument | Provision) -> Iterator[Entry]:
    superseded_by = _bare(thing.superseded_by) if thing.superseded_by else None
    return _given(in_force_from=thing.in_force_from, in_force_until=thing.in_force_until, superseded_by=superseded_by)


def _provision(provision: Provision) -> list[Entry]:
    return [
        ("key", _bare(provision.key)),
        ("ref", provision.ref),
        ("statement", provision.statement),
        ("binds", provision.binds),
        ("verification", _bare(provision.verification)),
        *_given(is_derived="true" if provision.is_derived else None, change_note=provision.change_note),
        *_term(provision),
        *_given(note=provision.note),
    ]


def _version(version: Version) -> list[Entry]:
    default_scale = version.scales[0].ref if version.scales else ""
    weights = ", ".join(f"{severity}: {weight:f}" for severity, weight in version.weights.items())
    return [
        ("slug", _bare(version.slug)),
        ("number", str(version.number)),
        ("title", version.title),
        ("description", version.description),
        ("weights", f"{{{weights}}}"),
        *_many(
            scales=[_scale(scale) for scale in version.scales],
            facts=[_fact(fact) for fact in version.facts],
            sections=[_section(section, default_scale) for section in version.sections],
            duties=[_duty(duty) for duty in version.duties],
            contradictions=[_contradiction(contradiction) for contradiction in version.contradictions],
        ),
    ]


def _scale(scale: Scale) -> list[Entry]:
    levels = [_level(level) for level in scale.levels]
    return [("ref", _bare(scale.ref)), ("title", scale.title), *_many(levels=levels)]


def _level(level: Level) -> list[Entry]:
    return [
        ("ref", _bare(level.ref)),
        ("label", level.label),
        *_given(description=level.description),
        ("outcome", _bare(level.outcome)),
        ("score", _quoted(f"{level.score:f}")),
    ]


def _fact(fact: Fact) -> list[Entry]:
    return [
        ("ref", _bare(fact.ref)),
        ("kind", _bare(fact.kind)),
        ("text", fact.text),
        *_given(help=fact.help),
        *_many(choices=[[("ref", _bare(choice.ref)), ("label", choice.label)] for choice in fact.choices]),
    ]


def _section(section: Section, default_scale: str) -> list[Entry]:
    questions = [_question(question, default_scale) for question in section.questions]
    return [
        ("ref", _bare(section.ref)),
        ("title", section.title),
        ("intro", section.intro),
        *_many(questions=questions),
    ]


def _question(question: Question, default_scale: str) -> list[Entry]:
    own_scale = "" if question.scale == default_scale else _bare(question.scale)
    return [
        ("ref", _bare(question.ref)),
        ("text", question.text),
        ("why", question.why),
        ("evidence", question.evidence),
        ("remediation", question.remediation),
        ("severity", _bare(question.severity)),
        *_given(group=question.group, scale=own_scale, applies_if=_expression(question.applies_if)),
        ("citations", _bares(question.citations)),
    ]


def _expression(expression: str) -> str:
    return _quoted(expression) if expression else ""


def _duty(duty: Duty) -> list[Entry]:
    return [
        ("ref", _bare(duty.ref)),
        ("title", duty.title),
        ("text", duty.text),
        ("rhythm", _bare(duty.rhythm)),
        *_given(day=duty.day, month=duty.month, day_of_month=duty.day_of_month, count=duty.count),
        *_given(unit=_bare(duty.unit) if duty.unit else None, event=duty.event),
        *_given(applies_if=_expression(duty.applies_if)),
        ("citations", _bares(duty.citations)),
    ]


def _contradiction(contradiction: Contradiction) -> list[Entry]:
    return [
        ("ref", _bare(contradiction.ref)),
        ("text", contradiction.text),
        ("holds_if", _quoted(contradiction.holds_if)),
    ]
