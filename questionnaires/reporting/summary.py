"""The page that answers in this order: how bad is it, what first, why do you say so, can I trust it."""

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.explaining import Grouping
from questionnaires.reporting.parts import Layout
from questionnaires.reporting.texts import NOTHING, Text, Voice
from questionnaires.reporting.trust import coming, coming_sentence, trust, unconfirmed
from questionnaires.reporting.values import Figures, Gap, Summary, Tile
from questionnaires.scoring import Outcome, Severity

Data = Mapping[str, Any]
MOST_GAPS = 5
MOST_INSTRUMENTS = {1: 9, 2: 6}  # what one page holds beside the legal forces; by number of languages


def binding_provisions(content: Data) -> frozenset[str]:
    return frozenset(key for i in content["instruments"] if i["is_binding"] for key in i["provisions"])


def summary(
    content: Data, found: tuple[Gap, ...], overall: Figures, instruments: int, layout: Layout, voice: Voice
) -> Summary:
    binding = [gap for gap in found if gap.is_binding]
    critical = sum(gap.severity == Severity.CRITICAL for gap in binding)
    return Summary(
        situation=_situation(overall, voice),
        lead=_lead(len(found), critical, voice),
        tiles=_tiles(content, overall, layout, voice),
        worst=tuple(binding[:MOST_GAPS]),
        worst_sentence=NOTHING if critical else _no_critical(content, voice),
        more_gaps=_more_gaps(len(found) - min(len(binding), MOST_GAPS), voice),
        more_instruments=_more_instruments(instruments - MOST_INSTRUMENTS[len(voice.languages)], voice),
        unconfirmed=unconfirmed(content["result"], voice),
        trust=trust(content, layout, voice),
        coming=coming(content, voice),
        coming_sentence=coming_sentence(content, voice),
    )


def _situation(overall: Figures, voice: Voice) -> Text:
    counts = {count.outcome: count.number for count in overall.counts}

    def sentence(_language: str) -> str:
        if not overall.total:
            return _("No question applies: there is nothing to score. See the questions not asked, with the reasons.")
        if counts[Outcome.NOT_APPLICABLE] == overall.total:
            return _("Every question was set aside as not applicable: there is nothing to score.")
        if counts[Outcome.UNANSWERED] + counts[Outcome.NOT_APPLICABLE] == overall.total:
            return _("Nothing has been answered yet: there is no score, only the range that answers can lead to.")
        return ""

    return voice.each(sentence)


def _lead(gap_count: int, critical: int, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        if critical:
            words = ngettext(
                "%(n)d critical gap in binding provisions.", "%(n)d critical gaps in binding provisions.", critical
            )
            return words % {"n": critical}
        if gap_count:
            words = ngettext(
                "%(n)d gap, none critical and binding.", "%(n)d gaps, none critical and binding.", gap_count
            )
            return words % {"n": gap_count}
        return _("No gap was stated.")

    return voice.each(sentence)


def _no_critical(content: Data, voice: Voice) -> Text:
    binding = binding_provisions(content)
    open_ones = sum(
        question["severity"] == Severity.CRITICAL
        and not question["not_asked"]
        and question["answer"]["outcome"] == Outcome.UNANSWERED
        and not binding.isdisjoint(question["citations"])
        for section in content["sections"]
        for question in section["questions"]
    )

    def sentence(_language: str) -> str:
        said = _("No critical gap in a binding provision was stated.")
        if not open_ones:
            return said
        words = ngettext(
            "%(n)d critical question on binding provisions is still unanswered.",
            "%(n)d critical questions on binding provisions are still unanswered.",
            open_ones,
        )
        return f"{said} {words % {'n': open_ones}}"

    return voice.each(sentence)


def _more_gaps(number: int, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        words = ngettext(
            "%(n)d more gap stands in the gap register.", "%(n)d more gaps stand in the gap register.", max(number, 0)
        )
        return words % {"n": number} if number > 0 else ""

    return voice.each(sentence)


def _more_instruments(number: int, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        words = ngettext(
            "%(n)d more instrument stands in the results in figures.",
            "%(n)d more instruments stand in the results in figures.",
            max(number, 0),
        )
        return words % {"n": number} if number > 0 else ""

    return voice.each(sentence)


def _tiles(content: Data, overall: Figures, layout: Layout, voice: Voice) -> tuple[Tile, ...]:
    outcomes = content["result"]["provisions"]
    duties = [outcomes[key] for key in binding_provisions(content) if key in outcomes]
    missed, partly = duties.count(Outcome.NOT_MET), duties.count(Outcome.PARTLY_MET)
    counts = {count.outcome: count.number for count in overall.counts}
    total = overall.total

    def of_questions(_language: str) -> str:
        return ngettext("of %(n)d question", "of %(n)d questions", total) % {"n": total}

    def of_duties(_language: str) -> str:
        if not duties:
            return _("no binding provision applies")
        words = ngettext("of %(n)d; %(partly)d partly met", "of %(n)d; %(partly)d partly met", len(duties))
        return words % {"n": len(duties), "partly": partly}

    def span(_language: str) -> str:
        return _("range %(range)s") % {"range": overall.range} if overall.range else ""

    return (
        Tile(str(missed), voice.each(lambda _language: _("binding duties not met")), voice.each(of_duties)),
        Tile(
            overall.score,
            voice.each(lambda _language: _("overall score")),
            voice.each(span),
            layout.explained(Grouping.OVERALL),
        ),
        Tile(str(counts[Outcome.UNANSWERED]), voice.each(lambda _language: _("unanswered")), voice.each(of_questions)),
        Tile(
            str(counts[Outcome.NOT_APPLICABLE]),
            voice.each(lambda _language: _("not applicable")),
            voice.each(of_questions),
        ),
    )
