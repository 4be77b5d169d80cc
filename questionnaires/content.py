"""The library's content as frozen values, and what can be wrong with it. Pure: no Django, no I/O.

`reading.py` makes these from YAML; `importing.py` loads them into the database. docs/content-format.md explains each
field.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from questionnaires import applicability
from questionnaires.scoring import Outcome, Severity


class LegalForce(StrEnum):
    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    DEPARTMENTAL_RULE = "departmental_rule"
    JUDICIAL_INTERPRETATION = "judicial_interpretation"
    MANDATORY_STANDARD = "mandatory_standard"
    RECOMMENDED_STANDARD = "recommended_standard"
    INDUSTRY_INITIATIVE = "industry_initiative"
    COMPANY_GUIDELINE = "company_guideline"
    CASE = "case"


BINDING_FORCES = frozenset(
    {
        LegalForce.LAW,
        LegalForce.ADMINISTRATIVE_REGULATION,
        LegalForce.DEPARTMENTAL_RULE,
        LegalForce.JUDICIAL_INTERPRETATION,
        LegalForce.MANDATORY_STANDARD,
    }
)
# A statement or an event has no entry into force: without a date it holds on every day.
UNDATED_FORCES = frozenset({LegalForce.INDUSTRY_INITIATIVE, LegalForce.COMPANY_GUIDELINE, LegalForce.CASE})


class Stage(StrEnum):
    ADOPTED = "adopted"
    DRAFT = "draft"


class Verification(StrEnum):
    VERIFIED = "verified"
    SECTION = "section"
    UNVERIFIED = "unverified"
    WITHHELD = "withheld"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value stands: a path and a 1-based line."""

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    place: Place
    message: str
    cure: str

    def __str__(self) -> str:
        return f"{self.place.path}:{self.place.line}: {self.message} {self.cure}"


@dataclass(frozen=True, slots=True)
class Text:
    en: str
    zh: str


EMPTY = Text("", "")


@dataclass(frozen=True, slots=True)
class Provision:
    key: str
    ref: Text
    statement: Text
    binds: Text
    verification: Verification
    place: Place = field(compare=False)
    is_derived: bool = False
    change_note: Text = EMPTY
    note: Text = EMPTY
    in_force_from: date | None = None
    in_force_until: date | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Instrument:
    slug: str
    title: Text
    short_title: Text
    issuer: Text
    legal_force: LegalForce
    stage: Stage
    source: Text
    verification: Verification
    provisions: tuple[Provision, ...]
    place: Place = field(compare=False)
    number: Text = EMPTY
    note: Text = EMPTY
    issued_on: date | None = None
    in_force_from: date | None = None
    in_force_until: date | None = None
    superseded_by: str | None = None


@dataclass(frozen=True, slots=True)
class Level:
    ref: str
    label: Text
    description: Text
    outcome: Outcome
    score: Decimal
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Scale:
    ref: str
    title: Text
    levels: tuple[Level, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Choice:
    ref: str
    label: Text
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Fact:
    ref: str
    kind: applicability.FactKind
    text: Text
    help: Text
    choices: tuple[Choice, ...]
    place: Place = field(compare=False)

    @property
    def type(self) -> applicability.FactType:
        is_yes_no = self.kind is applicability.FactKind.YES_NO
        values = applicability.YES_NO if is_yes_no else tuple(choice.ref for choice in self.choices)
        return applicability.FactType(self.kind, values)


@dataclass(frozen=True, slots=True)
class Question:
    ref: str
    text: Text
    why: Text
    evidence: Text
    remediation: Text
    severity: Severity
    scale: str
    applies_if: str
    citations: tuple[str, ...]
    place: Place = field(compare=False)
    group: Text = EMPTY


@dataclass(frozen=True, slots=True)
class Section:
    ref: str
    title: Text
    intro: Text
    questions: tuple[Question, ...]
    place: Place = field(compare=False)


@dataclass(frozen=True, slots=True)
class Version:
    """One numbered edition of a question set."""

    slug: str
    number: int
    title: Text
    description: Text
    weights: Mapping[Severity, Decimal]
    scales: tuple[Scale, ...]
    facts: tuple[Fact, ...]
    sections: tuple[Section, ...]
    place: Place = field(compare=False)

    @property
    def questions(self) -> Iterator[Question]:
        return (question for section in self.sections for question in section.questions)


@dataclass(frozen=True, slots=True)
class Library:
    instruments: tuple[Instrument, ...]
    versions: tuple[Version, ...]

    @property
    def provisions(self) -> Iterator[tuple[Instrument, Provision]]:
        return ((instrument, provision) for instrument in self.instruments for provision in instrument.provisions)


_ITEM_LETTER = re.compile(r"(?<![A-Za-z])[a-z](?:[)）]|项)")


def validate(library: Library) -> list[Problem]:
    """Return every fault in what the files say, in file order; empty when the library may be loaded."""
    return [*_instrument_problems(library), *_version_problems(library)]


def _repeated(things: Iterable[tuple[str, Place]], what: str) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for name, place in things:
        if name in seen:
            first = seen[name]
            message = f"The {what} “{name}” is used twice; first at {first.path}:{first.line}."
            yield Problem(place, message, "Give one of them another name.")
        seen.setdefault(name, place)


def _instrument_problems(library: Library) -> Iterator[Problem]:
    slugs = {instrument.slug for instrument in library.instruments}
    keys = {provision.key for _, provision in library.provisions}
    yield from _repeated(((i.slug, i.place) for i in library.instruments), "instrument slug")
    yield from _repeated(((p.key, p.place) for _, p in library.provisions), "provision key")
    yield from _superseding_problems([(i.slug, i.superseded_by, i.place) for i in library.instruments], slugs)
    yield from _superseding_problems([(p.key, p.superseded_by, p.place) for _, p in library.provisions], keys)
    for instrument in library.instruments:
        yield from _date_problems(instrument, instrument.place)
        if instrument.stage is Stage.DRAFT and (instrument.in_force_from or instrument.in_force_until):
            yield Problem(instrument.place, "A draft has dates in force.", "Remove them, or set stage: adopted.")
        for provision in instrument.provisions:
            yield from _provision_problems(instrument, provision)


def _date_problems(thing: Instrument | Provision, place: Place) -> Iterator[Problem]:
    if thing.in_force_from and thing.in_force_until and thing.in_force_from > thing.in_force_until:
        message = f"in_force_from {thing.in_force_from} is after in_force_until {thing.in_force_until}."
        yield Problem(place, message, "Swap or correct the dates; until is the last day in force.")


def _provision_problems(instrument: Instrument, provision: Provision) -> Iterator[Problem]:
    place = provision.place
    yield from _date_problems(provision, place)
    if not provision.key.startswith(f"{instrument.slug}/"):
        message = f"The key “{provision.key}” does not begin with “{instrument.slug}/”."
        yield Problem(place, message, "Begin it with the instrument's slug and a slash.")
    if provision.verification is Verification.SECTION:
        for ref in (provision.ref.en, provision.ref.zh):
            if _ITEM_LETTER.search(ref):
                message = f"“{ref}” names an item letter, but is verified at section level only."
                yield Problem(place, message, "Cite the section without its letter.")
    start, end = instrument.in_force_from, instrument.in_force_until
    for day in (provision.in_force_from, provision.in_force_until):
        if day and ((start and day < start) or (end and day > end)):
            message = f"{day} lies outside the dates of {instrument.slug} ({start or '…'} to {end or '…'})."
            yield Problem(place, message, "Correct the provision's date or the instrument's.")


def _superseding_problems(rows: list[tuple[str, str | None, Place]], known: set[str]) -> Iterator[Problem]:
    successor = {name: after for name, after, _ in rows}
    for name, after, place in rows:
        if after is None:
            continue
        if after not in known:
            message = f"superseded_by names “{after}”, which is not in the library."
            yield Problem(place, message, "Correct the name, or add what it names.")
            continue
        path: set[str] = {name}
        at: str | None = after
        while at is not None and at not in path:
            path.add(at)
            at = successor.get(at)
        if at == name:
            yield Problem(place, f"“{name}” supersedes itself.", "Break the circle of superseded_by.")


def _version_problems(library: Library) -> Iterator[Problem]:
    citable = {p.key: Verification.WITHHELD not in (i.verification, p.verification) for i, p in library.provisions}
    names = ((f"{v.slug}/{v.number}", v.place) for v in library.versions)
    yield from _repeated(names, "version")
    for version in library.versions:
        yield from _repeated(((s.ref, s.place) for s in version.sections), "section ref")
        yield from _repeated(((f.ref, f.place) for f in version.facts), "fact ref")
        yield from _repeated(((s.ref, s.place) for s in version.scales), "scale ref")
        yield from _repeated(((q.ref, q.place) for q in version.questions), "question ref")
        if not any(True for _ in version.questions):
            yield Problem(version.place, "The version asks nothing.", "Add a section with a question.")
        for scale in version.scales:
            yield from _scale_problems(scale)
        for fact in version.facts:
            yield from _fact_problems(fact)
        types = {fact.ref: fact.type for fact in version.facts}
        scales = {scale.ref for scale in version.scales}
        for question in version.questions:
            yield from _question_problems(question, types=types, scales=scales, citable=citable)


def _scale_problems(scale: Scale) -> Iterator[Problem]:
    yield from _repeated(((level.ref, level.place) for level in scale.levels), "level ref")
    if not any(level.outcome is Outcome.MET for level in scale.levels):
        yield Problem(scale.place, f"No level of “{scale.ref}” is met.", "Give at least one level outcome: met.")
    for level in scale.levels:
        if level.outcome in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED):
            message = f"A level cannot have the outcome {level.outcome}."
            yield Problem(level.place, message, "Use met, partly_met or not_met; N/A is offered beside the levels.")
        if not 0 <= level.score <= 1:
            yield Problem(level.place, f"The score {level.score} is not between 0 and 1.", "Correct the score.")


def _fact_problems(fact: Fact) -> Iterator[Problem]:
    yield from _repeated(((choice.ref, choice.place) for choice in fact.choices), "choice")
    if (fact.kind is applicability.FactKind.YES_NO) == bool(fact.choices):
        cure = "A yes_no fact has no choices; choice and choices have some."
        yield Problem(fact.place, f"The fact “{fact.ref}” of kind {fact.kind} has {len(fact.choices)} choices.", cure)


def _question_problems(
    question: Question, *, types: applicability.FactTypes, scales: set[str], citable: Mapping[str, bool]
) -> Iterator[Problem]:
    place = question.place
    for fault in applicability.problems(question.applies_if, types):
        yield Problem(place, f"applies_if of “{question.ref}”: {fault}.", "Correct the expression.")
    if question.scale not in scales:
        yield Problem(place, f"“{question.scale}” is not a scale of this version.", "Name one of its scales.")
    yield from _repeated(((key, place) for key in question.citations), f"citation of {question.ref}")
    for key in question.citations:
        if key not in citable:
            message = f"“{question.ref}” cites “{key}”, which is not a provision of the library."
            yield Problem(place, message, "Correct the key, or add the provision to its instrument.")
    if not any(citable.get(key) for key in question.citations):
        message = f"“{question.ref}” rests on no provision that may be shown."
        yield Problem(place, message, "Cite at least one provision that is not withheld.")
