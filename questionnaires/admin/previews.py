"""A version's pages as a respondent sees them, without an assessment."""

from dataclasses import dataclass, replace

from django.http import Http404

from questionnaires import cards
from questionnaires.citations import cited
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
    outlined = [(question, outline.questions[question.pk]) for question in rows]
    shown = cited(pk for _, question in outlined for pk in question.provision_ids)
    for question, own in outlined:
        citations = tuple(shown[pk] for pk in own.provision_ids if pk in shown)
        card = cards.question_card(outline, own, question, None, citations)
        starts_group = bool(question.group) and question.group != group
        group = question.group
        found.append(PreviewCard(replace(card, number=len(found) + 1, starts_group=starts_group), question.applies_if))
    return found
