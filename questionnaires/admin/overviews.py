"""What a version's page and its preview show, as prepared values."""

from dataclasses import dataclass, field

from questionnaires.admin.missing_translations import missing_in
from questionnaires.admin.problems import Problems, problems_shown
from questionnaires.admin.refusals import admin_url
from questionnaires.models import Duty, Version
from questionnaires.models.version_parts import VersionPart


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the overview: where it leads, and what is missing in it."""

    part: VersionPart
    url: str
    missing: int
    detail: str = ""
    timing: str = ""
    questions: list["Line"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"{self.part._meta.model_name}-{self.part.pk}"


@dataclass(frozen=True, slots=True)
class Overview:
    sections: list[Line]
    scales: list[Line]
    facts: list[Line]
    duties: list[Line]
    contradictions: list[Line]
    problems: Problems

    @property
    def question_count(self) -> int:
        return sum(len(section.questions) for section in self.sections)

    @property
    def missing(self) -> int:
        questions = [question for section in self.sections for question in section.questions]
        others = [*self.scales, *self.facts, *self.duties, *self.contradictions]
        return sum(line.missing for line in [*self.sections, *questions, *others])


def overview_of(version: Version) -> Overview:
    """A constant number of queries; problems of what is not published yet."""
    scales = [
        _line(scale, *scale.levels.all(), detail=" / ".join(level.label for level in scale.levels.all()))
        for scale in version.scales.prefetch_related("levels")
    ]
    facts = [
        _line(fact, *fact.choices.all(), detail=" / ".join(str(label) for _ref, label in fact.options))
        for fact in version.facts.prefetch_related("choices")
    ]
    by_section: dict[int, list[Line]] = {}
    for question in version.questions.prefetch_related("citations__provision__instrument"):
        by_section.setdefault(question.section_id, []).append(_line(question, detail=_citations(question)))
    sections = [_line(section, questions=by_section.get(section.pk, [])) for section in version.sections.all()]
    duties = [
        _line(duty, detail=_citations(duty), timing=_timing(duty))
        for duty in version.duties.prefetch_related("citations__provision__instrument")
    ]
    contradictions = [
        _line(contradiction, detail=contradiction.holds_if) for contradiction in version.contradictions.all()
    ]
    problems = Problems([], []) if version.is_published else problems_shown(version)
    return Overview(sections, scales, facts, duties, contradictions, problems)


def _line(part: VersionPart, *rows, **details) -> Line:
    return Line(part, admin_url(type(part), "change", part.pk), missing_in(part, *rows), **details)


def _citations(part) -> str:
    return "; ".join(str(citation.provision) for citation in part.citations.all())


def _timing(duty: Duty) -> str:
    day = f"{duty.month:02}-{duty.day_of_month:02}" if duty.month and duty.day_of_month else duty.day
    given = [day, duty.count, duty.get_unit_display(), duty.event]
    return f"{duty.get_rhythm_display()}: {' '.join(str(value) for value in given if value)}"
