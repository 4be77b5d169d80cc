"""Answers carried over from one assessment to another, by ref: to be confirmed there, never taken as given."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db import transaction

from questionnaires.models.assessments import Answer, AnswerChange, Assessment, FactAnswer
from questionnaires.models.outlines import QuestionOutline
from questionnaires.models.version_parts import AnswerLevel, Fact


@dataclass(frozen=True, slots=True)
class Carried:
    """How many answers and facts came over, and how many answers had no question or no level to go to."""

    answers: int
    facts: int
    homeless: int


@transaction.atomic
def carry_over(source: Assessment, target: Assessment) -> Carried:
    """Copy facts and answers of `source` into `target`, which has none yet.

    An answer goes to the question of the same ref and keeps who gave it and when; it is unconfirmed. Of another scale
    it takes the level with the same outcome and the nearest score. Raises ValueError across organisations: what one
    organisation answered is not another's.
    """
    if source.organisation_id != target.organisation_id:
        raise ValueError("Answers are carried over within one organisation only.")
    facts = list(_facts(source, target))
    FactAnswer.objects.bulk_create(facts)
    given = list(source.answers.select_related("question__scale", "level"))
    answers = list(_answers(given, target))
    Answer.objects.bulk_create(answers)
    AnswerChange.objects.bulk_create(answer.as_change() for answer in answers)
    target.carried_from = source
    target.save(update_fields=["carried_from"])
    return Carried(len(answers), len(facts), len(given) - len(answers))


def _facts(source: Assessment, target: Assessment) -> Iterable[FactAnswer]:
    facts = {fact.ref: fact for fact in target.outline.facts}
    for stated in source.fact_answers.select_related("fact"):
        fact = facts.get(stated.fact.ref)
        values = None if stated.values is None else values_in(fact, stated.values, kind=stated.fact.kind)
        if values is not None:
            yield carried_fact(stated, target, fact, values)


def values_in(fact: Fact | None, values: Collection[str], *, kind: str) -> list[str] | None:
    """What was stated, as this fact of another version has it; None where it cannot say the same."""
    if fact is None or fact.kind != kind:
        return None
    known = [ref for ref, _label in fact.options if ref in values]
    if len(known) < len(values) and (fact.kind != Fact.Kind.CHOICES or not known):
        return None  # what was chosen is no more; nothing left is not the same as “none of these”
    return known


def carried_fact(stated: FactAnswer, target: Assessment, fact: Fact, values: list[str]) -> FactAnswer:
    return FactAnswer(
        assessment=target,
        fact=fact,
        values=values,
        answered_at=stated.answered_at,
        answered_by_id=stated.answered_by_id,
    )


def _answers(given: Iterable[Answer], target: Assessment) -> Iterable[Answer]:
    questions = {question.ref: question for question in target.outline.questions.values()}
    for answer in given:
        question = questions.get(answer.question.ref)
        if question is None:
            continue
        level = None
        if answer.level:
            level = level_in(target.outline.scale_levels[question.scale_id], answer.level)
            if level is None:
                continue
        yield carried_answer(answer, target, question, level)


def carried_answer(answer: Answer, target: Assessment, question: QuestionOutline, level: AnswerLevel | None) -> Answer:
    """To be confirmed; who gave it and when are kept."""
    return Answer(
        assessment=target,
        question_id=question.pk,
        level=level,
        is_not_applicable=answer.is_not_applicable,
        justification=answer.justification,
        note=answer.note,
        answered_at=answer.answered_at,
        answered_by_id=answer.answered_by_id,
        carried_from=answer,
        is_confirmed=level is None and not answer.is_not_applicable,  # a note alone is no answer to confirm
    )


def level_in(candidates: Iterable[AnswerLevel], level: AnswerLevel) -> AnswerLevel | None:
    """The level of another scale with the same outcome and the nearest score; None where no outcome is the same."""
    same_outcome = [candidate for candidate in candidates if candidate.outcome == level.outcome]
    return min(same_outcome, key=lambda c: (abs(c.score - level.score), c.ref != level.ref), default=None)
