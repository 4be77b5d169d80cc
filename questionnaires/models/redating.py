"""The same answers on another day: what changes because the law changed, and nothing else."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from questionnaires import scoring
from questionnaires.models.assessments import Assessment
from questionnaires.models.outlines import QuestionOutline
from questionnaires.models.standings import Standing


@dataclass(frozen=True, slots=True)
class Redated:
    """From the assessment's own day to another. Provisions are primary keys of those that a question cites."""

    before: Standing
    after: Standing
    scores_before: scoring.Result
    scores_after: scoring.Result
    newly_asked: tuple[QuestionOutline, ...]
    no_longer_asked: tuple[QuestionOutline, ...]
    recited: Mapping[int, tuple[tuple[int, ...], tuple[int, ...]]]  # question: provisions before, after
    begun: tuple[int, ...]
    ended: tuple[int, ...]

    @property
    def is_same(self) -> bool:
        return not (self.begun or self.ended)


def redate(assessment: Assessment, day: date) -> Redated:
    """Compare the assessment with itself on another day; six queries."""
    before, after = assessment.standing(), assessment.standing(as_of=day)
    asked_before = {question.pk for question in before.applicable()}
    asked_after = {question.pk for question in after.applicable()}
    questions = before.outline.questions
    cited = {pk for question in questions.values() for pk in question.provision_ids}
    return Redated(
        before=before,
        after=after,
        scores_before=before.score(assessment.version.weights),
        scores_after=after.score(assessment.version.weights),
        newly_asked=tuple(q for pk, q in questions.items() if pk in asked_after - asked_before),
        no_longer_asked=tuple(q for pk, q in questions.items() if pk in asked_before - asked_after),
        recited={
            pk: (_counted(before, questions[pk]), _counted(after, questions[pk]))
            for pk in questions
            if pk in asked_before & asked_after and _counted(before, questions[pk]) != _counted(after, questions[pk])
        },
        begun=tuple(sorted(cited & (after.in_force - before.in_force))),
        ended=tuple(sorted(cited & (before.in_force - after.in_force))),
    )


def _counted(standing: Standing, question: QuestionOutline) -> tuple[int, ...]:
    return tuple(pk for pk in question.provision_ids if pk in standing.in_force)
