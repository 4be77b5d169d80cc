"""What not even a draft may be, since the database refuses it or its rows could not be told apart. Pure: no Django.

Everything else can be mended before publishing: `validation.py` tells it.
"""

from collections.abc import Container, Iterator, Sequence

from questionnaires.content import (
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
from questionnaires.sentences import Sentence
from questionnaires.sentences import Sentence as _
from questionnaires.validation import level_problems, timing_problems

_Named = Section | Fact | Scale | Question | Duty | Contradiction | Level | Choice


def unstorable(version: Version, keys: Container[str]) -> list[Problem]:
    """Every such problem, given the keys of all provisions that the version may cite."""
    timings = (problem for duty in version.duties for problem in timing_problems(duty))
    return [*_refs(version), *_scales(version), *timings, *_citations(version, keys)]


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
        for level in scale.levels:
            yield from level_problems(level)
    scales = {scale.ref for scale in version.scales}
    for question in version.questions:
        if question.scale not in scales:
            message = _("“%(scale)s” is not a scale of this version.", scale=question.scale)
            yield Problem(question.place, message, _("Name one of its scales."))


def _citations(version: Version, keys: Container[str]) -> Iterator[Problem]:
    citing: list[Question | Duty] = [*version.questions, *version.duties]
    for thing in citing:
        yield from repeated(((key, thing.place) for key in thing.citations), _("citation of %(ref)s", ref=thing.ref))
        for key in thing.citations:
            if key not in keys:
                wording = _("“%(ref)s” cites “%(key)s”, which is not a provision of the library.")
                cure = _("Correct the key, or add the provision to its instrument.")
                yield Problem(thing.place, _(wording, ref=thing.ref, key=key), cure)
