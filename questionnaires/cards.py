"""Prepared values for the question and fact cards: the templates only loop over them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from django.utils import timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from questionnaires.citations import Cited
from questionnaires.forms import NONE_OF_THESE, NOT_APPLICABLE, AnswerForm, FactForm, answer_prefix, fact_prefix
from questionnaires.models import Answer, Fact, FactAnswer
from questionnaires.models.outlines import Outline, QuestionOutline, QuestionText
from questionnaires.models.standings import Because, NotAsked, Standing


@dataclass(frozen=True, slots=True)
class Option:
    value: str
    label: str
    outcome: str = ""
    description: str = ""
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class Save:
    """What the line under a card says: `state` is "", saved, unconfirmed, invalid, conflict or closed.

    An unconfirmed answer was carried over: from where, and the question's text there if it was worded otherwise.
    """

    revision: int = 0
    state: str = ""
    at: datetime | None = None
    errors: tuple[str, ...] = ()
    theirs: str = ""
    theirs_by: str = ""
    theirs_note: str = ""
    theirs_revision: int = 0
    carried_from: str = ""
    old_text: str = ""

    @property
    def time(self) -> str:
        """Hour and minute, in the zone in use."""
        return f"{timezone.localtime(self.at):%H:%M}" if self.at else ""


@dataclass(frozen=True, slots=True)
class QuestionCard:
    prefix: str
    number: int
    ref: str
    question: QuestionText
    options: tuple[Option, ...]
    citations: tuple[Cited, ...]
    save: Save
    justification: str = ""
    note: str = ""
    starts_group: bool = False

    @property
    def marks(self) -> tuple[str, ...]:
        """Change marks of its citations, such as “New in 2020”, each once."""
        notes = (provision.change_note for provision in self.citations)
        return tuple(dict.fromkeys(note for note in notes if note))

    @property
    def instrument_count(self) -> int:
        return len({provision.instrument_id for provision in self.citations})


@dataclass(frozen=True, slots=True)
class FactCard:
    prefix: str
    fact: Fact
    options: tuple[Option, ...]
    is_multiple: bool
    save: Save


@dataclass(frozen=True, slots=True)
class NotAskedRow:
    text: str
    reason: str
    facts: tuple[str, ...] = field(default=())


def saved(answer: Answer | FactAnswer | None) -> Save:
    return Save(answer.revision, "saved", answer.answered_at) if answer else Save()


def stored_answer(answer: Answer | None, question: QuestionText) -> Save:
    """Of an unconfirmed answer, needs the answer it was carried from, with its question and assessment."""
    if answer is None or answer.is_confirmed:
        return saved(answer)
    before = answer.carried_from
    old_text = before.question.text if before.question.text != question.text else ""
    return Save(
        answer.revision, "unconfirmed", answer.answered_at, carried_from=before.assessment.name, old_text=old_text
    )


def question_cards(
    standing: Standing,
    questions: Iterable[QuestionText],
    answers: dict[int, Answer],
    provisions: Mapping[int, Cited],
    *,
    unsaved: Collection[int] = (),
) -> list[QuestionCard]:
    """One card per applicable question of a section, in order; and those with something unsaved, come what may."""
    cards: list[QuestionCard] = []
    group = ""
    for question in questions:
        if question.pk in standing.not_asked and question.pk not in unsaved:
            continue
        outlined = standing.outline.questions[question.pk]
        counted = tuple(provisions[pk] for pk in outlined.provision_ids if pk in standing.in_force and pk in provisions)
        card = question_card(standing.outline, outlined, question, answers.get(question.pk), counted)
        starts_group = bool(question.group) and question.group != group
        group = question.group
        cards.append(replace(card, number=len(cards) + 1, starts_group=starts_group))
    return cards


def question_card(
    outline: Outline,
    outlined: QuestionOutline,
    question: QuestionText,
    answer: Answer | None,
    citations: tuple[Cited, ...],
) -> QuestionCard:
    chosen = ""
    if answer:
        chosen = NOT_APPLICABLE if answer.is_not_applicable else str(answer.level_id or "")
    return QuestionCard(
        prefix=answer_prefix(question.pk),
        number=1,
        ref=question.ref,
        question=question,
        options=_level_options(outline, outlined.scale_id, chosen, get_language()),
        citations=citations,
        save=stored_answer(answer, question),
        justification=answer.justification if answer else "",
        note=answer.note if answer else "",
    )


@lru_cache(maxsize=500)
def _level_options(outline: Outline, scale_id: int, chosen: str, language: str) -> tuple[Option, ...]:
    """The same for every question of the scale; `language` is the one in use."""
    rows = [(str(level.pk), level.label, level.outcome, level.description) for level in outline.scale_levels[scale_id]]
    rows.append((NOT_APPLICABLE, _("Not applicable"), "not_applicable", ""))
    rows.append(("", _("No answer yet"), "unanswered", ""))
    return tuple(Option(v, label, outcome, text, is_chosen=v == chosen) for v, label, outcome, text in rows)


def with_posted(card: QuestionCard, form: AnswerForm, save: Save) -> QuestionCard:
    """The card with what was typed instead of what is stored."""
    choice = form.data.get(form.add_prefix("choice"), "")
    return replace(
        card,
        options=tuple(replace(option, is_chosen=option.value == choice) for option in card.options),
        justification=form.data.get(form.add_prefix("justification"), ""),
        note=form.data.get(form.add_prefix("note"), ""),
        save=save,
    )


def invalid(form: AnswerForm | FactForm) -> Save:
    """Keeps the revision that was seen: with the stored one, the next attempt would replace what nobody read."""
    errors = tuple(str(error) for errors in form.errors.values() for error in errors)
    return Save(form.cleaned_data.get("revision", 0), "invalid", errors=errors)


def nothing_stored() -> Save:
    """For a revision of an answer that is not there."""
    return Save(0, "invalid", errors=(_("Not saved: there is no earlier answer to replace. Save again."),))


def answer_conflict(seen: int, current: Answer | None, outline: Outline) -> Save:
    if current is None:
        return nothing_stored()
    if current.is_not_applicable:
        theirs = _("Not applicable")
    else:
        level = outline.levels.get(current.level_id)
        theirs = level.label if level else _("No answer yet")
    note = current.justification if current.is_not_applicable else current.note
    return _conflict(seen, current, theirs, note)


def fact_conflict(seen: int, current: FactAnswer | None, fact: Fact) -> Save:
    if current is None:
        return nothing_stored()
    if current.values is None:
        theirs = _("No answer yet")
    else:
        labels = [str(label) for ref, label in fact.options if ref in current.values]
        theirs = pgettext("between the items of a list", ", ").join(labels) or _("None of these")
    return _conflict(seen, current, theirs, "")


def _conflict(seen: int, current: Answer | FactAnswer, theirs: str, note: str) -> Save:
    return Save(
        seen,
        "conflict",
        current.answered_at,
        theirs=theirs,
        theirs_by=str(current.answered_by),
        theirs_note=note,
        theirs_revision=current.revision,
    )


def fact_card(fact: Fact, stored: FactAnswer | None) -> FactCard:
    chosen = None if stored is None else stored.values
    is_multiple = fact.kind == Fact.Kind.CHOICES
    options = [Option(ref, str(label), is_chosen=chosen is not None and ref in chosen) for ref, label in fact.options]
    if is_multiple:
        options.append(Option(NONE_OF_THESE, _("None of these"), is_chosen=chosen == []))
    else:
        options.append(Option("", _("No answer yet"), is_chosen=chosen is None))
    return FactCard(fact_prefix(fact), fact, tuple(options), is_multiple, saved(stored))


def fact_with_posted(card: FactCard, posted: list[str], save: Save) -> FactCard:
    options = tuple(replace(option, is_chosen=option.value in posted) for option in card.options)
    return replace(card, options=options, save=save)


def not_asked_rows(standing: Standing, questions: Iterable[QuestionText], as_of) -> list[NotAskedRow]:
    """The questions of a section that do not apply, each with its reason in words."""
    facts = {fact.ref: fact.text for fact in standing.outline.facts}
    rows = []
    for question in questions:
        not_asked = standing.not_asked.get(question.pk)
        if not_asked:
            rows.append(NotAskedRow(question.text, reason(not_asked), tuple(facts[ref] for ref in not_asked.facts)))
    return rows


def reason(not_asked: NotAsked) -> str:
    match not_asked.because:
        case Because.FACTS:
            return _("Your facts rule it out:")
        case Because.DATE:
            return _("None of the provisions it rests on is in force on the as-of date.")
        case Because.INSTRUMENTS:
            return _("It rests only on instruments that this assessment leaves out.")
