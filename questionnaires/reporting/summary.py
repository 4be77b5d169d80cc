"""The page that says how bad it is and what to do first, and the register of gaps."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.models import LegalForce
from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.models import Severity as SeverityLabel
from questionnaires.reporting.citations import distinct
from questionnaires.reporting.figures import percent
from questionnaires.reporting.texts import NOTHING, Text, Voice, is_chinese, pick
from questionnaires.reporting.values import Citation, Figures, Gap, GapGroup, Summary, Tile
from questionnaires.scoring import Outcome, Severity

Data = Mapping[str, Any]
MOST_CRITICAL = {1: 5, 2: 3}  # what one page holds, with the figures; by number of languages
MOST_INSTRUMENTS = {1: 9, 2: 4}  # the legal forces stand beside them
SHORT = {1: {"en": 160, "zh": 80}, 2: {"en": 90, "zh": 45}}  # characters of a question in the summary


def gaps(content: Data, numbers: Mapping[str, str], cited: Mapping[str, Citation], voice: Voice) -> tuple[Gap, ...]:
    """Worst first, as they were frozen; binding provisions stand first in each."""
    questions = {q["ref"]: q for section in content["sections"] for q in section["questions"]}
    ranks = _ranks(content)
    return tuple(_gap(gap, questions[gap["ref"]], numbers, ranks, cited, voice) for gap in content["result"]["gaps"])


def _ranks(content: Data) -> dict[str, tuple[bool, int]]:
    """Binding provisions come first, then stronger legal force; the sort is stable."""
    forces = LegalForce.values
    return {
        key: (not instrument["is_binding"], forces.index(instrument["legal_force"]))
        for instrument in content["instruments"]
        for key in instrument["provisions"]
    }


def _gap(
    gap: Data,
    question: Data,
    numbers: Mapping[str, str],
    ranks: Mapping[str, tuple[bool, int]],
    cited: Mapping[str, Citation],
    voice: Voice,
) -> Gap:
    def short(language: str) -> str:
        text = pick(question["text"], language)
        return _shortened(text, SHORT[len(voice.languages)]["zh" if is_chinese(text) else "en"])

    number = numbers[gap["ref"]]
    return Gap(
        number=number,
        anchor=f"question-{number.replace('.', '-')}",
        text=voice.content(question["text"]),
        short=voice.each(short),
        severity=gap["severity"],
        outcome=gap["outcome"],
        outcome_label=voice.say(OutcomeLabel(gap["outcome"]).label),
        citations=distinct(cited[key] for key in sorted(question["citations"], key=ranks.__getitem__)),
        remediation=voice.content(question["remediation"]),
    )


def _shortened(text: str, length: int) -> str:
    """Cut between words where there are spaces."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return cut[: cut.rfind(" ") if cut.rfind(" ") > length // 2 else length].rstrip(" ,，、；;") + " …"


def register(found: Iterable[Gap], voice: Voice) -> tuple[GapGroup, ...]:
    by_severity: dict[str, list[Gap]] = {severity: [] for severity in Severity}
    for gap in found:
        by_severity[gap.severity].append(gap)

    def title(severity: str, number: int) -> Text:
        return voice.each(lambda _language: f"{SeverityLabel(severity).label} ({number})")

    return tuple(GapGroup(s, title(s, len(group)), tuple(group)) for s, group in by_severity.items() if group)


def binding_provisions(content: Data) -> frozenset[str]:
    return frozenset(key for i in content["instruments"] if i["is_binding"] for key in i["provisions"])


def register_sentence(content: Data, voice: Voice) -> Text:
    """What stands in place of an empty register; empty when there are gaps."""
    if content["result"]["gaps"]:
        return NOTHING
    outcomes = content["result"]["overall"]["outcomes"]
    unanswered = outcomes.get(Outcome.UNANSWERED, 0)

    def sentence(_language: str) -> str:
        if not any(outcomes.get(o, 0) for o in (Outcome.MET, Outcome.UNANSWERED)):
            return _("No gap was stated: no question was scored.")
        if not unanswered:
            return _("No gap was stated: every question that applies was answered as met.")
        words = ngettext(
            "No gap was stated so far; %(n)d question is still unanswered and may hide one.",
            "No gap was stated so far; %(n)d questions are still unanswered and may hide some.",
            unanswered,
        )
        return words % {"n": unanswered}

    return voice.each(sentence)


def summary(content: Data, found: tuple[Gap, ...], overall: Figures, instruments: int, voice: Voice) -> Summary:
    is_binding = {gap["ref"]: gap["is_binding"] for gap in content["result"]["gaps"]}
    refs = [gap["ref"] for gap in content["result"]["gaps"]]
    critical = [
        gap for ref, gap in zip(refs, found, strict=True) if gap.severity == Severity.CRITICAL and is_binding[ref]
    ]
    most = MOST_CRITICAL[len(voice.languages)]
    return Summary(
        situation=_situation(overall, voice),
        lead=_lead(content, len(critical), voice),
        tiles=_tiles(content, overall, voice),
        critical=tuple(critical[:most]),
        critical_sentence=NOTHING if critical else _no_critical(content, voice),
        unconfirmed=_unconfirmed(content["result"], voice),
        more_critical=_more_critical(len(critical) - most, voice),
        more_instruments=_more_instruments(instruments - MOST_INSTRUMENTS[len(voice.languages)], voice),
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


def _unconfirmed(result: Data, voice: Voice) -> Text:
    """How much of the score rests on answers carried over and not confirmed; empty when none does."""
    unconfirmed = result.get("unconfirmed", {"answers": 0})
    number = unconfirmed["answers"]
    if not number:
        return NOTHING
    weight = Decimal(result["overall"]["weight"])
    share = percent(Decimal(unconfirmed["weight"]) / weight) if weight else 0

    def sentence(_language: str) -> str:
        words = ngettext(
            "%(n)d answer was carried over from an earlier assessment and not confirmed; %(share)d %% of the overall "
            "score's weight rests on it.",
            "%(n)d answers were carried over from an earlier assessment and not confirmed; %(share)d %% of the overall "
            "score's weight rests on them.",
            number,
        )
        return words % {"n": number, "share": share}

    return voice.each(sentence)


def _lead(content: Data, critical: int, voice: Voice) -> Text:
    gap_count = len(content["result"]["gaps"])

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


def _more_critical(number: int, voice: Voice) -> Text:
    def sentence(_language: str) -> str:
        words = ngettext(
            "%(n)d more stands in the gap register.", "%(n)d more stand in the gap register.", max(number, 0)
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


def _tiles(content: Data, overall: Figures, voice: Voice) -> tuple[Tile, ...]:
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
        Tile(overall.score, voice.each(lambda _language: _("overall score")), voice.each(span)),
        Tile(str(counts[Outcome.UNANSWERED]), voice.each(lambda _language: _("unanswered")), voice.each(of_questions)),
        Tile(
            str(counts[Outcome.NOT_APPLICABLE]),
            voice.each(lambda _language: _("not applicable")),
            voice.each(of_questions),
        ),
    )
