"""What not even a draft may be, since the database refuses it or its rows could not be told apart. Pure: no Django.

Everything else can be mended before publishing: `validation.py` tells it.
"""

from collections.abc import Container, Iterator, Sequence

from questionnaires.content import (
    EMPTY,
    Choice,
    Contradiction,
    Duty,
    Fact,
    Level,
    Problem,
    Question,
    Scale,
    Section,
    Version,
)
from questionnaires.instrument_validation import repeated
from questionnaires.scoring import Outcome
from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _
from questionnaires.validation import LONGEST_COUNT, TIMING, TIMING_FIELDS, is_day_of_every_year

_Named = Section | Fact | Scale | Question | Duty | Contradiction | Level | Choice
_LEVEL_OUTCOMES = (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)


def unstorable(version: Version, keys: Container[str]) -> list[Problem]:
    """Every such problem, given the keys of all provisions that the version may cite."""
    return [*_refs(version), *_scales(version), *_timings(version), *_citations(version, keys)]


def _refs(version: Version) -> Iterator[Problem]:
    lists: list[tuple[Sentence, Sequence[_Named]]] = [
        (_("section ref"), version.sections),
        (_("fact ref"), version.facts),
        (_("scale ref"), version.scales),
        (_("question ref"), tuple(version.questions)),
        (_("duty ref"), version.duties),
        (_("contradiction ref"), version.contradictions),
        *((_("level ref"), scale.levels) for scale in version.scales),
        *((_("choice"), fact.choices) for fact in version.facts),
    ]
    for what, parts in lists:
        yield from repeated(((part.ref, part.place) for part in parts), what)


def _scales(version: Version) -> Iterator[Problem]:
    for scale in version.scales:
        yield from _levels(scale)
    scales = {scale.ref for scale in version.scales}
    for question in version.questions:
        if question.scale not in scales:
            message = _("“%(scale)s” is not a scale of this version.", scale=question.scale)
            yield Problem(question.place, message, _("Name one of its scales."))


def _levels(scale: Scale) -> Iterator[Problem]:
    for level in scale.levels:
        if level.outcome not in _LEVEL_OUTCOMES:
            wording = _("A level cannot have the outcome %(outcome)s.")
            cure = _("Use met, partly_met or not_met; N/A is offered beside the levels.")
            yield Problem(level.place, _(wording, outcome=level.outcome), cure)
        if not 0 <= level.score <= 1:
            message = _("The score %(score)s is not between 0 and 1.", score=level.score)
            yield Problem(level.place, message, _("Correct the score."))


def _timings(version: Version) -> Iterator[Problem]:
    for duty in version.duties:
        given, needed = _given(duty), TIMING[duty.rhythm]
        if set(given) != set(needed):
            wording = _("“%(ref)s” with rhythm %(rhythm)s gives %(given)s.")
            message = _(wording, ref=duty.ref, rhythm=duty.rhythm, given=", ".join(given) or _("no timing"))
            yield Problem(duty.place, message, _("Give exactly: %(fields)s.", fields=", ".join(needed)))
        elif duty.month and duty.day_of_month and not is_day_of_every_year(duty.month, duty.day_of_month):
            wording = _("“%(ref)s” falls on no day: month %(month)s, day %(day)s.")
            message = _(wording, ref=duty.ref, month=duty.month, day=duty.day_of_month)
            yield Problem(duty.place, message, _("Correct month and day_of_month; 29 February is not in every year."))
        elif duty.count and duty.count > LONGEST_COUNT:
            wording = _("“%(ref)s” counts %(count)d, over %(longest)d.")
            message = _(wording, ref=duty.ref, count=duty.count, longest=LONGEST_COUNT)
            yield Problem(duty.place, message, _("Correct count, or use a longer unit."))


def _given(duty: Duty) -> list[str]:
    return [name for name in TIMING_FIELDS if getattr(duty, name) not in (None, EMPTY)]


def _citations(version: Version, keys: Container[str]) -> Iterator[Problem]:
    citing: list[Question | Duty] = [*version.questions, *version.duties]
    for thing in citing:
        yield from repeated(((key, thing.place) for key in thing.citations), _("citation of %(ref)s", ref=thing.ref))
        for key in thing.citations:
            if key not in keys:
                wording = _("“%(ref)s” cites “%(key)s”, which is not a provision of the library.")
                cure = _("Correct the key, or add the provision to its instrument.")
                yield Problem(thing.place, _(wording, ref=thing.ref, key=key), cure)
