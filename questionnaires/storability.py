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
from questionnaires.validation import LONGEST_COUNT, TIMING, TIMING_FIELDS, is_day_of_every_year

_Named = Section | Fact | Scale | Question | Duty | Contradiction | Level | Choice
_LEVEL_OUTCOMES = (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)


def unstorable(version: Version, keys: Container[str]) -> list[Problem]:
    """Every such problem, given the keys of all provisions that the version may cite."""
    return [*_refs(version), *_scales(version), *_timings(version), *_citations(version, keys)]


def _refs(version: Version) -> Iterator[Problem]:
    lists: list[tuple[str, Sequence[_Named]]] = [
        ("section ref", version.sections),
        ("fact ref", version.facts),
        ("scale ref", version.scales),
        ("question ref", tuple(version.questions)),
        ("duty ref", version.duties),
        ("contradiction ref", version.contradictions),
        *(("level ref", scale.levels) for scale in version.scales),
        *(("choice", fact.choices) for fact in version.facts),
    ]
    for what, parts in lists:
        yield from repeated(((part.ref, part.place) for part in parts), what)


def _scales(version: Version) -> Iterator[Problem]:
    for scale in version.scales:
        yield from _levels(scale)
    scales = {scale.ref for scale in version.scales}
    for question in version.questions:
        if question.scale not in scales:
            message = f"“{question.scale}” is not a scale of this version."
            yield Problem(question.place, message, "Name one of its scales.")


def _levels(scale: Scale) -> Iterator[Problem]:
    for level in scale.levels:
        if level.outcome not in _LEVEL_OUTCOMES:
            message = f"A level cannot have the outcome {level.outcome}."
            yield Problem(level.place, message, "Use met, partly_met or not_met; N/A is offered beside the levels.")
        if not 0 <= level.score <= 1:
            yield Problem(level.place, f"The score {level.score} is not between 0 and 1.", "Correct the score.")


def _timings(version: Version) -> Iterator[Problem]:
    for duty in version.duties:
        given, needed = _given(duty), TIMING[duty.rhythm]
        if set(given) != set(needed):
            message = f"“{duty.ref}” with rhythm {duty.rhythm} gives {', '.join(given) or 'no timing'}."
            yield Problem(duty.place, message, f"Give exactly: {', '.join(needed)}.")
        elif duty.month and duty.day_of_month and not is_day_of_every_year(duty.month, duty.day_of_month):
            message = f"“{duty.ref}” falls on no day: month {duty.month}, day {duty.day_of_month}."
            yield Problem(duty.place, message, "Correct month and day_of_month; 29 February is not in every year.")
        elif duty.count and duty.count > LONGEST_COUNT:
            message = f"“{duty.ref}” counts {duty.count}, over {LONGEST_COUNT}."
            yield Problem(duty.place, message, "Correct count, or use a longer unit.")


def _given(duty: Duty) -> list[str]:
    return [name for name in TIMING_FIELDS if getattr(duty, name) not in (None, EMPTY)]


def _citations(version: Version, keys: Container[str]) -> Iterator[Problem]:
    citing: list[Question | Duty] = [*version.questions, *version.duties]
    for thing in citing:
        yield from repeated(((key, thing.place) for key in thing.citations), f"citation of {thing.ref}")
        for key in thing.citations:
            if key not in keys:
                message = f"“{thing.ref}” cites “{key}”, which is not a provision of the library."
                yield Problem(thing.place, message, "Correct the key, or add the provision to its instrument.")
