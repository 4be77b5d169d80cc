"""What can be wrong with content. Pure: no Django, no I/O, no clock.

`validate` judges a whole library, `version_problems` one version, from a file or a draft (models/problems.py). Errors
keep it from being loaded or published, warnings do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from questionnaires import applicability
from questionnaires.content import (
    EMPTY,
    UNDATED_FORCES,
    Contradiction,
    Duty,
    Fact,
    Instrument,
    LegalForce,
    Level,
    Library,
    Place,
    Problem,
    Provision,
    Question,
    Rhythm,
    Scale,
    Stage,
    Text,
    Verification,
    Version,
)
from questionnaires.instrument_validation import instrument_problems, repeated
from questionnaires.scoring import Outcome
from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _

# What a contradiction may compare a question with.
OUTCOMES = applicability.FactType(
    applicability.FactKind.CHOICE,
    (Outcome.NOT_MET, Outcome.PARTLY_MET, Outcome.MET, Outcome.NOT_APPLICABLE),
)


@dataclass(frozen=True, slots=True)
class Citable:
    """What decides whether a citation of a provision can be shown, and on which days it counts."""

    is_shown: bool
    stage: Stage
    legal_force: LegalForce
    first: date | None
    last: date | None
    superseded_by: str | None = None
    is_anothers: bool = False  # of an organisation that the version does not belong to

    @property
    def counts_ever(self) -> bool:
        """A draft never does; what has no date only as a statement or a case."""
        return self.stage is not Stage.DRAFT and (self.first is not None or self.legal_force in UNDATED_FORCES)


@dataclass(frozen=True, slots=True)
class Namesake:
    """A question of another version or set under the same ref."""

    where: str
    text: Text
    citations: frozenset[str]


def validate(library: Library, *, on: date | None = None) -> list[Problem]:
    """Return every problem of the files, in file order; without an error the library may be loaded.

    With a day it also tells what does not count on that day, or not any more.
    """
    found = list(instrument_problems(library))
    citable = {provision.key: _citable(instrument, provision) for instrument, provision in library.provisions}
    names = ((f"{v.slug}/{v.number}", v.place) for v in library.versions)
    found += repeated(names, _("version"))
    for version in library.versions:
        found += version_problems(version, citable=citable, namesakes=_namesakes(version, library), on=on)
    return found


def _citable(instrument: Instrument, provision: Provision) -> Citable:
    return Citable(
        is_shown=Verification.WITHHELD not in (instrument.verification, provision.verification),
        stage=instrument.stage,
        legal_force=instrument.legal_force,
        first=provision.in_force_from or instrument.in_force_from or instrument.issued_on,
        last=provision.in_force_until or instrument.in_force_until,
        superseded_by=provision.superseded_by,
    )


def _namesakes(version: Version, library: Library) -> dict[str, Namesake]:
    """The questions of other sets and of the version before; of two sets the later one is told, so that one is."""
    before = [v for v in library.versions if (v.slug, v.number) < (version.slug, version.number)]
    return {
        question.ref: Namesake(f"{other.slug} {other.number}", question.text, frozenset(question.citations))
        for other in before
        for question in other.questions
    }


def version_problems(
    version: Version,
    *,
    citable: Mapping[str, Citable],
    namesakes: Mapping[str, Namesake],
    on: date | None = None,
) -> Iterator[Problem]:
    """Every problem of a version, given what is known of provisions by key and of questions elsewhere by ref."""
    yield from repeated(((s.ref, s.place) for s in version.sections), _("section ref"))
    yield from repeated(((f.ref, f.place) for f in version.facts), _("fact ref"))
    yield from repeated(((s.ref, s.place) for s in version.scales), _("scale ref"))
    yield from repeated(((q.ref, q.place) for q in version.questions), _("question ref"))
    if not any(True for _ in version.questions):
        yield _problem(
            version.place,
            _("The version asks nothing."),
            _("Add a section with a question."),
        )
    for scale in version.scales:
        yield from _scale_problems(scale)
    for fact in version.facts:
        yield from _fact_problems(fact)
    for section in version.sections:
        yield from _text_problems(section, section.ref, required=("title",), optional=("intro",))
    types = {fact.ref: fact.type for fact in version.facts}
    scales = {scale.ref for scale in version.scales}
    for question in version.questions:
        yield from _question_problems(question, types=types, scales=scales)
        yield from _citation_problems(question, citable, on)
        yield from _namesake_problems(question, namesakes)
    yield from repeated(((d.ref, d.place) for d in version.duties), _("duty ref"))
    for duty in version.duties:
        yield from _duty_problems(duty, types=types)
        yield from _citation_problems(duty, citable, on)
    yield from repeated(((c.ref, c.place) for c in version.contradictions), _("contradiction ref"))
    with_questions = types | {question.ref: OUTCOMES for question in version.questions}
    for contradiction in version.contradictions:
        yield from _contradiction_problems(contradiction, with_questions)


def _problem(
    place: Place, wording: Sentence, cure: Sentence, *, field: str = "", is_warning: bool = False, **values: object
) -> Problem:
    return Problem(place, Sentence(wording, **values), cure, is_warning, field)


# --- texts ------------------------------------------------------------------------------------------------------------

# As the labels of the columns, which have translations.
FIELD_LABELS = {
    "title": _("title"),
    "intro": _("introduction"),
    "label": _("label"),
    "description": _("description"),
    "text": _("text"),
    "help": _("help"),
    "group": _("heading"),
    "why": _("why it is asked"),
    "evidence": _("what counts as evidence"),
    "remediation": _("remediation"),
    "event": _("event"),
}
LANGUAGES = (("en", _("English")), ("zh", _("Simplified Chinese")))


def _text_problems(
    thing: object, ref: str, *, required: tuple[str, ...], optional: tuple[str, ...] = ()
) -> Iterator[Problem]:
    """A required text must be there in each language; an optional one in both or none, which is a warning."""
    for field in (*required, *optional):
        text: Text = getattr(thing, field)
        missing = [(code, name) for code, name in LANGUAGES if not getattr(text, code).strip()]
        if field in optional and len(missing) == len(LANGUAGES):
            continue
        for code, name in missing:
            yield _problem(
                thing.place,  # type: ignore[attr-defined]
                _("“%(ref)s”: %(label)s is missing in %(language)s."),
                _("Write it."),
                field=f"{field}_{code}",
                is_warning=field in optional,
                ref=ref,
                label=FIELD_LABELS[field],
                language=name,
            )


# --- parts ------------------------------------------------------------------------------------------------------------


def _scale_problems(scale: Scale) -> Iterator[Problem]:
    yield from _text_problems(scale, scale.ref, required=("title",))
    yield from repeated(((level.ref, level.place) for level in scale.levels), _("level ref"))
    if not any(level.outcome is Outcome.MET for level in scale.levels):
        yield _problem(
            scale.place,
            _("No level of “%(ref)s” is met."),
            _("Give at least one level outcome: met."),
            field="levels",
            ref=scale.ref,
        )
    for level in scale.levels:
        yield from _text_problems(level, level.ref, required=("label",), optional=("description",))
        yield from level_problems(level)


def level_problems(level: Level) -> Iterator[Problem]:
    """An outcome or a score that the database refuses, too."""
    if level.outcome in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED):
        wording = _("A level cannot have the outcome %(outcome)s.")
        cure = _("Use met, partly_met or not_met; N/A is offered beside the levels.")
        yield Problem(level.place, _(wording, outcome=level.outcome), cure)
    if not 0 <= level.score <= 1:
        message = _("The score %(score)s is not between 0 and 1.", score=level.score)
        yield Problem(level.place, message, _("Correct the score."))


def _fact_problems(fact: Fact) -> Iterator[Problem]:
    yield from _text_problems(fact, fact.ref, required=("text",), optional=("help",))
    yield from repeated(((choice.ref, choice.place) for choice in fact.choices), _("choice"))
    for choice in fact.choices:
        yield from _text_problems(choice, choice.ref, required=("label",))
    if (fact.kind is applicability.FactKind.YES_NO) == bool(fact.choices):
        yield _problem(
            fact.place,
            _("The fact “%(ref)s” of kind %(kind)s has %(count)d choices."),
            _("A yes_no fact has no choices; choice and choices have some."),
            field="choices",
            ref=fact.ref,
            kind=fact.kind,
            count=len(fact.choices),
        )


def _question_problems(question: Question, *, types: applicability.FactTypes, scales: set[str]) -> Iterator[Problem]:
    place = question.place
    yield from _text_problems(
        question, question.ref, required=("text", "why", "evidence", "remediation"), optional=("group",)
    )
    yield from _applicability_problems(question, types)
    if question.scale not in scales:
        message = _("“%(scale)s” is not a scale of this version.", scale=question.scale)
        yield Problem(place, message, _("Name one of its scales."))
    yield from repeated(((key, place) for key in question.citations), _("citation of %(ref)s", ref=question.ref))


def _applicability_problems(thing: Question | Duty, types: applicability.FactTypes) -> Iterator[Problem]:
    for fault in applicability.problems(thing.applies_if, types):
        yield _problem(
            thing.place,
            _("applies_if of “%(ref)s”: %(fault)s."),
            _CORRECT,
            field="applies_if",
            ref=thing.ref,
            fault=fault,
        )
    if not applicability.can_hold(thing.applies_if, types):
        yield _problem(
            thing.place,
            _("“%(ref)s” can never apply: no answers to the facts make its applies_if hold."),
            _CORRECT,
            field="applies_if",
            is_warning=True,
            ref=thing.ref,
        )


_CORRECT = _("Correct the expression.")
_CITE_ANOTHER = _("Cite what took its place, or check that the question is meant for other days.")


def _citation_problems(thing: Question | Duty, citable: Mapping[str, Citable], on: date | None) -> Iterator[Problem]:
    known = {key: citable[key] for key in thing.citations if key in citable}
    for key in thing.citations:
        if key not in known:
            wording = _("“%(ref)s” cites “%(key)s”, which is not a provision of the library.")
            cure = _("Correct the key, or add the provision to its instrument.")
            yield Problem(thing.place, _(wording, ref=thing.ref, key=key), cure)
        elif known[key].is_anothers:
            yield _of_citation(
                thing,
                _("“%(ref)s” cites “%(key)s”, which one organisation has for itself."),
                _("Cite what everyone may see, or what the organisation of this set has."),
                key=key,
            )
    shown = [citation for citation in known.values() if citation.is_shown]
    if not shown:
        yield _of_citation(
            thing,
            _("“%(ref)s” rests on no provision that may be shown."),
            _("Cite at least one provision that is not withheld."),
        )
    elif not any(citation.counts_ever for citation in shown):
        yield _of_citation(
            thing,
            _("“%(ref)s” is never counted: it cites only drafts and provisions without a date."),
            _("Cite a provision that is or was in force, or accept that it stands outside the scores."),
            is_warning=True,
        )
    if on:
        yield from _day_problems(thing, known, on)


def _of_citation(
    thing: Question | Duty, wording: Sentence, cure: Sentence, *, is_warning: bool = False, **values: object
) -> Problem:
    return _problem(thing.place, wording, cure, field="citations", is_warning=is_warning, ref=thing.ref, **values)


def _announces(thing: Question | Duty, first: date) -> bool:
    """A duty of the day on which a provision takes effect is there to say so beforehand."""
    return isinstance(thing, Duty) and thing.day is not None and first <= thing.day


def _day_problems(thing: Question | Duty, known: Mapping[str, Citable], on: date) -> Iterator[Problem]:
    """What has ended and nothing cited took its place; what is still to come, where nothing counts yet."""
    counting = {key: c for key, c in known.items() if c.is_shown and c.counts_ever}
    holds = any((c.first is None or c.first <= on) and (c.last is None or on <= c.last) for c in counting.values())
    for key, citation in counting.items():
        if citation.last and citation.last < on and citation.superseded_by not in known:
            yield _of_citation(
                thing,
                _("“%(ref)s” cites “%(key)s”, which ended on %(day)s."),
                _CITE_ANOTHER,
                is_warning=True,
                key=key,
                day=citation.last,
            )
        elif citation.first and citation.first > on and not holds and not _announces(thing, citation.first):
            yield _of_citation(
                thing,
                _("“%(ref)s” cites “%(key)s”, which is not in force until %(day)s."),
                _("It is not counted before that day."),
                is_warning=True,
                key=key,
                day=citation.first,
            )


def _namesake_problems(question: Question, namesakes: Mapping[str, Namesake]) -> Iterator[Problem]:
    other = namesakes.get(question.ref)
    if other and not other.citations & set(question.citations) and is_other_meaning(question.text, other.text):
        yield _problem(
            question.place,
            _("“%(ref)s” means something else in %(where)s: “%(text)s”"),
            _("Answers carry over by ref: give another one to what asks something else."),
            field="ref",
            is_warning=True,
            ref=question.ref,
            where=other.where,
            text=other.text.en or other.text.zh,
        )


_SAME_MEANING = 0.25  # the least share of words, or of pairs of Chinese characters, that a reworded question keeps


def is_other_meaning(one: Text, other: Text) -> bool:
    """Whether two wordings have too little in common, in every language that both have, to be one question."""
    shares = [
        _share(_words(one.en), _words(other.en)),
        _share(_character_pairs(one.zh), _character_pairs(other.zh)),
    ]
    known = [share for share in shares if share is not None]
    return bool(known) and max(known) < _SAME_MEANING


def _words(text: str) -> set[str]:
    return {word.strip(".,;:?!()“”\"'").lower() for word in text.split() if len(word) > 3}


def _character_pairs(text: str) -> set[str]:
    return {text[at : at + 2] for at in range(len(text) - 1)}


def _share(one: set[str], other: set[str]) -> float | None:
    """Twice what they have in common, of both: Dice's coefficient."""
    return 2 * len(one & other) / (len(one) + len(other)) if one and other else None


# What each rhythm needs beside its name; anything else given with it is a fault.
TIMING = {
    Rhythm.ON: ("day",),
    Rhythm.WITHIN: ("count", "unit", "event"),
    Rhythm.YEARLY: ("month", "day_of_month"),
    Rhythm.EVERY: ("count", "unit"),
    Rhythm.KEEP: ("count", "unit"),
}
TIMING_FIELDS = ("day", "month", "day_of_month", "count", "unit", "event")
LONGEST_COUNT = 999  # of any unit; calendars end with the year 9999
_DAYS_OF_MONTH = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def is_day_of_every_year(month: int, day: int) -> bool:
    """29 February is none: a yearly duty would have no day in most years."""
    return 1 <= month <= 12 and 1 <= day <= _DAYS_OF_MONTH[month - 1]


def _duty_problems(duty: Duty, *, types: applicability.FactTypes) -> Iterator[Problem]:
    required = ("title", "text") if duty.event == EMPTY else ("title", "text", "event")
    yield from _text_problems(duty, duty.ref, required=required)
    yield from _applicability_problems(duty, types)
    yield from timing_problems(duty)
    yield from repeated(((key, duty.place) for key in duty.citations), _("citation of %(ref)s", ref=duty.ref))


def timing_problems(duty: Duty) -> Iterator[Problem]:
    """What does not go with the duty's rhythm, or falls on no day; the database refuses most of it, too."""
    given = [name for name in TIMING_FIELDS if getattr(duty, name) not in (None, EMPTY)]
    needed = TIMING[duty.rhythm]
    if set(given) != set(needed):
        yield _problem(
            duty.place,
            _("“%(ref)s” with rhythm %(rhythm)s gives %(given)s."),
            _("Give exactly: %(fields)s.", fields=", ".join(needed)),
            field="rhythm",
            ref=duty.ref,
            rhythm=duty.rhythm,
            given=", ".join(given) or _("no timing"),
        )
    elif duty.month and duty.day_of_month and not is_day_of_every_year(duty.month, duty.day_of_month):
        yield _problem(
            duty.place,
            _("“%(ref)s” falls on no day: month %(month)s, day %(day)s."),
            _("Correct month and day_of_month; 29 February is not in every year."),
            field="month",
            ref=duty.ref,
            month=duty.month,
            day=duty.day_of_month,
        )
    if duty.count and duty.count > LONGEST_COUNT:
        yield _problem(
            duty.place,
            _("“%(ref)s” counts %(count)d, over %(longest)d."),
            _("Correct count, or use a longer unit."),
            field="count",
            ref=duty.ref,
            count=duty.count,
            longest=LONGEST_COUNT,
        )


def _contradiction_problems(contradiction: Contradiction, types: applicability.FactTypes) -> Iterator[Problem]:
    yield from _text_problems(contradiction, contradiction.ref, required=("text",))
    place, ref = contradiction.place, contradiction.ref
    for fault in applicability.problems(contradiction.holds_if, types):
        wording = _("holds_if of “%(ref)s”: %(fault)s.")
        yield _problem(place, wording, _CORRECT, field="holds_if", ref=ref, fault=fault)
    if not contradiction.holds_if.strip():
        wording, cure = _("“%(ref)s” would always hold."), _("Say in holds_if when it does.")
        yield _problem(place, wording, cure, field="holds_if", ref=ref)
    elif not applicability.can_hold(contradiction.holds_if, types):
        wording = _("“%(ref)s” can never hold: no facts and answers make it so.")
        yield _problem(place, wording, _CORRECT, field="holds_if", is_warning=True, ref=ref)
