"""The register of gaps: what was found, why it matters, what it rests on, what to do, and what is planned."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.models import Severity as SeverityLabel
from questionnaires.reporting.citations import RestsOn, binding_words
from questionnaires.reporting.figures import percent
from questionnaires.reporting.parts import Layout, gap_anchor
from questionnaires.reporting.texts import NOTHING, Text, Voice, is_chinese, pick
from questionnaires.reporting.values import Gap, GapGroup, PlannedAction
from questionnaires.scoring import Outcome, Severity

Data = Mapping[str, Any]
SHORT = {1: {"en": 160, "zh": 80}, 2: {"en": 88, "zh": 38}}  # characters of a question in the summary
_DOT = " · "


def gaps(content: Data, numbers: Mapping[str, str], rests_on: RestsOn, layout: Layout, voice: Voice) -> tuple[Gap, ...]:
    """Worst first, as they were frozen; binding provisions stand first in each."""
    questions = {q["ref"]: q for section in content["sections"] for q in section["questions"]}
    actions = _actions(content)
    weight = Decimal(content["result"]["overall"]["weight"])
    made = []
    for gap in content["result"]["gaps"]:
        question = questions[gap["ref"]]
        number = numbers[gap["ref"]]
        forces = rests_on[gap["ref"]]
        made.append(
            Gap(
                ref=gap["ref"],
                number=number,
                anchor=layout.question(number),
                own_anchor=gap_anchor(number),
                text=voice.content(question["text"]),
                short=_short(question["text"], voice),
                severity=gap["severity"],
                severity_label=voice.say(SeverityLabel(gap["severity"]).label),
                is_binding=gap["is_binding"],
                binding=binding_words(gap["is_binding"], voice),
                outcome=gap["outcome"],
                outcome_label=voice.say(OutcomeLabel(gap["outcome"]).label),
                level=voice.content(question["answer"]["level"] or {}),
                answered=answered(question["answer"], voice),
                why=voice.content(question["why"]),
                citations=tuple(citation for group in forces for citation in group.citations),
                forces=forces,
                remediation=voice.content(question["remediation"]),
                points=_points(Decimal(gap["points"]), weight, voice),
                actions=tuple(_planned(action, voice) for action in actions.get(gap["ref"], ())),
            )
        )
    return tuple(made)


def _short(texts: Mapping[str, str], voice: Voice) -> Text:
    def short(language: str) -> str:
        text = pick(texts, language)
        return _shortened(text, SHORT[len(voice.languages)]["zh" if is_chinese(text) else "en"])

    return voice.each(short)


def _shortened(text: str, length: int) -> str:
    """Cut between words where there are spaces."""
    if len(text) <= length:
        return text
    cut = text[:length]
    return cut[: cut.rfind(" ") if cut.rfind(" ") > length // 2 else length].rstrip(" ,，、；;") + " …"


def answered(answer: Data, voice: Voice) -> Text:
    """By whom and on which day."""
    if not answer["answered_at"]:
        return NOTHING
    return voice.same(f"{voice.typed(answer['answered_by']).text}, {answer['answered_at'][:10]}")


def _points(points: Decimal, weight: Decimal, voice: Voice) -> Text:
    shown = format(points.normalize() + 0, "f")
    share = percent(points / weight) if weight else 0

    def sentence(_language: str) -> str:
        return _("points at stake: %(points)s, %(share)d %% of the overall score") % {"points": shown, "share": share}

    return voice.each(sentence)


def _actions(content: Data) -> dict[str, list[Data]]:
    """By question; a report frozen before there were actions has none."""
    by_ref: dict[str, list[Data]] = {}
    for action in content.get("actions", ()):
        by_ref.setdefault(action["ref"], []).append(action)
    return by_ref


def _planned(action: Data, voice: Voice) -> PlannedAction:
    effort, owner, due_on = action.get("effort_days"), action.get("owner"), action.get("due_on")

    def plan(_language: str) -> str:
        said = [
            _("owner %(name)s") % {"name": voice.typed(owner).text} if owner else _("no owner"),
            _("due %(date)s") % {"date": due_on} if due_on else _("no due date"),
            _("effort %(days)s days") % {"days": effort} if effort is not None else _("effort not estimated"),
            _status_words(action.get("status")),
        ]
        return _DOT.join(part for part in said if part)

    return PlannedAction(voice.typed(action["title"]), voice.each(plan))


def _status_words(status: str | None) -> str:
    match status:
        case "to_do":
            return _("To do")
        case "doing":
            return _("Doing")
        case "done":
            return _("Done")
        case "dropped":
            return _("Dropped")
    return ""


def register(found: Iterable[Gap], voice: Voice) -> tuple[GapGroup, ...]:
    by_severity: dict[str, list[Gap]] = {severity: [] for severity in Severity}
    for gap in found:
        by_severity[gap.severity].append(gap)

    def title(severity: str, number: int) -> Text:
        return voice.each(lambda _language: f"{SeverityLabel(severity).label} ({number})")

    return tuple(GapGroup(s, title(s, len(group)), tuple(group)) for s, group in by_severity.items() if group)


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
