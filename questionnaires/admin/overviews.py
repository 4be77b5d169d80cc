"""What a version's page and its preview show, as prepared values."""

from collections.abc import Iterable
from dataclasses import dataclass, field

from questionnaires.admin.missing_translations import missing_in
from questionnaires.admin.refusals import admin_url
from questionnaires.models import AnswerScale, Fact, Question, Section, Version


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the overview: where it leads, and what is missing in it."""

    part: Section | Question | AnswerScale | Fact
    url: str
    missing: int
    detail: str = ""
    questions: list["Line"] = field(default_factory=list)

    @property
    def anchor(self) -> str:
        return f"{self.part._meta.model_name}-{self.part.pk}"


@dataclass(frozen=True, slots=True)
class Fault:
    """A sentence from Version.faults, and the page where it is mended, if one can be told."""

    text: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Overview:
    sections: list[Line]
    scales: list[Line]
    facts: list[Line]
    faults: list[Fault]

    @property
    def question_count(self) -> int:
        return sum(len(section.questions) for section in self.sections)

    @property
    def missing(self) -> int:
        questions = [question for section in self.sections for question in section.questions]
        return sum(line.missing for line in [*self.sections, *questions, *self.scales, *self.facts])


def overview_of(version: Version) -> Overview:
    """A constant number of queries; faults of a draft only."""
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
        citations = "; ".join(str(citation.provision) for citation in question.citations.all())
        by_section.setdefault(question.section_id, []).append(_line(question, detail=citations))
    sections = [_line(section, questions=by_section.get(section.pk, [])) for section in version.sections.all()]
    faults = [] if version.is_published else list(_link(version.faults(), [*scales, *facts, *by_section.values()]))
    return Overview(sections, scales, facts, faults)


def _line(part, *rows, detail="", questions=()) -> Line:
    return Line(part, admin_url(type(part), "change", part.pk), missing_in(part, *rows), detail, list(questions))


def _link(faults: Iterable[str], lines: Iterable[Line | list[Line]]) -> Iterable[Fault]:
    """A question's fault begins with its ref; one of a scale or fact has its ref in quotation marks."""
    flat = [line for item in lines for line in (item if isinstance(item, list) else [item])]
    questions = {line.part.ref: line.url for line in flat if isinstance(line.part, Question)}
    others = {f"“{line.part.ref}”": line.url for line in flat if not isinstance(line.part, Question)}
    for text in map(str, faults):
        ref, separator, _rest = text.partition(": ")
        if separator and ref in questions:
            yield Fault(text, questions[ref])
        else:
            yield Fault(text, next((url for quoted, url in others.items() if quoted in text), None))
