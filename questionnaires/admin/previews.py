"""A version's pages as a respondent sees them, without an assessment."""

from dataclasses import dataclass, replace

from django.http import Http404

from questionnaires import cards
from questionnaires.models import Question, Section, Version
from questionnaires.models.outlines import Outline, outline_of


@dataclass(frozen=True, slots=True)
class PreviewCard:
    """A question's card, and the facts it waits for."""

    card: cards.QuestionCard
    applies_if: str


def preview_of(version: Version, ref: str) -> dict:
    """The context of one page: the section of that ref, or the facts where it is empty."""
    outline = outline_of(version)
    section = outline.section(ref)
    if ref and section is None:
        raise Http404
    return {
        "sections": outline.sections,
        "section": section,
        "fact_cards": [] if section else [cards.fact_card(fact, None) for fact in outline.facts],
        "cards": _question_cards(outline, section) if section else [],
    }


def _question_cards(outline: Outline, section: Section) -> list[PreviewCard]:
    rows = Question.objects.filter(section=section).order_by("position", "pk")
    found, group = [], ""
    for question in rows.prefetch_related("citations__provision__instrument"):
        citations = tuple(citation for citation in question.citations.all() if citation.provision.is_shown)
        card = cards.question_card(outline, outline.questions[question.pk], question, None, citations)
        starts_group = bool(question.group) and question.group != group
        group = question.group
        found.append(PreviewCard(replace(card, number=len(found) + 1, starts_group=starts_group), question.applies_if))
    return found
