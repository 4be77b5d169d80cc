"""Where an assessment stands: which questions apply and why not the others, and how far the answers have come."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType

from questionnaires import applicability, scoring
from questionnaires.models.instruments import DatedProvision
from questionnaires.models.outlines import Outline, QuestionOutline
from questionnaires.scoring import Outcome


class Because(StrEnum):
    """Why a question is not asked."""

    FACTS = "facts"
    DATE = "date"
    INSTRUMENTS = "instruments"


@dataclass(frozen=True, slots=True)
class NotAsked:
    because: Because
    facts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Given:
    """The part of an answer that progress and scores need."""

    level_id: int | None
    is_not_applicable: bool
    has_justification: bool
    is_confirmed: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    answered: int
    applicable: int

    @property
    def is_complete(self) -> bool:
        return self.answered == self.applicable

    @property
    def percent(self) -> int:
        return 100 * self.answered // self.applicable if self.applicable else 100


@dataclass(frozen=True, slots=True)
class Standing:
    """`facts` are the answered ones by ref; `given` and `not_asked` are by question primary key.

    `provisions` are those that may be shown, by their own.
    """

    outline: Outline
    facts: applicability.FactAnswers
    not_asked: Mapping[int, NotAsked]
    given: Mapping[int, Given]
    provisions: Mapping[int, DatedProvision]
    in_force: frozenset[int]

    def applicable(self, section: str | None = None) -> Iterator[QuestionOutline]:
        for question in self.outline.questions.values():
            if question.pk not in self.not_asked and section in (None, question.section):
                yield question

    def outcome(self, question: QuestionOutline) -> Outcome:
        given = self.given.get(question.pk)
        if given is None:
            return Outcome.UNANSWERED
        if given.is_not_applicable:
            return Outcome.NOT_APPLICABLE
        if given.level_id is None:
            return Outcome.UNANSWERED  # a note alone is no answer
        return Outcome(self.outline.levels[given.level_id].outcome)

    def unanswered(self, section: str | None = None) -> list[QuestionOutline]:
        return [q for q in self.applicable(section) if self.outcome(q) is Outcome.UNANSWERED]

    def unjustified(self) -> list[QuestionOutline]:
        """Questions answered N/A without a justification."""
        given = self.given
        return [
            q
            for q in self.applicable()
            if self.outcome(q) is Outcome.NOT_APPLICABLE and not given[q.pk].has_justification
        ]

    def unconfirmed(self) -> list[QuestionOutline]:
        """Questions whose answer was carried over and not confirmed here."""
        return [q for q in self.applicable() if q.pk in self.given and not self.given[q.pk].is_confirmed]

    def coming_up(self, as_of: date) -> list[DatedProvision]:
        """Provisions of the chosen instruments, cited by a question, that take effect later: the next one first."""
        cited = {pk for question in self.outline.questions.values() for pk in question.provision_ids}
        later = [p for pk, p in self.provisions.items() if pk in cited and p.is_coming(as_of)]
        return sorted(later, key=lambda p: (p.counts_from, p.instrument.slug, p.pk))

    def progress(self, section: str | None = None) -> Progress:
        answered = self._answered()
        applicable = [question.pk for question in self.applicable(section)]
        return Progress(sum(pk in answered for pk in applicable), len(applicable))

    def progress_by_section(self) -> dict[str, Progress]:
        """One pass over all questions; a section without applicable questions is there, too."""
        answered = self._answered()
        counts = {section.ref: [0, 0] for section in self.outline.sections}
        for pk, question in self.outline.questions.items():
            if pk not in self.not_asked:
                count = counts[question.section]
                count[0] += pk in answered
                count[1] += 1
        return {ref: Progress(*count) for ref, count in counts.items()}

    def _answered(self) -> set[int]:
        return {pk for pk, given in self.given.items() if given.is_not_applicable or given.level_id is not None}

    def counted_provisions(self, question: QuestionOutline) -> list[DatedProvision]:
        """The provisions the question counts for: chosen, in force on the day, and not withheld."""
        return [self.provisions[pk] for pk in question.provision_ids if pk in self.in_force]

    def responses(self) -> Iterator[scoring.Response]:
        for question in self.applicable():
            outcome = self.outcome(question)
            lowest, highest = self.outline.bounds(question.scale_id)
            is_scored = outcome not in (Outcome.NOT_APPLICABLE, Outcome.UNANSWERED)
            yield scoring.Response(
                ref=question.ref,
                section=question.section,
                severity=question.severity,
                outcome=outcome,
                score=self.outline.levels[self.given[question.pk].level_id].score if is_scored else None,
                lowest=lowest,
                highest=highest,
                provisions=tuple(_cited(p) for p in self.counted_provisions(question)),
                is_confirmed=question.pk not in self.given or self.given[question.pk].is_confirmed,
            )

    def score(self, weights: Mapping[scoring.Severity, Decimal]) -> scoring.Result:
        return scoring.score(self.responses(), weights)


def _cited(provision: DatedProvision) -> scoring.CitedProvision:
    instrument = provision.instrument
    return scoring.CitedProvision(provision.key, instrument.slug, instrument.legal_force, instrument.is_binding)


def make_standing(
    outline: Outline,
    *,
    facts: applicability.FactAnswers,
    given: Mapping[int, Given],
    provisions: Iterable[DatedProvision],
    as_of,
) -> Standing:
    """Decide every question of the outline; `provisions` are those of the chosen instruments that may be shown."""
    by_pk = {provision.pk: provision for provision in provisions}
    in_force = frozenset(pk for pk, provision in by_pk.items() if provision.is_in_force(as_of))
    not_asked = _not_asked(outline, frozenset(facts.items()), frozenset(by_pk), in_force)
    return Standing(outline, facts, not_asked, given, by_pk, in_force)


@lru_cache(maxsize=200)  # facts are stated once, then every page and every save asks again
def _not_asked(
    outline: Outline,
    facts: frozenset[tuple[str, frozenset[str]]],
    chosen: frozenset[int],
    in_force: frozenset[int],
) -> Mapping[int, NotAsked]:
    reasons = {
        question.pk: _reason(question, outline, dict(facts), chosen, in_force)
        for question in outline.questions.values()
    }
    return MappingProxyType({pk: reason for pk, reason in reasons.items() if reason is not None})


def _reason(
    question: QuestionOutline,
    outline: Outline,
    facts: applicability.FactAnswers,
    chosen: frozenset[int],
    in_force: frozenset[int],
) -> NotAsked | None:
    if in_force.isdisjoint(question.provision_ids):
        is_chosen = any(pk in chosen for pk in question.provision_ids)
        return NotAsked(Because.DATE if is_chosen else Because.INSTRUMENTS)
    verdict = applicability.decide(question.expression, facts, outline.fact_types)
    return NotAsked(Because.FACTS, verdict.facts) if verdict.applies is False else None
