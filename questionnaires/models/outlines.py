"""The skeleton of a version: what decides which questions apply and how they are scored, without their texts.

A published version never changes, so its outline is read once per process and kept.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import lru_cache
from typing import NamedTuple

from questionnaires import applicability
from questionnaires.models.question_sets import Version
from questionnaires.models.reading_once import read_once
from questionnaires.models.version_parts import AnswerLevel, AnswerScale, Citation, Fact, Question, Section
from questionnaires.scoring import Severity


@dataclass(frozen=True, slots=True)
class QuestionOutline:
    pk: int
    ref: str
    section: str
    severity: Severity
    scale_id: int
    expression: applicability.Expression | None
    provision_ids: tuple[int, ...]


class QuestionText(NamedTuple):
    """What a question says, in one language."""

    pk: int
    ref: str
    severity: str
    group: str
    text: str
    why: str
    evidence: str


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """Everything in question order. `levels` and `scale_levels` are by primary key. Equal only to itself."""

    sections: tuple[Section, ...]
    facts: tuple[Fact, ...]
    fact_types: Mapping[str, applicability.FactType]
    levels: Mapping[int, AnswerLevel]
    scale_levels: Mapping[int, tuple[AnswerLevel, ...]]
    questions: Mapping[int, QuestionOutline]

    def bounds(self, scale_id: int) -> tuple[Decimal, Decimal]:
        scores = [level.score for level in self.scale_levels[scale_id]]
        return min(scores), max(scores)

    def stated(self, rows: Iterable[tuple[int, Iterable[str] | None]]) -> dict[str, frozenset[str]]:
        """Answered facts by ref, from primary keys of facts and their values; an unanswered one is absent."""
        refs = {fact.pk: fact.ref for fact in self.facts}
        return {refs[fact_id]: frozenset(values) for fact_id, values in rows if values is not None}

    def section(self, ref: str) -> Section | None:
        return next((section for section in self.sections if section.ref == ref), None)


@read_once(at_most=50)  # versions; an outline of 200 questions is about 200 kB
def outline_of(version: Version) -> Outline:
    """Return the version's outline: five queries, none when it is published and was asked for before."""
    sections = tuple(version.sections.order_by("position", "pk"))
    facts = tuple(version.facts.order_by("position", "pk").prefetch_related("choices"))
    scales = AnswerScale.objects.filter(version=version).prefetch_related("levels")
    scale_levels = {scale.pk: tuple(scale.levels.all()) for scale in scales}
    provision_ids: dict[int, list[int]] = {}
    citations = Citation.objects.filter(question__version=version).order_by("question_id", "position", "pk")
    for question_id, provision_id in citations.values_list("question_id", "provision_id"):
        provision_ids.setdefault(question_id, []).append(provision_id)
    rows = version.questions.order_by("section__position", "section_id", "position", "pk").values_list(
        "pk", "ref", "section__ref", "severity", "scale_id", "applies_if"
    )
    questions = {
        pk: QuestionOutline(
            pk, ref, section, Severity(severity), scale, _expression(applies_if), tuple(provision_ids.get(pk, ()))
        )
        for pk, ref, section, severity, scale, applies_if in rows
    }
    return Outline(
        sections=sections,
        facts=facts,
        fact_types={fact.ref: fact.type for fact in facts},
        levels={level.pk: level for levels in scale_levels.values() for level in levels},
        scale_levels=scale_levels,
        questions=questions,
    )


def section_texts(section: Section, *, language: str) -> tuple[QuestionText, ...]:
    """The section's questions in order: one query, none when its version is published and was asked for before."""
    if not section.version.is_published:
        return _read_texts(section.pk)
    return _kept_texts(section.pk, section.version.published_at, language)


@lru_cache(maxsize=500)  # about 20 kB a section
def _kept_texts(section_id: int, published_at: datetime, language: str) -> tuple[QuestionText, ...]:
    """The arguments are what the texts are kept under: a section's key alone may come again in another database."""
    return _read_texts(section_id)


def _read_texts(section_id: int) -> tuple[QuestionText, ...]:
    rows = Question.objects.filter(section=section_id).order_by("position", "pk").values_list(*QuestionText._fields)
    return tuple(QuestionText(*row) for row in rows)


def _expression(text: str) -> applicability.Expression | None:
    try:
        return applicability.parse(text)
    except applicability.ExpressionError:
        return None  # only a draft can hold one: its preview asks the question, and publishing names the fault
