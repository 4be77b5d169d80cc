"""The library's content as frozen values, and what can be wrong with it. Pure: no Django, no I/O.

`reading.py` makes these from YAML; `importing.py` loads them into the database. docs/content-format.md explains each
field.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum

from questionnaires import applicability
from questionnaires.scoring import Outcome, Severity
from questionnaires.sentences import Sentence


def plain(number: Decimal) -> Decimal:
    """The same number without trailing zeros or an exponent, as a file writes it: 0.5 for 0.500."""
    whole = number.to_integral_value()
    return (whole.quantize(Decimal(1)) if number == whole else number.normalize()) + 0


class LegalForce(StrEnum):
    LAW = "law"
    ADMINISTRATIVE_REGULATION = "administrative_regulation"
    DEPARTMENTAL_RULE = "departmental_rule"
    NORMATIVE_DOCUMENT = "normative_document"
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
        LegalForce.NORMATIVE_DOCUMENT,
        LegalForce.JUDICIAL_INTERPRETATION,
        LegalForce.MANDATORY_STANDARD,
    }
)
# A statement or an event has no entry into force: without a date it holds on every day.
UNDATED_FORCES = frozenset({LegalForce.INDUSTRY_INITIATIVE, LegalForce.COMPANY_GUIDELINE, LegalForce.CASE})


class Jurisdiction(StrEnum):
    CHINA = "cn"
    EUROPEAN_UNION = "eu"
    ILLINOIS = "us-il"


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
    """Where a value stands: a file's path and a 1-based line, or a row of the database by its model and primary key.

    `Place("library/instruments/pipl.yaml", 41)`; `Place("question", 7)` (the model's lower-case name) from
    `exporting.py`.
    """

    path: str
    line: int


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in English, and the cure; a warning keeps nothing from being loaded or published.

    `field` is the one to blame, where it is one.
    """

    place: Place
    message: Sentence
    cure: Sentence
    is_warning: bool = False
    field: str = field(default="", compare=False)

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
    jurisdiction: Jurisdiction = Jurisdiction.CHINA
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


class Rhythm(StrEnum):
    """When a duty falls due: on a day, so long after an event, each year on a day, every so often, or kept so long."""

    ON = "on"
    WITHIN = "within"
    YEARLY = "yearly"
    EVERY = "every"
    KEEP = "keep"


class Unit(StrEnum):
    HOURS = "hours"
    DAYS = "days"
    WORKING_DAYS = "working_days"
    MONTHS = "months"
    YEARS = "years"


@dataclass(frozen=True, slots=True)
class Duty:
    """A dated or periodic duty: `day` for on, `month` and `day_of_month` for yearly, else `count` and `unit`."""

    ref: str
    title: Text
    text: Text
    rhythm: Rhythm
    applies_if: str
    citations: tuple[str, ...]
    place: Place = field(compare=False)
    event: Text = EMPTY
    day: date | None = None
    month: int | None = None
    day_of_month: int | None = None
    count: int | None = None
    unit: Unit | None = None


@dataclass(frozen=True, slots=True)
class Contradiction:
    """Facts and answers that cannot all be right; `holds_if` may name questions, whose value is their outcome."""

    ref: str
    text: Text
    holds_if: str
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
    duties: tuple[Duty, ...] = ()
    contradictions: tuple[Contradiction, ...] = ()

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
