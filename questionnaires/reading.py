"""From YAML files to content values, with the line of every fault. No Django."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

from questionnaires.applicability import FactKind
from questionnaires.content import (
    Choice,
    Contradiction,
    Duty,
    Fact,
    Instrument,
    Jurisdiction,
    LegalForce,
    Level,
    Library,
    Place,
    Problem,
    Provision,
    Question,
    Rhythm,
    Scale,
    Section,
    Stage,
    Unit,
    Verification,
    Version,
    plain,
)
from questionnaires.scoring import Outcome, Severity
from questionnaires.sentences import Sentence as _
from questionnaires.validation import validate
from questionnaires.yaml_mapping import Mapping, read_mapping

MAX_FILE_SIZE = 2_000_000  # bytes; the whole article set is under a tenth of it
_NO_SCALE = (_("The version has no scale."), _("Add one under “scales”; the first is the default."))
_WEIGHT_CURE = _("Write a number above 0 and below 10000, with two decimals at most.")


def read_library(folder: Path, *, on: date | None = None) -> tuple[Library, list[Problem]]:
    """Read every file of a library folder and validate it, as of a day where one is given.

    Paths in problems are relative to the folder's parent (`library/instruments/pipl.yaml`).
    The library is fit to load only when there are no errors; warnings do not count.
    """
    found: list[Problem] = []
    instruments, versions = [], []
    for path in sorted(folder.glob("instruments/*.yaml")):
        if mapping := _read_file(path, folder, found):
            instruments.append(instrument_of(mapping))
            mapping.expect("slug", path.stem)
    for path in sorted(folder.glob("question-sets/*/*.yaml")):
        if mapping := _read_file(path, folder, found):
            versions.append(version_of(mapping))
            mapping.expect("slug", path.parent.name)
            mapping.expect("number", path.stem)
    library = Library(tuple(instruments), tuple(versions))
    # Faults of form first: what they left out would only be reported again as faults of meaning.
    problems = found or validate(library, on=on)
    return library, sorted(problems, key=lambda problem: (problem.place.path, problem.place.line))


def read_version(data: bytes, shown: str, *, is_draft: bool = False) -> tuple[Version | None, list[Problem]]:
    """Read the file of one version; what is wrong with its form, under the path that is shown. Not validated yet."""
    found: list[Problem] = []
    mapping = _read(data, shown, found, is_draft=is_draft)
    return (version_of(mapping) if mapping else None), found


def read_instrument(data: bytes, shown: str) -> tuple[Instrument | None, list[Problem]]:
    """The same for the file of one instrument."""
    found: list[Problem] = []
    mapping = _read(data, shown, found)
    return (instrument_of(mapping) if mapping else None), found


def _read_file(path: Path, folder: Path, found: list[Problem]) -> "Mapping | None":
    shown = str(path.relative_to(folder.parent))
    with path.open("rb") as file:
        return _read(file.read(MAX_FILE_SIZE + 1), shown, found)


def _read(data: bytes, shown: str, found: list[Problem], *, is_draft: bool = False) -> "Mapping | None":
    if len(data) > MAX_FILE_SIZE:
        message = _("The file is over %(size)d bytes.", size=MAX_FILE_SIZE)
        found.append(Problem(Place(shown, 1), message, _("Split it.")))
        return None
    try:
        return read_mapping(data.decode(), shown, found, is_draft=is_draft)
    except UnicodeDecodeError as e:
        line = e.object.count(b"\n", 0, e.start) + 1
        found.append(Problem(Place(shown, line), _("The file is not UTF-8."), _("Save it as UTF-8.")))
        return None


def instrument_of(m: Mapping) -> Instrument:
    instrument = Instrument(
        slug=m.name("slug"),
        title=m.text("title", longest=300),
        short_title=m.text("short_title", longest=40),
        issuer=m.text("issuer", longest=300),
        number=m.text("number", required=False, longest=200),
        legal_force=m.choice("legal_force", LegalForce),
        jurisdiction=m.optional_choice("jurisdiction", Jurisdiction, Jurisdiction.CHINA),
        stage=m.choice("stage", Stage),
        issued_on=m.date("issued_on"),
        in_force_from=m.date("in_force_from"),
        in_force_until=m.date("in_force_until"),
        superseded_by=m.name("superseded_by", required=False) or None,
        source=m.text("source", longest=500),
        verification=m.choice("verification", Verification),
        note=m.text("note", required=False),
        provisions=m.many("provisions", provision_of),
        place=m.place,
    )
    m.done()
    return instrument


def provision_of(m: Mapping) -> Provision:
    provision = Provision(
        key=m.name("key"),
        ref=m.text("ref", longest=80),
        statement=m.text("statement"),
        binds=m.text("binds", longest=300),
        verification=m.choice("verification", Verification),
        is_derived=m.flag("is_derived"),
        change_note=m.text("change_note", required=False, longest=60),
        note=m.text("note", required=False),
        in_force_from=m.date("in_force_from"),
        in_force_until=m.date("in_force_until"),
        superseded_by=m.name("superseded_by", required=False) or None,
        place=m.place,
    )
    m.done()
    return provision


def version_of(m: Mapping) -> Version:
    version = version_with(
        m,
        scales=m.many("scales", scale_of, missing=_NO_SCALE),
        facts=m.many("facts", fact_of),
        sections=m.many("sections", section_of),
        duties=m.many("duties", duty_of),
        contradictions=m.many("contradictions", contradiction_of),
    )
    m.done()
    if not version.scales:
        return version
    return replace(version, sections=tuple(_with_scale(section, version.scales[0].ref) for section in version.sections))


def version_with(
    m: Mapping,
    *,
    scales: tuple[Scale, ...],
    facts: tuple[Fact, ...],
    sections: tuple[Section, ...],
    duties: tuple[Duty, ...],
    contradictions: tuple[Contradiction, ...],
) -> Version:
    """The version with these parts: what of it stands in its own mapping is read."""
    return Version(
        slug=m.name("slug"),
        number=m.parsed("number", positive, 1, _("Number versions 1, 2, 3 …")),
        title=m.text("title", longest=200),
        description=m.text("description"),
        weights=m.one("weights", _weights, {}, _("Give each severity a weight.")),
        scales=scales,
        facts=facts,
        sections=sections,
        duties=duties,
        contradictions=contradictions,
        place=m.place,
    )


def _with_scale(section: Section, default: str) -> Section:
    questions = tuple(q if q.scale else replace(q, scale=default) for q in section.questions)
    return replace(section, questions=questions)


def positive(value: str) -> int:
    number = int(value)
    if not 1 <= number <= 9999:
        raise ValueError(value)
    return number


def _weights(m: Mapping) -> dict[Severity, Decimal]:
    weights = {severity: m.parsed(severity, weight, Decimal(1), _WEIGHT_CURE) for severity in Severity}
    m.done()
    return weights


def weight(value: str) -> Decimal:
    number = _decimal(value, places=2)
    if not 0 < number < 10_000:
        raise ValueError(value)
    return number


def score(value: str) -> Decimal:
    return _decimal(value, places=3)


def _decimal(value: str, *, places: int) -> Decimal:
    number = Decimal(value)
    if not number.is_finite() or number != round(number, places):
        raise ValueError(value)
    return plain(number)


def scale_of(m: Mapping) -> Scale:
    scale = Scale(m.name("ref"), m.text("title", longest=200), m.many("levels", level_of), m.place)
    m.done()
    return scale


def level_of(m: Mapping) -> Level:
    level = Level(
        ref=m.name("ref"),
        label=m.text("label", longest=100),
        description=m.text("description", required=False, longest=300),
        outcome=m.choice("outcome", Outcome),
        score=m.parsed("score", score, Decimal(0), _("Write a number such as 0.5, with three decimals at most.")),
        place=m.place,
    )
    m.done()
    return level


def fact_of(m: Mapping) -> Fact:
    fact = Fact(
        ref=m.name("ref"),
        kind=m.choice("kind", FactKind),
        text=m.text("text", longest=300),
        help=m.text("help", required=False),
        choices=m.many("choices", choice_of),
        place=m.place,
    )
    m.done()
    return fact


def choice_of(m: Mapping) -> Choice:
    choice = Choice(m.name("ref"), m.text("label", longest=200), m.place)
    m.done()
    return choice


def section_of(m: Mapping) -> Section:
    section = Section(
        ref=m.name("ref"),
        title=m.text("title", longest=200),
        intro=m.text("intro"),
        questions=m.many("questions", question_of),
        place=m.place,
    )
    m.done()
    return section


def question_of(m: Mapping) -> Question:
    question = Question(
        ref=m.name("ref"),
        text=m.text("text"),
        why=m.text("why"),
        evidence=m.text("evidence"),
        remediation=m.text("remediation"),
        severity=m.choice("severity", Severity),
        scale=m.name("scale", required=False),
        applies_if=m.scalar("applies_if", required=False),
        group=m.text("group", required=False, longest=200),
        citations=m.names("citations"),
        place=m.place,
    )
    m.done()
    return question


def duty_of(m: Mapping) -> Duty:
    duty = Duty(
        ref=m.name("ref"),
        title=m.text("title", longest=200),
        text=m.text("text"),
        rhythm=m.choice("rhythm", Rhythm),
        event=m.text("event", required=False, longest=200),
        day=m.date("day"),
        month=m.parsed("month", positive, None, _("Write 1 to 12."), required=False),
        day_of_month=m.parsed("day_of_month", positive, None, _("Write 1 to 31."), required=False),
        count=m.parsed("count", positive, None, _("Write a whole number."), required=False),
        unit=m.optional_choice("unit", Unit, None),
        applies_if=m.scalar("applies_if", required=False),
        citations=m.names("citations"),
        place=m.place,
    )
    m.done()
    return duty


def contradiction_of(m: Mapping) -> Contradiction:
    contradiction = Contradiction(m.name("ref"), m.text("text"), m.words("holds_if"), m.place)
    m.done()
    return contradiction
