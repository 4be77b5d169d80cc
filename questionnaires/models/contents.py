"""From the database to content values: what `importing.py` loaded comes out equal, digest and all.

A place is the row it came from: `Place("question", 41)`.
"""

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from django.db.models import Model, Prefetch

from questionnaires import applicability, content, scoring
from questionnaires.models.duties import Contradiction, Duty, DutyCitation
from questionnaires.models.instruments import Instrument, Provision
from questionnaires.models.version_parts import AnswerScale, Citation, Fact, Question, Section

if TYPE_CHECKING:
    from questionnaires.models.question_sets import Version


def version_content(version: "Version") -> content.Version:
    """Return all that the version says, drafts as unfinished as they are; one query per table.

    The set's title and description are those of today, also for an older version.
    """
    question_set = version.question_set
    scales = tuple(_scale(row) for row in version.scales.prefetch_related("levels"))
    facts = tuple(_fact(row) for row in version.facts.prefetch_related("choices"))
    cited = _keys(Citation.objects.filter(question__version=version).order_by("position", "pk"), "question_id")
    questions = version.questions.select_related("scale").order_by("position", "pk")
    duty_cited = _keys(DutyCitation.objects.filter(duty__version=version).order_by("position", "pk"), "duty_id")
    return content.Version(
        slug=question_set.slug,
        number=version.number,
        title=_text(question_set, "title"),
        description=_text(question_set, "description"),
        weights={severity: content.plain(Decimal(weight)) for severity, weight in version.weights.items()},
        scales=scales,
        facts=facts,
        sections=tuple(
            _section(row, cited) for row in version.sections.prefetch_related(Prefetch("questions", questions))
        ),
        duties=tuple(_duty(row, duty_cited) for row in version.duties.all()),
        contradictions=tuple(_contradiction(row) for row in version.contradictions.all()),
        place=_place(version),
    )


def instrument_content(instrument: Instrument) -> content.Instrument:
    """Return the instrument and its provisions; a constant number of queries."""
    (only,) = instruments_content(Instrument.objects.filter(pk=instrument.pk))
    return only


def instruments_content(instruments: Iterable[Instrument]) -> tuple[content.Instrument, ...]:
    """The same for many, in their order; `instruments` is a queryset."""
    provisions = Provision.objects.select_related("superseded_by").order_by("position", "pk")
    rows = instruments.select_related("superseded_by").prefetch_related(Prefetch("provisions", provisions))
    return tuple(_instrument(row) for row in rows)


def _place(row: Model) -> content.Place:
    return content.Place(row._meta.model_name, row.pk)


def _text(row: Model, field: str) -> content.Text:
    return content.Text(getattr(row, f"{field}_en") or "", getattr(row, f"{field}_zh_hans") or "")


def _keys(citations: Iterable[Citation | DutyCitation], owner: str) -> dict[int, tuple[str, ...]]:
    keys: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    for pk, key in citations.values_list(owner, "provision__key"):
        keys[pk] += (key,)
    return keys


def _scale(row: AnswerScale) -> content.Scale:
    levels = tuple(
        content.Level(
            ref=level.ref,
            label=_text(level, "label"),
            description=_text(level, "description"),
            outcome=scoring.Outcome(level.outcome),
            score=content.plain(level.score),
            place=_place(level),
        )
        for level in row.levels.all()
    )
    return content.Scale(row.ref, _text(row, "title"), levels, _place(row))


def _fact(row: Fact) -> content.Fact:
    return content.Fact(
        ref=row.ref,
        kind=applicability.FactKind(row.kind),
        text=_text(row, "text"),
        help=_text(row, "help"),
        choices=tuple(
            content.Choice(choice.ref, _text(choice, "label"), _place(choice)) for choice in row.choices.all()
        ),
        place=_place(row),
    )


def _section(row: Section, cited: dict[int, tuple[str, ...]]) -> content.Section:
    return content.Section(
        ref=row.ref,
        title=_text(row, "title"),
        intro=_text(row, "intro"),
        questions=tuple(_question(question, cited) for question in row.questions.all()),
        place=_place(row),
    )


def _question(row: Question, cited: dict[int, tuple[str, ...]]) -> content.Question:
    return content.Question(
        ref=row.ref,
        text=_text(row, "text"),
        why=_text(row, "why"),
        evidence=_text(row, "evidence"),
        remediation=_text(row, "remediation"),
        severity=scoring.Severity(row.severity),
        scale=row.scale.ref,
        applies_if=row.applies_if,
        citations=cited[row.pk],
        group=_text(row, "group"),
        place=_place(row),
    )


def _duty(row: Duty, cited: dict[int, tuple[str, ...]]) -> content.Duty:
    return content.Duty(
        ref=row.ref,
        title=_text(row, "title"),
        text=_text(row, "text"),
        rhythm=content.Rhythm(row.rhythm),
        applies_if=row.applies_if,
        citations=cited[row.pk],
        event=_text(row, "event"),
        day=row.day,
        month=row.month,
        day_of_month=row.day_of_month,
        count=row.count,
        unit=content.Unit(row.unit) if row.unit else None,
        place=_place(row),
    )


def _contradiction(row: Contradiction) -> content.Contradiction:
    return content.Contradiction(row.ref, _text(row, "text"), row.holds_if, _place(row))


def _instrument(row: Instrument) -> content.Instrument:
    return content.Instrument(
        slug=row.slug,
        title=_text(row, "title"),
        short_title=_text(row, "short_title"),
        issuer=_text(row, "issuer"),
        number=_text(row, "number"),
        legal_force=content.LegalForce(row.legal_force),
        jurisdiction=content.Jurisdiction(row.jurisdiction),
        stage=content.Stage(row.stage),
        issued_on=row.issued_on,
        in_force_from=row.in_force_from,
        in_force_until=row.in_force_until,
        superseded_by=row.superseded_by.slug if row.superseded_by else None,
        source=_text(row, "source"),
        verification=content.Verification(row.verification),
        note=_text(row, "note"),
        provisions=tuple(_provision(provision) for provision in row.provisions.all()),
        place=_place(row),
    )


def _provision(row: Provision) -> content.Provision:
    return content.Provision(
        key=row.key,
        ref=_text(row, "ref"),
        statement=_text(row, "statement"),
        binds=_text(row, "binds"),
        verification=content.Verification(row.verification),
        is_derived=row.is_derived,
        change_note=_text(row, "change_note"),
        note=_text(row, "note"),
        in_force_from=row.in_force_from,
        in_force_until=row.in_force_until,
        superseded_by=row.superseded_by.key if row.superseded_by else None,
        place=_place(row),
    )
