"""The terms behind every score of a report, from its frozen content."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from questionnaires.explaining import Explanation, Grouping, Term, explain, members
from questionnaires.models import LegalForce
from questionnaires.models import Outcome as OutcomeLabel
from questionnaires.models import Severity as SeverityLabel
from questionnaires.reporting.citations import force_label
from questionnaires.reporting.figures import DASH, number, range_text, score_text
from questionnaires.reporting.parts import question_anchor
from questionnaires.reporting.texts import NOTHING, Text, Voice
from questionnaires.reporting.values import Explained, ExplainedGroup, ExplainedTerm
from questionnaires.scoring import CitedProvision, Outcome, Response, Severity

Data = Mapping[str, Any]
RESULT_KEYS = {
    Grouping.SECTION: "by_section",
    Grouping.INSTRUMENT: "by_instrument",
    Grouping.LEGAL_FORCE: "by_legal_force",
}


class Unknown(LookupError):
    """The report has no such score."""


def responses(content: Data) -> tuple[Response, ...]:
    """What was scored when the report was frozen, in question order."""
    cited = _cited(content)
    return tuple(
        _response(section["ref"], question, cited)
        for section in content["sections"]
        for question in section["questions"]
        if not question["not_asked"]
    )


def _cited(content: Data) -> dict[str, CitedProvision]:
    instruments = {instrument["slug"]: instrument for instrument in content["instruments"]}
    made = {}
    for key, provision in content["provisions"].items():
        instrument = instruments[provision["instrument"]]
        made[key] = CitedProvision(key, instrument["slug"], instrument["legal_force"], instrument["is_binding"])
    return made


def _response(section: str, question: Data, cited: Mapping[str, CitedProvision]) -> Response:
    answer = question["answer"]
    outcome = Outcome(answer["outcome"])
    lowest, highest = question.get("bounds", ("0", "1"))  # a report frozen before they were kept; see keeps_bounds
    return Response(
        ref=question["ref"],
        section=section,
        severity=Severity(question["severity"]),
        outcome=outcome,
        score=number(answer["score"]) if outcome not in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED) else None,
        lowest=Decimal(lowest),
        highest=Decimal(highest),
        provisions=tuple(cited[key] for key in question["citations"]),
        is_confirmed=answer.get("is_confirmed", True),
    )


def keeps_bounds(content: Data) -> bool:
    """Whether the bounds of the scales are kept, without which the terms of a range are unknown."""
    return all("bounds" in q for section in content["sections"] for q in section["questions"] if not q["not_asked"])


def weights(content: Data) -> dict[Severity, Decimal]:
    return {Severity(severity): Decimal(weight) for severity, weight in content["version"]["weights"].items()}


def frozen_score(content: Data, grouping: Grouping, key: str) -> Data:
    """The figure that is explained. Raises Unknown."""
    if grouping is Grouping.OVERALL:
        return content["result"]["overall"]
    try:
        return content["result"][RESULT_KEYS[grouping]][key]
    except KeyError:
        raise Unknown(f"{grouping} {key}") from None


def explained(content: Data, grouping: Grouping, key: str, *, numbers: Mapping[str, str], voice: Voice) -> Explained:
    """One score with every term. Raises Unknown where the report has no such score."""
    frozen = frozen_score(content, grouping, key)
    explanation = explain(members(responses(content), grouping, key), weights(content))
    questions = {q["ref"]: q for section in content["sections"] for q in section["questions"]}
    has_range = explanation.low != explanation.high
    return Explained(
        label=group_label(content, grouping, key, voice),
        terms=tuple(_term(term, questions[term.ref], numbers, voice) for term in explanation.terms),
        group=_group(NOTHING, explanation, frozen, ""),
        exact=frozen["value"] or DASH,
        shows_range=has_range and keeps_bounds(content),
        low_points=plain(explanation.low_points),
        high_points=plain(explanation.high_points),
        possible=plain(explanation.possible),
        low=frozen["low"] or DASH,
        high=frozen["high"] or DASH,
        scoring_version=content["result"]["scoring_version"],
    )


def _term(term: Term, question: Data, numbers: Mapping[str, str], voice: Voice) -> ExplainedTerm:
    level = question["answer"]["level"]
    return ExplainedTerm(
        number=numbers[term.ref],
        anchor=question_anchor(numbers[term.ref]),
        text=voice.content(question["text"]),
        severity_label=voice.say(SeverityLabel(term.severity).label),
        outcome=term.outcome,
        outcome_label=voice.say(OutcomeLabel(term.outcome).label),
        level=voice.content(level) if level else NOTHING,
        weight=plain(term.weight),
        score=_or_dash(term.score),
        product=_or_dash(term.product),
        low=_or_dash(term.low),
        high=_or_dash(term.high),
    )


def group_label(content: Data, grouping: Grouping, key: str, voice: Voice) -> Text:
    match grouping:
        case Grouping.SECTION:
            return voice.content(next(s["title"] for s in content["sections"] if s["ref"] == key))
        case Grouping.INSTRUMENT:
            return voice.content(next(i["short_title"] for i in content["instruments"] if i["slug"] == key))
        case Grouping.LEGAL_FORCE:
            return force_label(key, voice)
    return NOTHING


def explained_groups(content: Data, numbers: Mapping[str, str], voice: Voice) -> tuple[ExplainedGroup, ...]:
    """The annex of the PDF: sections with their terms, then instruments and forces, which name theirs by number."""
    all_responses, by_severity = responses(content), weights(content)
    made = []
    for grouping, keys in _all_groups(content):
        for key in keys:
            explanation = explain(members(all_responses, grouping, key), by_severity)
            label = group_label(content, grouping, key, voice)
            frozen = frozen_score(content, grouping, key)
            made.append(_group(label, explanation, frozen, _line(grouping, explanation, numbers)))
    return tuple(made)


def _all_groups(content: Data):
    result = content["result"]
    yield Grouping.SECTION, [s["ref"] for s in content["sections"] if s["ref"] in result["by_section"]]
    yield Grouping.LEGAL_FORCE, [force for force in LegalForce.values if force in result["by_legal_force"]]
    yield Grouping.INSTRUMENT, [i["slug"] for i in content["instruments"] if i["slug"] in result["by_instrument"]]


def _line(grouping: Grouping, explanation: Explanation, numbers: Mapping[str, str]) -> str:
    if grouping is not Grouping.SECTION:
        return ", ".join(numbers[term.ref] for term in explanation.terms if term.product is not None) or DASH
    return "; ".join(_product(term, numbers[term.ref]) for term in explanation.terms)


def _product(term: Term, number: str) -> str:
    """Such as 1.2: 8 × 0.5 = 4, which does not break."""
    if term.product is None or term.score is None:
        return f"{number}:\N{NO-BREAK SPACE}{DASH}"
    return f"{number}: {plain(term.weight)} × {plain(term.score)} = {plain(term.product)}".replace(
        " ", "\N{NO-BREAK SPACE}"
    )


def _group(label: Text, explanation: Explanation, frozen: Data, line: str) -> ExplainedGroup:
    return ExplainedGroup(
        label=label,
        line=line,
        points=plain(explanation.points),
        weight=plain(explanation.weight),
        score=score_text(number(frozen["value"])),
        range=range_text(number(frozen["low"]), number(frozen["high"])),
    )


def plain(value: Decimal) -> str:
    """Without trailing zeros or an exponent."""
    return format(value.normalize() + 0, "f")


def _or_dash(value: Decimal | None) -> str:
    return DASH if value is None else plain(value)
