"""What a report on a draft looks like: one of an invented assessment, drawn like any other.

The assessment is made of real rows, so that nothing is drawn otherwise than later, and all of it is taken back.
"""

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from frcheck.accounts.models import Organisation
from questionnaires.models import Answer, Assessment, Instrument, Version
from questionnaires.models.freezing import Data, frozen_content
from questionnaires.models.outlines import Outline, QuestionOutline


def sample_problems(version: Version) -> list[str]:
    """Why no report can be drawn yet, a sentence each."""
    if not version.questions.exists():
        return [_("The version asks nothing.")]
    bare = version.scales.filter(levels__isnull=True, questions__isnull=False).distinct()
    return [_("Scale “%(scale)s” has no level yet.") % {"scale": scale.ref} for scale in bare]


def sample_content(version: Version, *, by) -> Data:
    """Frozen content of an assessment of today that exists for as long as this takes."""
    with transaction.atomic():
        organisation = Organisation.objects.create(name=_("Sample organisation"))
        assessment = Assessment.objects.create(
            organisation=organisation,
            version=version,
            name=_("Sample"),
            subject=_("An invented deployment"),
            as_of=timezone.localdate(),
            created_by=by,
        )
        assessment.instruments.set(Instrument.objects.filter(provisions__questions__version=version).distinct())
        outline = assessment.outline
        Answer.objects.bulk_create(
            answer
            for at, question in enumerate(outline.questions.values())
            if (answer := _invented(assessment, outline, question, at, by))
        )
        content = frozen_content(assessment)
        transaction.set_rollback(True)
    return content


def _invented(assessment: Assessment, outline: Outline, question: QuestionOutline, at: int, by) -> Answer | None:
    """The levels in turn, the best more often; one in nine is left open, one in eleven does not apply."""
    if at % 9 == 8:
        return None
    levels = outline.scale_levels[question.scale_id]
    is_not_applicable = at % 11 == 10
    level = levels[at % len(levels)] if at % 2 else levels[0]
    return Answer(
        assessment=assessment,
        question_id=question.pk,
        level=None if is_not_applicable else level,
        is_not_applicable=is_not_applicable,
        justification=_("Invented: there is no such function.") if is_not_applicable else "",
        note=_("Invented note.") if at % 5 == 1 else "",
        answered_at=timezone.now(),
        answered_by=by,
    )
