"""Where the gaps lie: instruments down, topics across, in each cell the worst outcome of what was asked there."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext as _

from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.reporting.charts import outcome_strip, strip_head
from questionnaires.reporting.texts import Text, Voice, joined
from questionnaires.reporting.values import HeatMap, HeatRow, OutcomeSections, Topic
from questionnaires.reporting.words import WORDS
from questionnaires.scoring import Outcome, worst_of

Data = Mapping[str, Any]
SHOWN = (Outcome.NOT_MET, Outcome.PARTLY_MET, Outcome.UNANSWERED, Outcome.MET, Outcome.NOT_APPLICABLE)


def cells(content: Data) -> dict[str, dict[int, Outcome]]:
    """By instrument and section number; a section that asks nothing about an instrument has no cell."""
    found: dict[str, dict[int, list[Outcome]]] = {i["slug"]: {} for i in content["instruments"]}
    for section_number, section in enumerate(content["sections"], 1):
        for question in section["questions"]:
            if question["not_asked"]:
                continue
            for slug in {content["provisions"][key]["instrument"] for key in question["citations"]}:
                found[slug].setdefault(section_number, []).append(Outcome(question["answer"]["outcome"]))
    return {slug: {n: worst_of(outcomes) for n, outcomes in row.items()} for slug, row in found.items() if row}


def heat_map(content: Data, voice: Voice) -> HeatMap:
    """Rows stand like the scores by instrument: binding ones first, then in order of issue."""
    by_instrument = cells(content)
    instruments = [i for i in content["instruments"] if i["slug"] in by_instrument]
    numbers = _asked(content)
    return HeatMap(
        head=strip_head([str(n) for n in numbers], title=voice.say(WORDS["section_numbers"]).plain),
        topics=tuple(Topic(str(n), voice.content(content["sections"][n - 1]["title"])) for n in numbers),
        rows=tuple(
            _row(instrument, by_instrument[instrument["slug"]], numbers, voice)
            for instrument in sorted(instruments, key=lambda instrument: not instrument["is_binding"])
        ),
        outcomes=tuple(voice.say(OutcomeLabel(outcome).label) for outcome in SHOWN),
    )


def _asked(content: Data) -> list[int]:
    return [n for n, s in enumerate(content["sections"], 1) if any(not q["not_asked"] for q in s["questions"])]


def _row(instrument: Data, row: Mapping[int, Outcome], numbers: list[int], voice: Voice) -> HeatRow:
    by_outcome = {outcome: [n for n in numbers if row.get(n) is outcome] for outcome in SHOWN}
    return HeatRow(
        label=voice.content(instrument["short_title"]),
        strip=outcome_strip([row.get(n) for n in numbers], title=_title(by_outcome, voice).plain),
        cells=tuple(OutcomeSections(outcome, _listed(found)) for outcome, found in by_outcome.items()),
    )


def _title(by_outcome: Mapping[Outcome, list[int]], voice: Voice) -> Text:
    def title(language: str) -> str:
        said = (
            _("%(outcome)s in sections %(numbers)s")
            % {"outcome": OutcomeLabel(outcome).label, "numbers": _listed(numbers)}
            for outcome, numbers in by_outcome.items()
            if numbers
        )
        return joined(said, language)

    return voice.each(title)


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(str(n) for n in numbers)
