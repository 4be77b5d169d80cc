"""What can be wrong with the library's content. Pure: no Django, no I/O."""

import re
from collections.abc import Container, Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from questionnaires import applicability
from questionnaires.content import (
    EMPTY,
    Contradiction,
    Duty,
    Fact,
    Instrument,
    Library,
    Place,
    Problem,
    Provision,
    Question,
    Rhythm,
    Scale,
    Stage,
    Verification,
    Version,
)
from questionnaires.scoring import Outcome

_ITEM_LETTER = re.compile(r"(?<![A-Za-z])[a-z](?:[)）]|项)")

# What a contradiction may compare a question with.
OUTCOMES = applicability.FactType(
    applicability.FactKind.CHOICE,
    (Outcome.NOT_MET, Outcome.PARTLY_MET, Outcome.MET, Outcome.NOT_APPLICABLE),
)


def validate(library: Library) -> list[Problem]:
    """Return every fault in what the files say, in file order; empty when the library may be loaded."""
    return [*_instrument_problems(library), *_version_problems(library)]


def unstorable(version: Version, keys: Container[str]) -> list[Problem]:
    """What not even a draft may be, given the keys of all provisions; the rest can be mended before publishing."""
    return [*_structure_problems(version, keys)]


def _citing(version: Version) -> list[Question | Duty]:
    return [*version.questions, *version.duties]


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
    yield from _overlap_problems([_term(i.slug, i, i) for i in library.instruments])
    yield from _overlap_problems([_term(p.key, p, i) for i, p in library.provisions])
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


@dataclass(frozen=True, slots=True)
class _Term:
    """The days on which something counts; `first` is None for a draft and for what has no date at all."""

    name: str
    superseded_by: str | None
    first: date | None
    last: date | None
    place: Place


def _term(name: str, thing: Instrument | Provision, instrument: Instrument) -> _Term:
    first = thing.in_force_from or instrument.in_force_from or instrument.issued_on
    last = thing.in_force_until or instrument.in_force_until
    return _Term(name, thing.superseded_by, None if instrument.stage is Stage.DRAFT else first, last, thing.place)


def _overlap_problems(terms: list[_Term]) -> Iterator[Problem]:
    """On each day only one of two editions may count: the older ends before the newer begins."""
    by_name = {term.name: term for term in reversed(terms)}  # of a name used twice the first
    for older in terms:
        newer = by_name.get(older.superseded_by or "")
        if newer is None or newer is older or older.first is None or newer.first is None:
            continue
        if older.last is None or older.last >= newer.first:
            end = f"until {older.last}" if older.last else "without end"
            message = f"“{older.name}” is in force {end}, “{newer.name}”, which supersedes it, from {newer.first}."
            yield Problem(older.place, message, "Set in_force_until to the day before the newer one begins.")


def _version_problems(library: Library) -> Iterator[Problem]:
    citable = {p.key: Verification.WITHHELD not in (i.verification, p.verification) for i, p in library.provisions}
    names = ((f"{v.slug}/{v.number}", v.place) for v in library.versions)
    yield from _repeated(names, "version")
    for version in library.versions:
        yield from _structure_problems(version, citable)
        if not any(True for _ in version.questions):
            yield Problem(version.place, "The version asks nothing.", "Add a section with a question.")
        for scale in version.scales:
            yield from _scale_problems(scale)
        for fact in version.facts:
            yield from _fact_problems(fact)
        types = {fact.ref: fact.type for fact in version.facts}
        for thing in _citing(version):
            for fault in applicability.problems(thing.applies_if, types):
                yield Problem(thing.place, f"applies_if of “{thing.ref}”: {fault}.", "Correct the expression.")
            if not any(citable.get(key) for key in thing.citations):
                message = f"“{thing.ref}” rests on no provision that may be shown."
                yield Problem(thing.place, message, "Cite at least one provision that is not withheld.")
        with_questions = types | {question.ref: OUTCOMES for question in version.questions}
        for contradiction in version.contradictions:
            yield from _contradiction_problems(contradiction, with_questions)


def _structure_problems(version: Version, keys: Container[str]) -> Iterator[Problem]:
    yield from _repeated(((s.ref, s.place) for s in version.sections), "section ref")
    yield from _repeated(((f.ref, f.place) for f in version.facts), "fact ref")
    yield from _repeated(((s.ref, s.place) for s in version.scales), "scale ref")
    yield from _repeated(((q.ref, q.place) for q in version.questions), "question ref")
    yield from _repeated(((d.ref, d.place) for d in version.duties), "duty ref")
    yield from _repeated(((c.ref, c.place) for c in version.contradictions), "contradiction ref")
    for scale in version.scales:
        yield from _level_problems(scale)
    for fact in version.facts:
        yield from _repeated(((choice.ref, choice.place) for choice in fact.choices), "choice")
    scales = {scale.ref for scale in version.scales}
    for question in version.questions:
        if question.scale not in scales:
            message = f"“{question.scale}” is not a scale of this version."
            yield Problem(question.place, message, "Name one of its scales.")
    for duty in version.duties:
        yield from _timing_problems(duty)
    for thing in _citing(version):
        yield from _repeated(((key, thing.place) for key in thing.citations), f"citation of {thing.ref}")
        for key in thing.citations:
            if key not in keys:
                message = f"“{thing.ref}” cites “{key}”, which is not a provision of the library."
                yield Problem(thing.place, message, "Correct the key, or add the provision to its instrument.")


def _scale_problems(scale: Scale) -> Iterator[Problem]:
    if not any(level.outcome is Outcome.MET for level in scale.levels):
        yield Problem(scale.place, f"No level of “{scale.ref}” is met.", "Give at least one level outcome: met.")


def _level_problems(scale: Scale) -> Iterator[Problem]:
    yield from _repeated(((level.ref, level.place) for level in scale.levels), "level ref")
    for level in scale.levels:
        if level.outcome in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED):
            message = f"A level cannot have the outcome {level.outcome}."
            yield Problem(level.place, message, "Use met, partly_met or not_met; N/A is offered beside the levels.")
        if not 0 <= level.score <= 1:
            yield Problem(level.place, f"The score {level.score} is not between 0 and 1.", "Correct the score.")


def _fact_problems(fact: Fact) -> Iterator[Problem]:
    if (fact.kind is applicability.FactKind.YES_NO) == bool(fact.choices):
        cure = "A yes_no fact has no choices; choice and choices have some."
        yield Problem(fact.place, f"The fact “{fact.ref}” of kind {fact.kind} has {len(fact.choices)} choices.", cure)


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


def _timing_problems(duty: Duty) -> Iterator[Problem]:
    given = [name for name in TIMING_FIELDS if getattr(duty, name) not in (None, EMPTY)]
    needed = TIMING[duty.rhythm]
    if set(given) != set(needed):
        message = f"“{duty.ref}” with rhythm {duty.rhythm} gives {', '.join(given) or 'no timing'}."
        yield Problem(duty.place, message, f"Give exactly: {', '.join(needed)}.")
    elif duty.month and duty.day_of_month and not is_day_of_every_year(duty.month, duty.day_of_month):
        message = f"“{duty.ref}” falls on no day: month {duty.month}, day {duty.day_of_month}."
        yield Problem(duty.place, message, "Correct month and day_of_month; 29 February is not in every year.")
    if duty.count and duty.count > LONGEST_COUNT:
        message = f"“{duty.ref}” counts {duty.count}, over {LONGEST_COUNT}."
        yield Problem(duty.place, message, "Correct count, or use a longer unit.")


def _contradiction_problems(contradiction: Contradiction, types: applicability.FactTypes) -> Iterator[Problem]:
    place = contradiction.place
    for fault in applicability.problems(contradiction.holds_if, types):
        yield Problem(place, f"holds_if of “{contradiction.ref}”: {fault}.", "Correct the expression.")
    if not contradiction.holds_if:
        yield Problem(place, f"“{contradiction.ref}” would always hold.", "Say in holds_if when it does.")
