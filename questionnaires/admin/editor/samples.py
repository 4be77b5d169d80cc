"""Facts tried out on a draft: which questions would apply, and what an expression says."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from django.db.models import Prefetch
from django.http import QueryDict

from questionnaires import applicability
from questionnaires.admin.editor.trees import LABELS
from questionnaires.models import Fact, FactChoice, Question, Version
from questionnaires.models.version_parts import faults_of

PREFIX = "fact-"


@dataclass(frozen=True, slots=True)
class SampleFact:
    fact: Fact
    chosen: frozenset[str]

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.fact.ref}"

    @property
    def options(self) -> list[tuple[str, str, bool]]:
        return [(value, label, value in self.chosen) for value, label in self.fact.options]


@dataclass(frozen=True, slots=True)
class Tried:
    """One question: `applies` is None while facts are open, or while its expression cannot be read."""

    pk: int
    ref: str
    text: str
    applies: bool | None
    facts: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Trial:
    applying: list[Tried] = field(default_factory=list)
    open: list[Tried] = field(default_factory=list)
    not_applying: list[Tried] = field(default_factory=list)
    faulty: list[Tried] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(map(len, (self.applying, self.open, self.not_applying, self.faulty)))


def sample_facts(version: Version, query: QueryDict) -> list[SampleFact]:
    # The model's own order would join four tables.
    choices = Prefetch("choices", FactChoice.objects.order_by("position", "pk"))
    facts = version.facts.order_by("position", "pk").prefetch_related(choices)
    return [SampleFact(fact, frozenset(filter(None, query.getlist(f"{PREFIX}{fact.ref}")))) for fact in facts]


def answers_of(facts: Iterable[SampleFact]) -> tuple[dict[str, frozenset[str]], dict[str, applicability.FactType]]:
    """The facts that were chosen, and the types of all."""
    types = {sample.fact.ref: sample.fact.type for sample in facts}
    chosen = {s.fact.ref: s.chosen & frozenset(types[s.fact.ref].values) for s in facts}
    return {ref: values for ref, values in chosen.items() if values}, types


def try_out(version: Version, facts: list[SampleFact]) -> Trial:
    """Every question of the version, decided by the facts chosen: one query beside the facts'."""
    answers, types = answers_of(facts)
    trial = Trial()
    rows = version.questions.order_by("section__position", "section_id", "position", "pk")
    for pk, ref, text, expression in rows.values_list("pk", "ref", LABELS[Question._meta.model_name], "applies_if"):
        problems = faults_of(expression, types)
        if problems:
            trial.faulty.append(Tried(pk, ref, text, None, problems=tuple(problems)))
            continue
        verdict = applicability.decide(applicability.parse(expression), answers, types)
        place = {True: trial.applying, None: trial.open, False: trial.not_applying}[verdict.applies]
        place.append(Tried(pk, ref, text, verdict.applies, _texts(facts, verdict.facts)))
    return trial


def check(text: str, facts: list[SampleFact], comparable: Mapping[str, applicability.FactType]) -> Tried:
    """What is wrong with an expression or, where nothing is, what it says for the facts chosen."""
    problems = faults_of(text, comparable)
    if problems:
        return Tried(0, "", text, None, problems=tuple(problems))
    answers, _types = answers_of(facts)
    verdict = applicability.decide(applicability.parse(text), answers, comparable)
    return Tried(0, "", text, verdict.applies, _texts(facts, verdict.facts))


def _texts(facts: Iterable[SampleFact], refs: Iterable[str]) -> tuple[str, ...]:
    texts = {sample.fact.ref: sample.fact.text for sample in facts}
    return tuple(texts.get(ref) or ref for ref in refs)
