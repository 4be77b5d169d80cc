"""What a version says in both languages beside its outline: its questions, and its duties with what they rest on.

A published version never changes, so it is read once per process and kept.
"""

from dataclasses import dataclass

from questionnaires.models.duties import Duty, DutyCitation
from questionnaires.models.question_sets import Version
from questionnaires.models.reading_once import read_once
from questionnaires.models.version_parts import Question


@dataclass(frozen=True, slots=True, eq=False)
class VersionTexts:
    """Everything in its order; each duty stands with the primary keys of the provisions that it cites."""

    questions: tuple[Question, ...]
    duties: tuple[tuple[Duty, tuple[int, ...]], ...]


@read_once(at_most=10)  # versions; 200 questions are about half a megabyte
def texts_of(version: Version) -> VersionTexts:
    """Return the version's texts: three queries, none when it is published and was asked for before."""
    cited: dict[int, list[int]] = {}
    citations = DutyCitation.objects.filter(duty__version=version).order_by("position", "pk")
    for duty_id, provision_id in citations.values_list("duty_id", "provision_id"):
        cited.setdefault(duty_id, []).append(provision_id)
    duties = version.duties.order_by("position", "pk")
    return VersionTexts(
        questions=tuple(Question.objects.filter(version=version).order_by("section__position", "position", "pk")),
        duties=tuple((duty, tuple(cited.get(duty.pk, ()))) for duty in duties),
    )
