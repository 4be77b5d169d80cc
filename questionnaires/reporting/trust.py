"""How far a report can be trusted, and what comes next: the foot of its summary."""

from collections.abc import Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.reporting.figures import percent
from questionnaires.reporting.parts import Layout
from questionnaires.reporting.texts import NOTHING, Text, Voice
from questionnaires.reporting.values import ComingGroup
from questionnaires.scoring import Outcome

Data = Mapping[str, Any]
MOST_COMING = 3
_SCORED = (Outcome.MET, Outcome.PARTLY_MET, Outcome.NOT_MET)


class WithoutEvidence(NamedTuple):
    """Scored answers whose note is blank, and the weight that rests on them, out of how many scored ones."""

    answers: int
    weight: Decimal
    scored: int


def without_evidence(content: Data) -> WithoutEvidence:
    scored = [
        question
        for section in content["sections"]
        for question in section["questions"]
        if not question["not_asked"] and question["answer"]["outcome"] in _SCORED
    ]
    bare = [question for question in scored if not question["answer"]["note"].strip()]
    weights = content["version"]["weights"]
    return WithoutEvidence(len(bare), sum((Decimal(weights[q["severity"]]) for q in bare), Decimal(0)), len(scored))


def trust(content: Data, layout: Layout, voice: Voice) -> tuple[Text, ...]:
    """Sentences, each only where there is something to say."""
    said = (_evidence(content, voice), _nature(voice), left_out(layout, voice))
    return tuple(sentence for sentence in said if sentence)


def _evidence(content: Data, voice: Voice) -> Text:
    bare = without_evidence(content)
    if not bare.scored:
        return NOTHING

    def sentence(_language: str) -> str:
        if not bare.answers:
            return _("Every scored answer has a note that names its evidence or its state.")
        words = ngettext(
            "%(n)d of %(scored)d scored answers has no note and counts as without evidence; %(share)d %% of the "
            "overall score's weight rests on it.",
            "%(n)d of %(scored)d scored answers have no note and count as without evidence; %(share)d %% of the "
            "overall score's weight rests on them.",
            bare.answers,
        )
        return words % {"n": bare.answers, "scored": bare.scored, "share": _share(bare.weight, content["result"])}

    return voice.each(sentence)


def unconfirmed(result: Data, voice: Voice) -> Text:
    """How much of the score rests on answers carried over and not confirmed; empty when none does."""
    found = result.get("unconfirmed", {"answers": 0})
    number = found["answers"]
    if not number:
        return NOTHING

    def sentence(_language: str) -> str:
        words = ngettext(
            "%(n)d answer was carried over from an earlier assessment and not confirmed; %(share)d %% of the overall "
            "score's weight rests on it.",
            "%(n)d answers were carried over from an earlier assessment and not confirmed; %(share)d %% of the overall "
            "score's weight rests on them.",
            number,
        )
        return words % {"n": number, "share": _share(Decimal(found["weight"]), result)}

    return voice.each(sentence)


def _share(weight: Decimal, result: Data) -> int:
    whole = Decimal(result["overall"]["weight"])
    return percent(weight / whole) if whole else 0


def _nature(voice: Voice) -> Text:
    return voice.each(lambda _language: _("It is a self-assessment: nobody has audited the answers."))


def left_out(layout: Layout, voice: Voice) -> Text:
    """The parts that are not there although there was something to say."""

    def sentence(language: str) -> str:
        if not layout.left_out:
            return ""
        parts = ("、" if language == "zh" else ", ").join(str(part.label) for part in layout.left_out)
        return _("Left out by the organisation's settings: %(parts)s.") % {"parts": parts}

    return voice.each(sentence)


def coming(content: Data, voice: Voice) -> tuple[ComingGroup, ...]:
    """The next days on which an instrument brings something into force."""
    titles = {instrument["slug"]: instrument["short_title"] for instrument in content["instruments"]}
    rows = content.get("coming_up", ())
    groups = [
        (day, slug, len(list(provisions)))
        for (day, slug), provisions in groupby(rows, key=lambda row: (row["counts_from"], row["instrument"]))
    ]
    return tuple(
        ComingGroup(day, voice.content(titles[slug]), _provisions(number, voice))
        for day, slug, number in groups[:MOST_COMING]
    )


def _provisions(number: int, voice: Voice) -> Text:
    return voice.each(lambda _language: ngettext("%(n)d provision", "%(n)d provisions", number) % {"n": number})


def coming_sentence(content: Data, voice: Voice) -> Text:
    """What stands where nothing is to come, or how much more is."""
    rows = content.get("coming_up", ())

    def sentence(_language: str) -> str:
        if not rows:
            return _("No provision of the chosen instruments takes effect later than this date.")
        words = ngettext(
            "%(n)d provision in all; none of it is scored yet.",
            "%(n)d provisions in all; none is scored yet.",
            len(rows),
        )
        return words % {"n": len(rows)}

    return voice.each(sentence)
