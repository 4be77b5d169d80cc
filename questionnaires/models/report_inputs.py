"""Everything the database says for a report, as plain values: equal inputs make equal reports.

Only what a published version says is not among them: it never changes, so its key and day of publication stand for it.
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

from django.utils.translation import get_language

from frcheck.accounts.models import User
from questionnaires.models.actions import actions_of
from questionnaires.models.assessments import Assessment
from questionnaires.models.instruments import Instrument, Provision, Verification
from questionnaires.models.outlines import Outline
from questionnaires.models.question_sets import Version
from questionnaires.models.report_settings import ReportSettings
from questionnaires.models.standings import Given, Standing, make_standing
from questionnaires.scoring import Severity

_NAME = ("first_name", "last_name", "email")


class Head(NamedTuple):
    """The assessment itself."""

    uuid: UUID
    series: UUID
    revision: int
    organisation: str
    name: str
    subject: str
    as_of: date
    submitted_at: datetime | None
    submitted_by: str | None

    @classmethod
    def of(cls, assessment: Assessment) -> "Head":
        return cls(
            assessment.uuid,
            assessment.series,
            assessment.revision,
            assessment.organisation.name,
            assessment.name,
            assessment.subject,
            assessment.as_of,
            assessment.submitted_at,
            str(assessment.submitted_by) if assessment.submitted_by_id else None,
        )


class StatedVersion(NamedTuple):
    pk: int
    published_at: datetime | None
    question_set: str
    number: int
    title_en: str
    title_zh_hans: str
    weights: tuple[tuple[Severity, Decimal], ...]

    @classmethod
    def of(cls, version: Version) -> "StatedVersion":
        question_set = version.question_set
        titles = (question_set.title_en, question_set.title_zh_hans)
        weights = tuple(version.weights.items())
        return cls(version.pk, version.published_at, question_set.slug, version.number, *titles, weights)


class StatedInstrument(NamedTuple):
    pk: int
    slug: str
    legal_force: str
    stage: str
    verification: str
    issued_on: date | None
    in_force_from: date | None
    in_force_until: date | None
    title_en: str
    title_zh_hans: str
    short_title_en: str
    short_title_zh_hans: str
    issuer_en: str
    issuer_zh_hans: str
    number_en: str
    number_zh_hans: str
    source_en: str
    source_zh_hans: str
    note_en: str
    note_zh_hans: str

    is_binding = Instrument.is_binding
    counts_from = Instrument.counts_from

    @property
    def short_title(self) -> str:
        """In the language in use."""
        return (self.short_title_zh_hans if get_language() == "zh-hans" else "") or self.short_title_en


class StatedProvision(NamedTuple):
    pk: int
    key: str
    verification: str
    is_derived: bool
    in_force_from: date | None
    in_force_until: date | None
    ref_en: str
    ref_zh_hans: str
    statement_en: str
    statement_zh_hans: str
    binds_en: str
    binds_zh_hans: str
    note_en: str
    note_zh_hans: str
    change_note_en: str
    change_note_zh_hans: str
    instrument: StatedInstrument

    counts_from = Provision.counts_from
    counts_until = Provision.counts_until
    is_in_force = Provision.is_in_force
    is_coming = Provision.is_coming


class StatedAnswer(NamedTuple):
    level_id: int | None
    is_not_applicable: bool
    justification: str
    note: str
    is_confirmed: bool
    answered_at: datetime
    answered_by: str


class StatedAction(NamedTuple):
    question_ref: str
    title: str
    owner: str | None
    due_on: date | None
    effort_days: Decimal | None
    status: str


@dataclass(frozen=True, slots=True)
class ReportInputs:
    """`facts` are by the fact's primary key, `answers` by the question's."""

    head: Head
    version: StatedVersion
    settings: Mapping[str, Any]
    facts: tuple[tuple[int, list[str] | None], ...]
    answers: Mapping[int, StatedAnswer]
    instruments: tuple[StatedInstrument, ...]
    provisions: tuple[StatedProvision, ...]
    actions: tuple[StatedAction, ...]

    @classmethod
    def of(cls, assessment: Assessment) -> "ReportInputs":
        """Six queries: settings, facts, answers, instruments, provisions, actions."""
        instruments = stated_instruments(assessment)
        return cls(
            Head.of(assessment),
            StatedVersion.of(assessment.version),
            ReportSettings.objects.of(assessment.organisation).as_content(),
            tuple(assessment.fact_answers.order_by("fact_id").values_list("fact_id", "values")),
            _answers(assessment),
            instruments,
            stated_provisions(instruments),
            _actions(assessment),
        )

    def digest(self) -> str:
        """What every one of the values is told by, in hexadecimal."""
        return hashlib.sha256(repr(self).encode("utf-8", "surrogatepass")).hexdigest()

    def instruments_in_order(self) -> list[StatedInstrument]:
        """As `InstrumentQuerySet.in_order()`: oldest first; what has no date at the end."""
        dates = {i.pk: i.issued_on or i.in_force_from for i in self.instruments}
        return sorted(self.instruments, key=lambda i: (dates[i.pk] is None, dates[i.pk] or date.max, i.slug))

    def standing(self, outline: Outline) -> Standing:
        given = {
            pk: Given(a.level_id, a.is_not_applicable, bool(a.justification), a.is_confirmed)
            for pk, a in self.answers.items()
        }
        facts = outline.stated(self.facts)
        return make_standing(outline, facts=facts, given=given, provisions=self.provisions, as_of=self.head.as_of)


def stated_instruments(assessment: Assessment) -> tuple[StatedInstrument, ...]:
    """Those chosen that are not withheld: one query."""
    chosen = Instrument.objects.rewrite(False).filter(assessments=assessment).order_by("issued_on", "slug")
    rows = (StatedInstrument(*row) for row in chosen.values_list(*StatedInstrument._fields))
    return tuple(row for row in rows if row.verification != Verification.WITHHELD)


def stated_provisions(instruments: Collection[StatedInstrument]) -> tuple[StatedProvision, ...]:
    """Every provision of theirs that may be shown: one query."""
    by_pk = {instrument.pk: instrument for instrument in instruments}
    own = StatedProvision._fields[:-1]
    rows = Provision.objects.rewrite(False).filter(instrument__in=by_pk).order_by("pk")
    made = (StatedProvision(*row[:-1], by_pk[row[-1]]) for row in rows.values_list(*own, "instrument_id"))
    return tuple(provision for provision in made if provision.verification != Verification.WITHHELD)


def _answers(assessment: Assessment) -> dict[int, StatedAnswer]:
    own = StatedAnswer._fields[:-1]
    rows = assessment.answers.order_by("question_id").values_list(
        "question_id", *own, *(f"answered_by__{field}" for field in _NAME)
    )
    end = 1 + len(own)
    return {row[0]: StatedAnswer(*row[1:end], _name(*row[end:])) for row in rows}


def _actions(assessment: Assessment) -> tuple[StatedAction, ...]:
    return tuple(
        StatedAction(a.question_ref, a.title, str(a.owner) if a.owner else None, a.due_on, a.effort_days, a.status)
        for a in actions_of(assessment).select_related("owner")
    )


@lru_cache(maxsize=1000)
def _name(first_name: str, last_name: str, email: str) -> str:
    return str(User(first_name=first_name, last_name=last_name, email=email))
