"""What can be wrong with instruments and their provisions. Pure: no Django, no I/O.

Only whoever writes files is told, in English; a name used twice is told to editors, too.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from questionnaires.content import Instrument, Library, Place, Problem, Provision, Stage, Verification
from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _

_ITEM_LETTER = re.compile(r"(?<![A-Za-z])[a-z](?:[)）]|项)")


def repeated(things: Iterable[tuple[str, Place]], what: Sentence) -> Iterator[Problem]:
    seen: dict[str, Place] = {}
    for name, place in things:
        if name in seen:
            first = seen[name]
            wording = _("The %(what)s “%(name)s” is used twice; first at %(place)s.")
            message = _(wording, what=what, name=name, place=f"{first.path}:{first.line}")
            yield Problem(place, message, _("Give one of them another name."))
        seen.setdefault(name, place)


def instrument_problems(library: Library) -> Iterator[Problem]:
    slugs = {instrument.slug for instrument in library.instruments}
    keys = {provision.key for _, provision in library.provisions}
    yield from repeated(((i.slug, i.place) for i in library.instruments), _("instrument slug"))
    yield from repeated(((p.key, p.place) for _, p in library.provisions), _("provision key"))
    yield from _superseding_problems([(i.slug, i.superseded_by, i.place) for i in library.instruments], slugs)
    yield from _superseding_problems([(p.key, p.superseded_by, p.place) for _, p in library.provisions], keys)
    yield from _overlap_problems([_term(i.slug, i, i) for i in library.instruments])
    yield from _overlap_problems([_term(p.key, p, i) for i, p in library.provisions])
    for instrument in library.instruments:
        yield from _date_problems(instrument, instrument.place)
        if instrument.stage is Stage.DRAFT and (instrument.in_force_from or instrument.in_force_until):
            yield Problem(
                instrument.place,
                Sentence("A draft has dates in force."),
                Sentence("Remove them, or set stage: adopted."),
            )
        for provision in instrument.provisions:
            yield from _provision_problems(instrument, provision)


def _date_problems(thing: Instrument | Provision, place: Place) -> Iterator[Problem]:
    if thing.in_force_from and thing.in_force_until and thing.in_force_from > thing.in_force_until:
        message = f"in_force_from {thing.in_force_from} is after in_force_until {thing.in_force_until}."
        yield Problem(place, Sentence(message), Sentence("Swap or correct the dates; until is the last day in force."))


def _provision_problems(instrument: Instrument, provision: Provision) -> Iterator[Problem]:
    place = provision.place
    yield from _date_problems(provision, place)
    if not provision.key.startswith(f"{instrument.slug}/"):
        message = f"The key “{provision.key}” does not begin with “{instrument.slug}/”."
        yield Problem(place, Sentence(message), Sentence("Begin it with the instrument's slug and a slash."))
    if provision.verification is Verification.SECTION:
        for ref in (provision.ref.en, provision.ref.zh):
            if _ITEM_LETTER.search(ref):
                message = f"“{ref}” names an item letter, but is verified at section level only."
                yield Problem(place, Sentence(message), Sentence("Cite the section without its letter."))
    start, end = instrument.in_force_from, instrument.in_force_until
    for day in (provision.in_force_from, provision.in_force_until):
        if day and ((start and day < start) or (end and day > end)):
            message = f"{day} lies outside the dates of {instrument.slug} ({start or '…'} to {end or '…'})."
            yield Problem(place, Sentence(message), Sentence("Correct the provision's date or the instrument's."))


def _superseding_problems(rows: list[tuple[str, str | None, Place]], known: set[str]) -> Iterator[Problem]:
    successor = {name: after for name, after, _ in rows}
    for name, after, place in rows:
        if after is None:
            continue
        if after not in known:
            message = f"superseded_by names “{after}”, which is not in the library."
            yield Problem(place, Sentence(message), Sentence("Correct the name, or add what it names."))
            continue
        path: set[str] = {name}
        at: str | None = after
        while at is not None and at not in path:
            path.add(at)
            at = successor.get(at)
        if at == name:
            yield Problem(
                place, Sentence(f"“{name}” supersedes itself."), Sentence("Break the circle of superseded_by.")
            )


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
            yield Problem(
                older.place, Sentence(message), Sentence("Set in_force_until to the day before the newer one begins.")
            )
