"""What the templates of a report loop over: prepared values, nothing to compute."""

from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.safestring import SafeString

from questionnaires.reporting.texts import Text, Typed


@dataclass(frozen=True, slots=True)
class Logo:
    """A PNG by its SHA-256; width and height in pixels."""

    digest: str
    width: int
    height: int
    alternative: str


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
    text: Text
    marking: Text
    logo: Logo | None

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
    """A score with its range and outcomes. `score` is a dash without answers, `range` empty when all is answered.

    `explained` is where its terms stand: an address on the web, an anchor in print.
    """

    label: Text
    mark: Text
    score: str
    range: str
    counts: tuple[Count, ...]
    total: int
    score_bar: SafeString
    outcome_bar: SafeString
    explained: str


@dataclass(frozen=True, slots=True)
class Tile:
    """A key figure: the number, what it counts, and a word of explanation."""

    number: str
    label: Text
    detail: Text
    explained: str = ""


@dataclass(frozen=True, slots=True)
class Citation:
    """A provision. `caution` says how far it was verified, empty: in full; `outcome` is the worst of its questions'.

    `meta` is its force and dates; `dated` its dates where they are not those of the whole instrument, and what changed.
    """

    anchor: str
    title: Text
    ref: Text
    force: Text
    meta: Text
    dated: Text
    caution: Text
    statement: Text
    binds: Text
    note: Text
    outcome: str
    outcome_label: Text


@dataclass(frozen=True, slots=True)
class ForceGroup:
    """Provisions of one legal force that a question rests on."""

    force: Text
    citations: tuple[Citation, ...]


@dataclass(frozen=True, slots=True)
class PlannedAction:
    """What somebody will do about a gap; `plan` says effort, owner, due day and status in one line."""

    title: Typed
    plan: Text


@dataclass(frozen=True, slots=True)
class Gap:
    """`points` is what meeting it adds to the sum behind the overall score, and which share of that score it is.

    `anchor` is its question's among the answers, `own_anchor` that of its entry in the register.
    """

    ref: str
    number: str
    anchor: str
    own_anchor: str
    text: Text
    short: Text
    severity: str
    severity_label: Text
    is_binding: bool
    binding: Text
    outcome: str
    outcome_label: Text
    level: Text
    answered: Text
    why: Text
    citations: tuple[Citation, ...]
    forces: tuple[ForceGroup, ...]
    remediation: Text
    points: Text
    actions: tuple[PlannedAction, ...]


@dataclass(frozen=True, slots=True)
class GapGroup:
    """The gaps of one severity, worst first."""

    severity: str
    title: Text
    gaps: tuple[Gap, ...]


@dataclass(frozen=True, slots=True)
class ComingGroup:
    """What one instrument brings into force on one day."""

    day: str
    title: Text
    number: Text


@dataclass(frozen=True, slots=True)
class Summary:
    """`situation` explains a report without a score; empty otherwise."""

    situation: Text
    lead: Text
    tiles: tuple[Tile, ...]
    worst: tuple[Gap, ...]
    worst_sentence: Text
    more_gaps: Text
    more_instruments: Text
    unconfirmed: Text
    trust: tuple[Text, ...]
    coming: tuple[ComingGroup, ...]
    coming_sentence: Text


@dataclass(frozen=True, slots=True)
class Question:
    """What a gap rests on stands in the register: `gap_anchor` leads there, and is empty for any other question."""

    number: str
    anchor: str
    gap_anchor: str
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
    forces: tuple[ForceGroup, ...]


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
class OutcomeSections:
    """The sections, by number, in which a row of the heat map has this outcome."""

    outcome: str
    sections: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    label: Text
    strip: SafeString
    cells: tuple[OutcomeSections, ...]


@dataclass(frozen=True, slots=True)
class Topic:
    number: str
    title: Text


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Instruments down, topics across; `cells` of each row stand in the order of `outcomes`."""

    head: SafeString
    topics: tuple[Topic, ...]
    rows: tuple[HeatRow, ...]
    outcomes: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ExplainedTerm:
    """One question's share in a score; a dash where it has none."""

    number: str
    anchor: str
    text: Text
    severity_label: Text
    outcome: str
    outcome_label: Text
    level: Text
    weight: str
    score: str
    product: str
    low: str
    high: str


@dataclass(frozen=True, slots=True)
class ExplainedGroup:
    """A score as a quotient; `line` names its terms in short."""

    label: Text
    line: str
    points: str
    weight: str
    score: str
    range: str


@dataclass(frozen=True, slots=True)
class Explained:
    """One score with every term: `exact` is as it was frozen, to six decimals."""

    label: Text
    terms: tuple[ExplainedTerm, ...]
    group: ExplainedGroup
    exact: str
    shows_range: bool
    low_points: str
    high_points: str
    possible: str
    low: str
    high: str
    scoring_version: int


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
    heat_map: HeatMap
    explained: tuple[ExplainedGroup, ...]
    left_out: Text
    parts: frozenset[str]
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
