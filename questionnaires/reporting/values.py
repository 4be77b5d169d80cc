"""What the templates of a report loop over: prepared values, nothing to compute."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from questionnaires.reporting.texts import Text, Typed


@dataclass(frozen=True, slots=True)
class Cover:
    organisation: Typed
    name: Typed
    subject: Typed
    question_set: Text
    version: int
    revision: int
    as_of: str
    submitted_at: str
    submitted_iso: str
    submitted_by: Typed
    language: Text
    digest: str
    code: str
    confidential: Text

    @property
    def is_long(self) -> bool:
        """Whether the names need smaller type to stay on one page."""
        return len(self.organisation.text) + len(self.name.text) + len(self.subject.text) > 300


@dataclass(frozen=True, slots=True)
class Count:
    outcome: str
    label: Text
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """A score with its range and outcomes. `score` is a dash without answers, `range` empty when all is answered."""

    label: Text
    mark: Text
    score: str
    range: str
    counts: tuple[Count, ...]
    total: int
    score_bar: SafeString
    outcome_bar: SafeString


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure: the number, what it counts, and a word of explanation."""

    number: str
    label: Text
    detail: Text


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision. `caution` says how far it was verified, empty: in full; `outcome` is the worst of its questions'."""

    anchor: str
    title: Text
    ref: Text
    force: Text
    meta: Text
    caution: Text
    statement: Text
    binds: Text
    note: Text
    outcome: str
    outcome_label: Text


@dataclass(frozen=True, slots=True)
class Gap:
    number: str
    anchor: str
    text: Text
    short: Text
    severity: str
    outcome: str
    outcome_label: Text
    citations: tuple[Citation, ...]
    remediation: Text


@dataclass(frozen=True, slots=True)
class GapGroup:
    """The gaps of one severity, worst first."""

    severity: str
    title: Text
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class Summary:
    """`situation` explains a report without a score; empty otherwise."""

    situation: Text
    lead: Text
    tiles: tuple[Tile, ...]
    critical: tuple[Gap, ...]
    critical_sentence: Text
    unconfirmed: Text
    more_critical: Text
    more_instruments: Text


@dataclass(frozen=True, slots=True)
class Question:
    number: str
    anchor: str
    ref: str
    group: Text
    text: Text
    severity_label: Text
    outcome: str
    outcome_label: Text
    level: Text
    answered: Text
    justification: Typed
    note: Typed
    evidence: Text
    is_confirmed: bool
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Section:
    number: int
    anchor: str
    title: Text
    intro: Text
    figures: Figures | None
    questions: tuple[Question, ...]
    not_asked: Text


@dataclass(frozen=True, slots=True)
class NotAsked:
    number: str
    text: Text
    reason: Text


@dataclass(frozen=True, slots=True)
class Fact:
    text: Text
    value: Text


@dataclass(frozen=True, slots=True)
class Instrument:
    title: Text
    meta: Text
    dates: Text
    caution: Text
    counted: Text
    source: Text
    note: Text
    provisions: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class Weight:
    label: Text
    number: str


@dataclass(frozen=True, slots=True)
class Explanation:
    """A line of the legend."""

    outcome: str
    label: Text
    explanation: Text


@dataclass(frozen=True, slots=True)
class Entry:
    """A line of the contents."""

    anchor: str
    label: Text
    is_section: bool = False


@dataclass(frozen=True, slots=True)
class Coming:
    """A provision that takes effect after the as-of date."""

    day: str
    citation: Citation


@dataclass(frozen=True, slots=True)
class DutyRow:
    """`day` is its next date, empty without one; `open_facts` would settle whether it applies."""

    ref: str
    title: Text
    text: Text
    day: str
    is_past: bool
    rhythm: Text
    details: tuple[Text, ...]
    open_facts: tuple[Text, ...]
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class DutyGroup:
    """Duties of one kind of date, the next one first."""

    key: str
    title: Text
    notes: tuple[Text, ...]
    rows: tuple[DutyRow, ...]


@dataclass(frozen=True, slots=True)
class ReportContext:
    language: str
    tag: str
    is_both: bool
    is_draft: bool
    document_title: str
    running_title: str
    words: Mapping[str, Text]
    contents: tuple[Entry, ...]
    cover: Cover
    summary: Summary
    legend: tuple[Explanation, ...]
    overall: Figures
    by_legal_force: tuple[Figures, ...]
    by_instrument: tuple[Figures, ...]
    by_section: tuple[Figures, ...]
    shown_instruments: tuple[Figures, ...]
    register: tuple[GapGroup, ...]
    register_sentence: Text
    duties: tuple[DutyGroup, ...]
    coming_up: tuple[Coming, ...]
    sections: tuple[Section, ...]
    not_asked: tuple[NotAsked, ...]
    facts: tuple[Fact, ...]
    instruments: tuple[Instrument, ...]
    method: tuple[Text, ...]
    weights: tuple[Weight, ...]
    scoring_version: int

    @property
    def overall_rows(self) -> tuple[Figures, ...]:
        return (self.overall,)
