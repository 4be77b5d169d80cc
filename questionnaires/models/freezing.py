"""What a report says, as plain data: texts in both languages, answers, dates and the result.

The web report of an open assessment is drawn from the same data, so that page, PDF and digest cannot differ.
Numbers are strings of Decimals: canonical JSON knows only floats, and a score must not depend on how one is printed.
"""

from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

import rfc8785
from django.utils.translation import override

from questionnaires import calendars, scoring
from questionnaires.models.assessments import Assessment
from questionnaires.models.duties import Duty
from questionnaires.models.duty_calendars import DatedDuty, dated_duties
from questionnaires.models.outlines import Outline, QuestionOutline
from questionnaires.models.report_inputs import (
    Head,
    ReportInputs,
    StatedAction,
    StatedAnswer,
    StatedInstrument,
    StatedProvision,
    stated_instruments,
    stated_provisions,
)
from questionnaires.models.standings import Standing
from questionnaires.models.version_parts import Question
from questionnaires.models.version_texts import VersionTexts, texts_of
from questionnaires.scoring import Outcome

FORMAT_VERSION = 1
LANGUAGES = (("en", "en"), ("zh", "zh_hans"))
_SIX_PLACES = Decimal("0.000001")

Data = dict[str, Any]


def canonical(content: Data) -> bytes:
    """UTF-8 bytes of canonical JSON (RFC 8785): the same content gives the same bytes."""
    return rfc8785.dumps(content)


def frozen_content(assessment: Assessment) -> Data:
    """Everything the report says: six queries, and eight more where the process does not know the version yet."""
    return content_of(ReportInputs.of(assessment), assessment.outline, texts_of(assessment.version))


def content_of(inputs: ReportInputs, outline: Outline, texts: VersionTexts) -> Data:
    """The same of what was read: whatever is not in the inputs is the version's, and no query is made."""
    standing = inputs.standing(outline)
    counted = {pk for q in standing.applicable() for pk in q.provision_ids if pk in standing.in_force}
    provisions = [provision for provision in inputs.provisions if provision.pk in counted]
    by_pk = {provision.pk: provision for provision in inputs.provisions}
    weights = dict(inputs.version.weights)
    return {
        "format": "frcheck-report",
        "format_version": FORMAT_VERSION,
        "assessment": _assessment(inputs.head),
        "settings": inputs.settings,
        "version": {
            "question_set": inputs.version.question_set,
            "number": inputs.version.number,
            "title": _text(inputs.version, "title"),
            "weights": {severity: _number(weight) for severity, weight in weights.items()},
        },
        "facts": _facts(standing),
        "instruments": _instruments(inputs.instruments, provisions),
        "provisions": {p.key: _provision(p) for p in provisions},
        "coming_up": [_keyed(by_pk[p.pk]) for p in standing.coming_up(inputs.head.as_of)],
        "duties": _duties(texts, standing, by_pk, inputs.head.as_of),
        "sections": _sections(standing, texts, inputs.answers),
        "actions": [_action(action) for action in inputs.actions],
        "result": result_content(standing.score(weights)),
    }


def duty_content(assessment: Assessment, standing: Standing) -> Data:
    """The part of it that the duty calendar is drawn from: at most five queries beside the standing and the outline."""
    instruments = stated_instruments(assessment)
    by_pk = {provision.pk: provision for provision in stated_provisions(instruments)}
    return {
        "assessment": _assessment(Head.of(assessment)),
        "facts": _facts(standing),
        "instruments": _instruments(instruments, ()),
        "duties": _duties(texts_of(assessment.version), standing, by_pk, assessment.as_of),
    }


def _assessment(head: Head) -> Data:
    return {
        "uuid": str(head.uuid),
        "series": str(head.series),
        "revision": head.revision,
        "organisation": head.organisation,
        "name": head.name,
        "subject": head.subject,
        "as_of": head.as_of.isoformat(),
        "submitted_at": _moment(head.submitted_at),
        "submitted_by": head.submitted_by,
    }


def _text(thing: Any, field: str) -> dict[str, str]:
    return {short: getattr(thing, f"{field}_{column}") or "" for short, column in LANGUAGES}


def _moment(moment: datetime | None) -> str | None:
    return moment.astimezone(UTC).isoformat(timespec="seconds") if moment else None


def _day(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _number(number: Decimal | None) -> str | None:
    if number is None:
        return None
    return format(number.quantize(_SIX_PLACES, ROUND_HALF_EVEN).normalize() + 0, "f")


def _facts(standing: Standing) -> list[Data]:
    facts = []
    for fact in standing.outline.facts:
        values = standing.facts.get(fact.ref)
        labels = _both_labels(fact)
        facts.append(
            {
                "ref": fact.ref,
                "text": _text(fact, "text"),
                "values": None if values is None else [labels[ref] | {"ref": ref} for ref in labels if ref in values],
            }
        )
    return facts


def _both_labels(fact) -> dict[str, dict[str, str]]:
    if fact.kind != fact.Kind.YES_NO:
        return {choice.ref: _text(choice, "label") for choice in fact.choices.all()}
    labels: dict[str, dict[str, str]] = {"yes": {}, "no": {}}
    for short, column in LANGUAGES:
        with override(column.replace("_", "-")):
            for ref, label in fact.options:
                labels[ref][short] = str(label)
    return labels


def _instruments(instruments: Iterable[StatedInstrument], counted: Iterable[StatedProvision]) -> list[Data]:
    keys: dict[int, list[str]] = {}
    for provision in counted:
        keys.setdefault(provision.instrument.pk, []).append(provision.key)
    return [_instrument(instrument) | {"provisions": keys.get(instrument.pk, [])} for instrument in instruments]


def _instrument(instrument: StatedInstrument) -> Data:
    return {
        "slug": instrument.slug,
        "title": _text(instrument, "title"),
        "short_title": _text(instrument, "short_title"),
        "issuer": _text(instrument, "issuer"),
        "number": _text(instrument, "number"),
        "source": _text(instrument, "source"),
        "note": _text(instrument, "note"),
        "legal_force": instrument.legal_force,
        "is_binding": instrument.is_binding,
        "stage": instrument.stage,
        "verification": instrument.verification,
        "issued_on": _day(instrument.issued_on),
        "in_force_from": _day(instrument.in_force_from),
        "in_force_until": _day(instrument.in_force_until),
    }


def _duties(texts: VersionTexts, standing: Standing, by_pk: Mapping[int, StatedProvision], as_of: date) -> list[Data]:
    # What the standing holds may have been withheld since, where both were not read at once.
    shown = ((duty, [pk for pk in cited if pk in by_pk]) for duty, cited in texts.duties)
    return [
        _duty(dated, as_of) | {"citations": [_keyed(by_pk[p.pk]) for p in dated.provisions]}
        for dated in dated_duties(shown, standing, as_of)
    ]


def _duty(dated: DatedDuty, as_of: date) -> Data:
    """A duty, its provisions, and its dates: they are kept, for holidays are announced from year to year.

    `due` is its next date and `recurrence` how it goes on; `due_since_in_force` that of something done every so often,
    counted from its entry into force; `example` the end of its period for an event or a record of the day `start`.
    """
    duty, timing = dated.duty, dated.duty.timing
    start = dated.start(as_of)
    due = calendars.next_due(timing, start=start)
    if due and dated.until and due.day > dated.until:
        due = None
    since = calendars.next_since(timing, since=dated.since, as_of=as_of) if due and dated.since else None
    return {
        "ref": duty.ref,
        "title": _text(duty, "title"),
        "text": _text(duty, "text"),
        "event": _text(duty, "event"),
        "rhythm": duty.rhythm,
        "day": _day(duty.day),
        "month": duty.month,
        "day_of_month": duty.day_of_month,
        "count": duty.count,
        "unit": duty.unit,
        "state": dated.state,
        "open_facts": list(dated.open_facts),
        "since": _day(dated.since),
        "until": _day(dated.until),
        "start": start.isoformat(),
        "due": _day(due.day) if due else None,
        "recurrence": _recurrence(due.recurrence) if due and due.recurrence else None,
        "due_since_in_force": _day(since) if due and since and since < due.day else None,
        "example": _day(calendars.after(start, timing)) if duty.rhythm in _PERIODS else None,
        "holidays_until": calendars.announced_until() if duty.unit == Duty.Unit.WORKING_DAYS else None,
    }


_PERIODS = (Duty.Rhythm.WITHIN, Duty.Rhythm.KEEP)


def _recurrence(recurrence: calendars.Recurrence) -> Data:
    return {
        "unit": recurrence.unit,
        "interval": recurrence.interval,
        "month": recurrence.month,
        "days_of_month": list(recurrence.days_of_month),
    }


def _keyed(provision: StatedProvision) -> Data:
    return _provision(provision) | {"key": provision.key}


def _provision(provision: StatedProvision) -> Data:
    return {
        "instrument": provision.instrument.slug,
        "ref": _text(provision, "ref"),
        "statement": _text(provision, "statement"),
        "binds": _text(provision, "binds"),
        "note": _text(provision, "note"),
        "change_note": _text(provision, "change_note"),
        "verification": provision.verification,
        "is_derived": provision.is_derived,
        "counts_from": _day(provision.counts_from),
        "counts_until": _day(provision.counts_until),
    }


def _sections(standing: Standing, texts: VersionTexts, answers: Mapping[int, StatedAnswer]) -> list[Data]:
    by_section: dict[str, list[Data]] = {section.ref: [] for section in standing.outline.sections}
    for question in texts.questions:
        outlined = standing.outline.questions[question.pk]
        by_section[outlined.section].append(_question(standing, outlined, question, answers.get(question.pk)))
    return [
        {"ref": s.ref, "title": _text(s, "title"), "intro": _text(s, "intro"), "questions": by_section[s.ref]}
        for s in standing.outline.sections
    ]


def _question(standing: Standing, outlined: QuestionOutline, question: Question, answer: StatedAnswer | None) -> Data:
    not_asked = standing.not_asked.get(outlined.pk)
    data = {
        "ref": question.ref,
        "group": _text(question, "group"),
        "text": _text(question, "text"),
        "severity": question.severity,
        "citations": [p.key for p in standing.counted_provisions(outlined)],
        "not_asked": {"because": not_asked.because, "facts": list(not_asked.facts)} if not_asked else None,
    }
    if not_asked:
        return data
    return data | {
        "why": _text(question, "why"),
        "evidence": _text(question, "evidence"),
        "remediation": _text(question, "remediation"),
        "levels": [_text(level, "label") for level in standing.outline.scale_levels[outlined.scale_id]],
        "bounds": [_number(bound) for bound in standing.outline.bounds(outlined.scale_id)],
        "answer": _answer(standing, outlined, answer),
    }


def _answer(standing: Standing, outlined: QuestionOutline, answer: StatedAnswer | None) -> Data:
    outcome = standing.outcome(outlined)
    level = standing.outline.levels.get(answer.level_id) if answer else None
    return {
        "outcome": outcome,
        "level": _text(level, "label") | {"ref": level.ref} if level else None,
        "score": _number(level.score) if level else None,
        "justification": answer.justification if answer and outcome is Outcome.NOT_APPLICABLE else "",
        "note": answer.note if answer else "",
        "is_confirmed": answer.is_confirmed if answer else True,
        "answered_at": _moment(answer.answered_at) if answer else None,
        "answered_by": answer.answered_by if answer else None,
    }


def _action(action: StatedAction) -> Data:
    """What was planned about a gap when it was frozen, by the question's ref."""
    return {
        "ref": action.question_ref,
        "title": action.title,
        "owner": action.owner,
        "due_on": _day(action.due_on),
        "effort_days": _number(action.effort_days),
        "status": action.status,
    }


def result_content(result: scoring.Result) -> Data:
    """The numbers as a report keeps them."""
    return {
        "scoring_version": result.version,
        "overall": _score(result.overall),
        "by_section": {key: _score(value) for key, value in result.by_section.items()},
        "by_instrument": {key: _score(value) for key, value in result.by_instrument.items()},
        "by_legal_force": {key: _score(value) for key, value in result.by_legal_force.items()},
        "provisions": dict(result.provisions),
        "unconfirmed": {"answers": result.unconfirmed.answers, "weight": _number(result.unconfirmed.weight)},
        "gaps": [
            {
                "ref": gap.ref,
                "severity": gap.severity,
                "outcome": gap.outcome,
                "is_binding": gap.is_binding,
                "points": _number(gap.points),
            }
            for gap in result.gaps
        ],
    }


def _score(score: scoring.Score) -> Data:
    return {
        "value": _number(score.value),
        "low": _number(score.low),
        "high": _number(score.high),
        "weight": _number(score.weight),
        "outcomes": dict(score.outcomes),
    }
