"""Two results of an organisation, and what lies between them: the law, the questions, or the organisation itself.

The chain from the earlier to the later: the same answers on the other day (law), then on the other version's questions
(questions), then the other answers, facts and chosen instruments (organisation). Where an end was frozen in a report,
what was corrected since stands before the first step and after the last.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal

from questionnaires import applicability
from questionnaires.attribution import Cause, Moved, Part, Point, moved, parts
from questionnaires.content import Jurisdiction
from questionnaires.models.assessments import Assessment
from questionnaires.models.carrying import values_in
from questionnaires.models.instruments import DatedProvision, Instrument, Provision
from questionnaires.models.moving import levels_there
from questionnaires.models.outlines import Outline, outline_of
from questionnaires.models.question_sets import Version
from questionnaires.models.reports import Report
from questionnaires.models.standings import Given, make_standing
from questionnaires.scoring import Outcome

OVERALL = ""  # the key of the overall score beside those of legal forces
CHAIN = (Cause.CORRECTIONS, Cause.LAW, Cause.QUESTIONS, Cause.ORGANISATION, Cause.CORRECTIONS)
_SIX_PLACES = Decimal("0.000001")  # as a report keeps them


@dataclass(frozen=True, slots=True)
class Comparison:
    """`points` has one more than CHAIN has causes. The later end is `after` on the day `as_of` and on `version`."""

    before: Assessment
    after: Assessment
    as_of: date
    version: Version
    points: tuple[Point, ...]

    def values(self, key: str) -> list[Decimal | None]:
        return [point.scores.get(key) for point in self.points]

    def parts(self, key: str) -> tuple[Part, ...]:
        return parts(self.values(key))

    @property
    def moved_provisions(self) -> tuple[Moved, ...]:
        return moved([point.provisions for point in self.points], CHAIN)

    @property
    def moved_questions(self) -> tuple[Moved, ...]:
        return moved([point.questions for point in self.points], CHAIN)


@dataclass(frozen=True, slots=True)
class _Said:
    """What an organisation said about a version's questions: facts by ref, answers by question, instruments by slug."""

    version: Version
    outline: Outline
    facts: applicability.FactAnswers
    given: Mapping[int, Given]
    chosen: frozenset[str]


def compare(
    before: Assessment, after: Assessment, *, as_of: date | None = None, version: Version | None = None
) -> Comparison:
    """Compare two assessments or revisions; or the later one taken to another day or version, or one with itself so.

    Ten queries beside the outlines.
    """
    day = as_of or after.as_of
    there = version or after.version
    catalogue = _Catalogue(before.version, after.version, there)
    theirs, ours = _said(before), _said(after)
    arrived = catalogue.on(ours, there)
    moved_there = catalogue.on(theirs, there)
    # What its own version did not cite, the organisation cannot have left out.
    offered = arrived.chosen - catalogue.cited_by(before.version)
    moved_there = replace(moved_there, chosen=moved_there.chosen & catalogue.cited_by(there) | offered)
    own = catalogue.point(theirs, before.as_of)
    last = catalogue.point(arrived, day)
    is_itself = day == after.as_of and there == after.version
    reports = {report.assessment_id: report for report in Report.objects.filter(assessment__in=[before, after])}
    return Comparison(
        before=before,
        after=after,
        as_of=day,
        version=there,
        points=(
            _frozen(reports[before.pk]) if before.pk in reports else own,
            own,
            catalogue.point(theirs, day),
            catalogue.point(moved_there, day),
            last,
            _frozen(reports[after.pk]) if is_itself and after.pk in reports else last,
        ),
    )


def _said(assessment: Assessment) -> _Said:
    rows = assessment.answers.values_list("question_id", "level_id", "is_not_applicable")
    return _Said(
        version=assessment.version,
        outline=assessment.outline,
        facts=assessment.fact_values(),
        given={pk: Given(level_id, is_not_applicable, True) for pk, level_id, is_not_applicable in rows},
        chosen=frozenset(assessment.instruments.values_list("slug", flat=True)),
    )


class _Catalogue:
    """The provisions that some versions cite, read once."""

    def __init__(self, *versions: Version) -> None:
        self.outlines = {version.pk: outline_of(version) for version in versions}
        cited = {pk for outline in self.outlines.values() for pk in _cited_ids(outline)}
        self.provisions: dict[int, DatedProvision] = {
            provision.pk: provision for provision in Provision.objects.shown().filter(pk__in=cited).dated()
        }
        chinese = Instrument.objects.filter(jurisdiction=Jurisdiction.CHINA)
        self.chinese = frozenset(chinese.values_list("slug", flat=True))

    def cited_by(self, version: Version) -> frozenset[str]:
        cited = _cited_ids(self.outlines[version.pk])
        return frozenset(self.provisions[pk].instrument.slug for pk in cited if pk in self.provisions)

    def on(self, said: _Said, version: Version) -> _Said:
        """The same said of another version's questions, by ref, as moving it there would have it."""
        if version == said.version:
            return said
        there = self.outlines[version.pk]
        questions = {question.ref: question for question in there.questions.values()}
        given = {}
        for question in said.outline.questions.values():
            counterpart, answer = questions.get(question.ref), said.given.get(question.pk)
            if counterpart is None or answer is None:
                continue
            if answer.level_id is None:
                given[counterpart.pk] = answer
                continue
            levels = levels_there(
                said.outline.scale_levels[question.scale_id], there.scale_levels[counterpart.scale_id]
            )
            if level := levels[answer.level_id]:
                given[counterpart.pk] = Given(level.pk, False, True)
        cited, known = self.cited_by(version), self.cited_by(said.version)
        return _Said(
            version=version,
            outline=there,
            facts=_facts_on(said, there),
            given=given,
            chosen=said.chosen & cited | (cited - known) & self.chinese,
        )

    def point(self, said: _Said, day: date) -> Point:
        standing = make_standing(
            said.outline,
            facts=said.facts,
            given=said.given,
            provisions=[p for p in self.provisions.values() if p.instrument.slug in said.chosen],
            as_of=day,
        )
        result = standing.score(said.version.weights)
        scores = {OVERALL: result.overall, **result.by_legal_force}
        return Point(
            scores={key: _as_kept(score.value) for key, score in scores.items()},
            provisions=result.provisions,
            questions={question.ref: standing.outcome(question) for question in standing.applicable()},
        )


def _cited_ids(outline: Outline) -> set[int]:
    return {pk for question in outline.questions.values() for pk in question.provision_ids}


def _facts_on(said: _Said, there: Outline) -> dict[str, frozenset[str]]:
    facts = {fact.ref: fact for fact in there.facts}
    carried = {
        fact.ref: values_in(facts.get(fact.ref), said.facts[fact.ref], kind=fact.kind)
        for fact in said.outline.facts
        if fact.ref in said.facts
    }
    return {ref: frozenset(values) for ref, values in carried.items() if values is not None}


def _as_kept(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(_SIX_PLACES, ROUND_HALF_EVEN)


def _frozen(report: Report) -> Point:
    result = report.content["result"]
    scores = {OVERALL: result["overall"], **result["by_legal_force"]}
    return Point(
        scores={key: None if s["value"] is None else _as_kept(Decimal(s["value"])) for key, s in scores.items()},
        provisions={key: Outcome(outcome) for key, outcome in result["provisions"].items()},
        questions={
            question["ref"]: Outcome(question["answer"]["outcome"])
            for section in report.content["sections"]
            for question in section["questions"]
            if question["not_asked"] is None
        },
    )
