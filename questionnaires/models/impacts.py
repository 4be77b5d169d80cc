"""What a version would mean for the assessments that run on another one, counted by the database."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from questionnaires.models.assessments import Answer, Assessment
from questionnaires.models.moving import Fate, homes
from questionnaires.models.question_sets import Version

Fates = Mapping[Fate, int]


@dataclass(frozen=True, slots=True)
class Impact:
    """How many assessments run on the older version, and what would become of their answers; by question ref, too.

    `open` are under way; `submitted` are the newest of their series and could be reopened on the newer version.
    """

    open: int
    submitted: int
    answers: Fates
    by_question: Mapping[str, Fates]

    @property
    def assessments(self) -> int:
        return self.open + self.submitted


def impact(before: Version, after: Version, assessments: QuerySet) -> Impact:
    """Of those among `assessments` that run on `before`: three queries beside the outlines, whatever their number."""
    newest = assessments.filter(version=before, next_revision__isnull=True, superseded_at__isnull=True)
    running = Assessment.objects.filter(pk__in=newest.values("pk"))
    counts = running.aggregate(
        open=Count("pk", filter=Q(submitted_at__isnull=True)),
        submitted=Count("pk", filter=Q(submitted_at__isnull=False)),
    )
    given = (
        Answer.objects.filter(assessment__in=running)
        .order_by()
        .values_list("question_id", "question__ref", "level_id", "is_not_applicable")
        .annotate(number=Count("pk"))
    )
    where = homes(before, after)
    by_question: dict[str, Counter[Fate]] = {}
    for question_id, ref, level_id, is_not_applicable, number in given:
        fate = where[question_id].fate(level_id, is_not_applicable=is_not_applicable)
        by_question.setdefault(ref, Counter())[fate] += number
    return Impact(**counts, answers=sum(by_question.values(), Counter()), by_question=by_question)
