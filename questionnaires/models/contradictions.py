"""Which of a version's contradictions hold among the stated facts and the given answers."""

from dataclasses import dataclass

from questionnaires import applicability
from questionnaires.models.assessments import Answer, Assessment
from questionnaires.models.duties import Contradiction
from questionnaires.models.standings import Standing
from questionnaires.models.version_parts import Fact
from questionnaires.scoring import Outcome
from questionnaires.validation import OUTCOMES


@dataclass(frozen=True, slots=True)
class StatedFact:
    fact: Fact
    labels: tuple[str, ...]  # none chosen: an empty tuple


@dataclass(frozen=True, slots=True)
class Held:
    """A contradiction with everything it compared: facts and answers as they were given."""

    contradiction: Contradiction
    facts: tuple[StatedFact, ...]
    answers: tuple[Answer, ...]


def contradictions_held(assessment: Assessment, standing: Standing) -> list[Held]:
    """Three queries at most: contradictions, facts, and the answers they name."""
    rules = [(rule, applicability.parse(rule.holds_if)) for rule in assessment.version.contradictions.all()]
    if not rules:
        return []
    outline = standing.outline
    stated = assessment.fact_values()
    outcomes = {q.ref: standing.outcome(q) for q in standing.applicable()}
    given = {ref: frozenset({outcome.value}) for ref, outcome in outcomes.items() if outcome is not Outcome.UNANSWERED}
    types = dict(outline.fact_types) | {question.ref: OUTCOMES for question in outline.questions.values()}
    held = [(rule, _names(e)) for rule, e in rules if applicability.decide(e, stated | given, types).applies]
    named = {ref for _rule, refs in held for ref in refs}
    questions = {q.ref: q.pk for q in outline.questions.values() if q.ref in named and q.ref in given}
    answers = {
        answer.question.ref: answer
        for answer in assessment.answers.filter(question__in=questions.values()).select_related(
            "question__section", "level", "answered_by"
        )
    }
    facts = {
        fact.ref: StatedFact(fact, _labels(fact, stated[fact.ref])) for fact in outline.facts if fact.ref in stated
    }
    return [
        Held(
            rule,
            tuple(facts[ref] for ref in refs if ref in facts),
            tuple(answers[ref] for ref in refs if ref in answers),
        )
        for rule, refs in held
    ]


def _names(expression: applicability.Expression | None) -> tuple[str, ...]:
    return tuple(dict.fromkeys(comparison.fact for comparison in applicability.comparisons(expression)))


def _labels(fact: Fact, values: frozenset[str]) -> tuple[str, ...]:
    return tuple(str(label) for ref, label in fact.options if ref in values)
