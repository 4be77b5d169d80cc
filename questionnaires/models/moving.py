"""Moving an assessment to a newer version of its question set: what would become of its answers, then a new revision.

An answer stays as it is where the question asks the same in the same words, with the same levels. Where it was
reworded, or is answered by other levels, the answer comes over to be confirmed. Where there is no such question or no
such level any more it has no home; it stays readable in the earlier revision.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from questionnaires.models.assessments import Answer, AnswerChange, Assessment, FactAnswer
from questionnaires.models.carrying import carried_answer, carried_fact, level_in, values_in
from questionnaires.models.instruments import Instrument, Jurisdiction, Provision
from questionnaires.models.outlines import Outline, QuestionOutline, outline_of
from questionnaires.models.question_sets import Version
from questionnaires.models.version_parts import AnswerLevel, Fact, Question

COLUMNS = ("en", "zh_hans")
# What a question says to whoever answers it. Why it is asked, and what to do about a gap, do not change an answer.
ASKED = tuple(f"{field}_{column}" for field in ("text", "group", "evidence") for column in COLUMNS)


class Fate(StrEnum):
    UNCHANGED = "unchanged"
    TO_CONFIRM = "to_confirm"
    HOMELESS = "homeless"


@dataclass(frozen=True, slots=True)
class Home:
    """Where answers to a question go. `levels` has each level of its scale with the one that takes its place."""

    question: QuestionOutline | None
    asks_the_same: bool
    levels: Mapping[int, AnswerLevel | None]

    def fate(self, level_id: int | None, *, is_not_applicable: bool) -> Fate:
        if self.question is None or (level_id is not None and self.levels[level_id] is None):
            return Fate.HOMELESS
        is_note_alone = level_id is None and not is_not_applicable
        return Fate.UNCHANGED if self.asks_the_same or is_note_alone else Fate.TO_CONFIRM


def homes(before: Version, after: Version) -> dict[int, Home]:
    """The home of every question of `before`, by primary key: one query beside the outlines."""
    rows = Question.objects.filter(version__in=[before, after]).order_by().values_list("pk", *ASKED)
    asked = {pk: tuple(text or "" for text in texts) for pk, *texts in rows}
    here, there = outline_of(before), outline_of(after)
    by_ref = {question.ref: question for question in there.questions.values()}
    return {pk: _home(q, here, by_ref.get(q.ref), there, asked) for pk, q in here.questions.items()}


def _home(
    question: QuestionOutline,
    here: Outline,
    counterpart: QuestionOutline | None,
    there: Outline,
    asked: Mapping[int, tuple[str, ...]],
) -> Home:
    levels = here.scale_levels[question.scale_id]
    if counterpart is None:
        return Home(None, False, dict.fromkeys((level.pk for level in levels), None))
    candidates = there.scale_levels[counterpart.scale_id]
    asks_the_same = asked[question.pk] == asked[counterpart.pk] and _say_the_same(levels, candidates)
    return Home(counterpart, asks_the_same, levels_there(levels, candidates))


def levels_there(levels: Sequence[AnswerLevel], candidates: Sequence[AnswerLevel]) -> dict[int, AnswerLevel | None]:
    """By primary key the level of another version's scale that takes a level's place."""
    if _say_the_same(levels, candidates):
        return {old.pk: new for old, new in zip(levels, candidates, strict=True)}
    return {level.pk: level_in(candidates, level) for level in levels}


def _say_the_same(levels: Sequence[AnswerLevel], candidates: Sequence[AnswerLevel]) -> bool:
    return [_said(level) for level in levels] == [_said(level) for level in candidates]


def _said(level: AnswerLevel) -> tuple[str, ...]:
    """What a level says to whoever chooses it; its score may change without that."""
    texts = (getattr(level, f"{field}_{column}") or "" for field in ("label", "description") for column in COLUMNS)
    return (level.ref, level.outcome, *texts)


@dataclass(frozen=True, slots=True)
class MovedAnswer:
    """`level` is the one it would have there."""

    answer: Answer
    home: Home
    fate: Fate
    level: AnswerLevel | None


@dataclass(frozen=True, slots=True)
class MovedFact:
    """`fact` and `values` are what would be stated there; None where it has no home."""

    stated: FactAnswer
    fact: Fact | None
    values: list[str] | None
    fate: Fate


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of an assessment's answers and facts, in the order of its own version."""

    answers: tuple[MovedAnswer, ...]
    facts: tuple[MovedFact, ...]
    new: tuple[QuestionOutline, ...]

    def answers_with(self, fate: Fate) -> list[MovedAnswer]:
        return [moved for moved in self.answers if moved.fate is fate]

    def facts_with(self, fate: Fate) -> list[MovedFact]:
        return [moved for moved in self.facts if moved.fate is fate]


def plan_move(assessment: Assessment, version: Version) -> Plan:
    """The dry run: three queries beside the outlines. Nothing is stored."""
    where = homes(assessment.version, version)
    here = assessment.outline.questions
    order = {pk: at for at, pk in enumerate(here)}
    given = sorted(assessment.answers.select_related("question"), key=lambda answer: order[answer.question_id])
    refs = {question.ref for question in here.values()}
    return Plan(
        answers=tuple(_moved(answer, where[answer.question_id]) for answer in given),
        facts=tuple(_moved_facts(assessment, version)),
        new=tuple(q for q in outline_of(version).questions.values() if q.ref not in refs),
    )


def _moved(answer: Answer, home: Home) -> MovedAnswer:
    fate = home.fate(answer.level_id, is_not_applicable=answer.is_not_applicable)
    return MovedAnswer(answer, home, fate, home.levels[answer.level_id] if answer.level_id else None)


def _moved_facts(assessment: Assessment, version: Version) -> Iterable[MovedFact]:
    facts = {fact.ref: fact for fact in outline_of(version).facts}
    stated = {row.fact_id: row for row in assessment.fact_answers.all()}
    for old in assessment.outline.facts:
        row = stated.get(old.pk)
        if row is None or row.values is None:
            continue
        row.fact = old
        new = facts.get(old.ref)
        values = values_in(new, row.values, kind=old.kind)
        if new is None or values is None:
            yield MovedFact(row, None, None, Fate.HOMELESS)
        else:
            is_same = _stated(old, row.values) == _stated(new, values)
            yield MovedFact(row, new, values, Fate.UNCHANGED if is_same else Fate.TO_CONFIRM)


def _stated(fact: Fact, values: Iterable[str]) -> tuple:
    """What a fact asks and what was said to it, in both languages."""
    texts = [getattr(fact, f"{field}_{column}") or "" for field in ("text", "help") for column in COLUMNS]
    chosen = {c.ref: [getattr(c, f"label_{column}") for column in COLUMNS] for c in fact.choices.all()}
    return texts, sorted((value, chosen.get(value)) for value in values)


def instruments_there(assessment: Assessment, version: Version) -> list[int]:
    """Primary keys of what it is measured against there, unless told otherwise: what was chosen and is still cited,
    and of China's what its own version did not cite.

    Two queries.
    """
    pks = {pk for question in outline_of(version).questions.values() for pk in question.provision_ids}
    before = {pk for question in assessment.outline.questions.values() for pk in question.provision_ids}
    shown = dict(Provision.objects.shown().filter(pk__in=pks | before).order_by().values_list("pk", "instrument_id"))
    cited, known = ({shown[pk] for pk in some if pk in shown} for some in (pks, before))
    rows = Instrument.objects.filter(pk__in=cited).order_by("pk")
    chosen = set(assessment.instruments.values_list("pk", flat=True))
    return [
        pk
        for pk, jurisdiction in rows.values_list("pk", "jurisdiction")
        if pk in chosen or (pk not in known and jurisdiction == Jurisdiction.CHINA)
    ]


@transaction.atomic
def move(assessment: Assessment, version: Version, *, instruments: Iterable[Instrument], by) -> Assessment:
    """Start its next revision on a newer version of the same set; an open one is closed as superseded.

    Raises Closed when there is a newer revision already, ValueError when the version is none to move to.
    """
    is_newer = version.question_set_id == assessment.version.question_set_id and (
        version.number > assessment.version.number
    )
    if not is_newer or not version.is_published:
        raise ValueError(f"{version} is no published version after {assessment.version}.")
    assessment.hold_as_newest()
    if not assessment.is_closed:
        Assessment.objects.filter(pk=assessment.pk).update(superseded_at=timezone.now(), superseded_by=by)
    # Read only now: nothing can be written to it any more.
    plan = plan_move(assessment, version)
    revision = assessment.start_revision(version=version, by=by, carried_from=assessment)
    revision.instruments.set(instruments)
    FactAnswer.objects.bulk_create(
        carried_fact(moved.stated, revision, moved.fact, moved.values)
        for moved in plan.facts
        if moved.fact is not None and moved.values is not None
    )
    answers = [_in(revision, moved) for moved in plan.answers if moved.fate is not Fate.HOMELESS]
    Answer.objects.bulk_create(answers)
    AnswerChange.objects.bulk_create(answer.as_change() for answer in answers)
    return revision


def _in(revision: Assessment, moved: MovedAnswer) -> Answer:
    copy = carried_answer(moved.answer, revision, moved.home.question, moved.level)
    if moved.fate is Fate.UNCHANGED:  # not taken as carried over: it stands as it stood
        copy.carried_from_id, copy.is_confirmed = moved.answer.carried_from_id, moved.answer.is_confirmed
    return copy
