"""From the library's files into the database: all or nothing, and the same files again change nothing."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Max, Model
from django.utils import timezone
from django.utils.translation import override

from questionnaires import content, reading
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Citation,
    Contradiction,
    Duty,
    DutyCitation,
    Fact,
    FactChoice,
    Instrument,
    Provision,
    Question,
    QuestionSet,
    Section,
    Version,
    editing,
)

_DATES = ("in_force_from", "in_force_until")


class Refused(Exception):
    """The library cannot be loaded; `problems` say why, one sentence each."""

    def __init__(self, problems: Iterable[object]):
        self.problems = [str(problem) for problem in problems]
        super().__init__("\n".join(self.problems))


@dataclass(frozen=True, slots=True)
class Loaded:
    """How many rows were new or differed, and how many versions were published."""

    instruments: int
    provisions: int
    versions: int


@transaction.atomic
def load_library(folder: Path) -> Loaded:
    """Load every instrument and publish every version of a library folder.

    Instruments and provisions follow their files. A version already published must equal its file: Refused otherwise,
    as when a file has a fault; then nothing at all is loaded.
    """
    library, problems = reading.read_library(folder)
    if errors := [problem for problem in problems if not problem.is_warning]:
        raise Refused(errors)
    if not library.instruments:
        raise Refused([f"{folder} holds no instruments/*.yaml. Name a library folder."])
    _refuse_what_is_private(library)
    versions = sorted(library.versions, key=lambda version: (version.slug, version.number))
    with override(settings.LANGUAGE_CODE):  # the bare column of a translated text holds the default language
        instruments, changed_instruments = _load_instruments(library.instruments)
        changed_provisions = _load_provisions(library.instruments, instruments)
        published = sum(_load_version(version) for version in versions)  # the newest last: its title is the set's
    return Loaded(changed_instruments, changed_provisions, published)


def _refuse_what_is_private(library: content.Library) -> None:
    """The library is everyone's: what one organisation has for itself under the same slug is not taken over."""
    slugs = {Instrument: [i.slug for i in library.instruments], QuestionSet: [v.slug for v in library.versions]}
    for model, own in slugs.items():
        for row in model.objects.filter(slug__in=own, organisation__isnull=False):
            message = f"The {model._meta.verbose_name} “{row.slug}” of the files is also one organisation's own."
            raise Refused([f"{message} Give one of them another slug."])


def _columns(field: str, text: content.Text) -> dict[str, str]:
    # The bare column holds the default language: modeltranslation reads it where no language is active.
    return {field: text.en, f"{field}_en": text.en, f"{field}_zh_hans": text.zh}


def _texts(thing: object, *fields: str) -> dict[str, str]:
    return {name: value for field in fields for name, value in _columns(field, getattr(thing, field)).items()}


def _follow(model: type[Model], key: str, wanted: Mapping[str, dict[str, object]]) -> tuple[dict[str, Model], set[str]]:
    """Make the rows say what their files say; return all rows and the keys of those that were new or differed.

    What editors may have changed meanwhile is replaced, with its history. Two statements when nothing is there yet, one
    when nothing differs.
    """
    rows = {getattr(row, key): row for row in model.objects.all()}
    new = [model(**{key: name}, **values) for name, values in wanted.items() if name not in rows]
    changed = {name for name, values in wanted.items() if name in rows and _set(rows[name], values)}
    batch = editing.new_batch("load_library")
    for name in changed:
        row = rows[name]
        editing.change(row, editing.values_of(row), by=None, seen=row.revision, batch=batch)
    rows |= {getattr(row, key): row for row in model.objects.bulk_create(new)}
    return rows, changed | {getattr(row, key) for row in new}


def _set(row: Model, values: dict[str, object]) -> bool:
    """Whether any value differed from the row's, past modeltranslation's reading by language."""
    changed = {name: value for name, value in values.items() if row.__dict__.get(name) != value}
    row.__dict__.update(changed)
    return bool(changed)


def _point(rows: Mapping[str, Model], successors: Mapping[str, str | None]) -> set[str]:
    """Link each row to what supersedes it, once all of them have a primary key; return the keys that changed."""
    changed = {
        name
        for name, successor in successors.items()
        if _set(rows[name], {"superseded_by_id": rows[successor].pk if successor else None})
    }
    if changed:
        model = type(rows[next(iter(changed))])
        model.objects.bulk_update([rows[name] for name in changed], ["superseded_by"], batch_size=100)
    return changed


def _load_instruments(instruments: Iterable[content.Instrument]) -> tuple[dict[str, Instrument], int]:
    plain = ("legal_force", "jurisdiction", "stage", "verification", "issued_on", *_DATES)
    wanted = {
        instrument.slug: _texts(instrument, "title", "short_title", "issuer", "number", "source", "note")
        | {name: getattr(instrument, name) for name in plain}
        for instrument in instruments
    }
    rows, changed = _follow(Instrument, "slug", wanted)
    changed |= _point(rows, {instrument.slug: instrument.superseded_by for instrument in instruments})
    return rows, len(changed)


def _load_provisions(instruments: Iterable[content.Instrument], owners: dict[str, Instrument]) -> int:
    wanted = {
        provision.key: _texts(provision, "ref", "statement", "binds", "change_note", "note")
        | {name: getattr(provision, name) for name in ("verification", "is_derived", *_DATES)}
        | {"instrument_id": owners[instrument.slug].pk, "position": position}
        for instrument in instruments
        for position, provision in enumerate(instrument.provisions)
    }
    rows, changed = _follow(Provision, "key", wanted)
    successors = {p.key: p.superseded_by for instrument in instruments for p in instrument.provisions}
    return len(changed | _point(rows, successors))


def digest(version: content.Version) -> str:
    """SHA-256 of what the version says, whatever its file looks like."""

    def without_places(value: object) -> object:
        match value:
            case dict():
                return {str(key): without_places(v) for key, v in value.items() if key != "place"}
            case list() | tuple():
                return [without_places(v) for v in value]
        return str(value)

    return hashlib.sha256(json.dumps(without_places(asdict(version)), sort_keys=True).encode()).hexdigest()


def _load_version(version: content.Version) -> bool:
    """Publish the version; False when it is there already. Raises Refused when the published one differs."""
    question_set, _created = QuestionSet.objects.update_or_create(
        slug=version.slug, defaults=_texts(version, "title", "description")
    )
    source_digest = digest(version)
    stored = Version.objects.filter(question_set=question_set, number=version.number).first()
    if stored and stored.is_published and stored.source_digest == source_digest:
        return False
    if stored:
        state = "published" if stored.is_published else "a draft in the admin"
        message = f"{version.place.path}: version {version.number} of {version.slug} is already {state} and differs."
        raise Refused([f"{message} Restore the file and make the change as version {version.number + 1}."])
    row = Version.objects.create(
        question_set=question_set,
        number=version.number,
        source_digest=source_digest,
        **{f"weight_{severity}": weight for severity, weight in version.weights.items()},
    )
    _create_parts(row, version)
    row.published_at = timezone.now()
    row.save(update_fields=["published_at"])
    return True


@transaction.atomic
def create_draft(question_set: QuestionSet, version: content.Version) -> Version:
    """A new draft of the set with the next free number that says what the file says.

    The set keeps its title and description; provisions that are cited must be there.
    """
    highest = question_set.versions.aggregate(highest=Max("number"))["highest"] or 0
    with override(settings.LANGUAGE_CODE):  # the bare column of a translated text holds the default language
        row = Version.objects.create(
            question_set=question_set,
            number=highest + 1,
            **{f"weight_{severity}": weight for severity, weight in version.weights.items()},
        )
        _create_parts(row, version)
    return row


def _create_parts(row: Version, version: content.Version) -> None:
    """Insert everything the version is made of: one statement per table."""
    scales = AnswerScale.objects.bulk_create(
        AnswerScale(version=row, ref=scale.ref, position=at, **_texts(scale, "title"))
        for at, scale in enumerate(version.scales)
    )
    AnswerLevel.objects.bulk_create(
        AnswerLevel(
            scale=scale_row,
            ref=level.ref,
            position=at,
            outcome=level.outcome,
            score=level.score,
            **_texts(level, "label", "description"),
        )
        for scale, scale_row in zip(version.scales, scales, strict=True)
        for at, level in enumerate(scale.levels)
    )
    facts = Fact.objects.bulk_create(
        Fact(version=row, ref=fact.ref, kind=fact.kind, position=at, **_texts(fact, "text", "help"))
        for at, fact in enumerate(version.facts)
    )
    FactChoice.objects.bulk_create(
        FactChoice(fact=fact_row, ref=choice.ref, position=at, **_texts(choice, "label"))
        for fact, fact_row in zip(version.facts, facts, strict=True)
        for at, choice in enumerate(fact.choices)
    )
    sections = Section.objects.bulk_create(
        Section(version=row, ref=section.ref, position=at, **_texts(section, "title", "intro"))
        for at, section in enumerate(version.sections)
    )
    scale_rows = {scale.ref: scale for scale in scales}
    questions = Question.objects.bulk_create(
        Question(
            version=row,
            section=section_row,
            scale=scale_rows[question.scale],
            ref=question.ref,
            position=at,
            severity=question.severity,
            applies_if=question.applies_if,
            **_texts(question, "group", "text", "why", "evidence", "remediation"),
        )
        for section, section_row in zip(version.sections, sections, strict=True)
        for at, question in enumerate(section.questions)
    )
    provisions = dict(Provision.objects.values_list("key", "pk"))
    Citation.objects.bulk_create(
        Citation(question=question_row, provision_id=provisions[key], position=at)
        for question, question_row in zip(version.questions, questions, strict=True)
        for at, key in enumerate(question.citations)
    )
    _create_duties(row, version, provisions)


def _create_duties(row: Version, version: content.Version, provisions: dict[str, int]) -> None:
    duties = Duty.objects.bulk_create(
        Duty(
            version=row,
            ref=duty.ref,
            position=at,
            rhythm=duty.rhythm,
            day=duty.day,
            month=duty.month,
            day_of_month=duty.day_of_month,
            count=duty.count,
            unit=duty.unit or "",
            applies_if=duty.applies_if,
            **_texts(duty, "title", "text", "event"),
        )
        for at, duty in enumerate(version.duties)
    )
    DutyCitation.objects.bulk_create(
        DutyCitation(duty=duty_row, provision_id=provisions[key], position=at)
        for duty, duty_row in zip(version.duties, duties, strict=True)
        for at, key in enumerate(duty.citations)
    )
    Contradiction.objects.bulk_create(
        Contradiction(version=row, ref=c.ref, position=at, holds_if=c.holds_if, **_texts(c, "text"))
        for at, c in enumerate(version.contradictions)
    )
