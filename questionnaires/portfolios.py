"""All deployments of one's organisations: figures of their newest reports, gaps they share, actions that are due.

The database reckons: each function is one statement, whatever the number of assessments.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from django.db.models import Avg, Case, Count, F, IntegerField, Min, OuterRef, Q, QuerySet, Subquery, Sum, Value, When

from questionnaires.models import Action, Answer, Assessment, Question, Report, ReportFigure, ReportGap, Section
from questionnaires.scoring import Severity

Kind = ReportFigure.Kind
SOON = timedelta(days=14)
WORST = 10


@dataclass(frozen=True, slots=True)
class Choice:
    """What a portfolio is narrowed to; empty or None: not."""

    organisation: int | None = None
    question_set: int | None = None
    name: str = ""
    gap: str = ""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of one deployment: its newest report, and the overall score of the one before."""

    report_id: int
    submitted: date
    overall: Decimal | None
    before: Decimal | None
    gaps: int
    binding_gaps: int

    @property
    def change(self) -> Decimal | None:
        return None if self.overall is None or self.before is None else self.overall - self.before


def deployments(user, choice: Choice) -> QuerySet[Assessment]:
    """The newest revision of each series, with `overall` of its newest report; None where none was submitted."""
    overall = ReportFigure.objects.filter(kind=Kind.OVERALL, report__assessment__series=OuterRef("series"))
    rows = Assessment.objects.visible_to(user).latest_revisions().with_version()
    if choice.organisation:
        rows = rows.filter(organisation=choice.organisation)
    if choice.question_set:
        rows = rows.filter(version__question_set=choice.question_set)
    if choice.name:
        rows = rows.filter(name__icontains=choice.name)
    if choice.gap:
        with_gap = ReportGap.objects.filter(report__in=newest_reports(user, Choice()), ref=choice.gap)
        rows = rows.filter(series__in=with_gap.values("report__assessment__series"))
    return rows.annotate(overall=Subquery(overall.order_by("-report__assessment__revision").values("value")[:1]))


def newest_reports(user, choice: Choice) -> QuerySet[Report]:
    reports = Report.objects.visible_to(user).newest_of_series()
    if choice.organisation:
        reports = reports.filter(assessment__organisation=choice.organisation)
    if choice.question_set:
        reports = reports.filter(assessment__version__question_set=choice.question_set)
    if choice.name:
        reports = reports.filter(assessment__name__icontains=choice.name)
    return reports


def standings(series: Collection[UUID]) -> dict[UUID, Standing]:
    """The newest reports of those series, with how many gaps they state."""
    rows = (
        ReportFigure.objects.filter(kind=Kind.OVERALL, report__assessment__series__in=series)
        .annotate(
            gaps=Count("report__gaps"), binding_gaps=Count("report__gaps", filter=Q(report__gaps__is_binding=True))
        )
        .order_by("report__assessment__revision")
        .values_list(
            "report__assessment__series",
            "report_id",
            "report__assessment__submitted_at",
            "value",
            "gaps",
            "binding_gaps",
        )
    )
    found: dict[UUID, Standing] = {}
    for key, report_id, submitted_at, value, gaps, binding in rows:
        before = found[key].overall if key in found else None
        found[key] = Standing(report_id, submitted_at.date(), value, before, gaps, binding)
    return found


def scores(reports: Iterable[int], kind: str) -> dict[tuple[int, str], Decimal | None]:
    """Scores by report and key: the cells of the heat map."""
    rows = ReportFigure.objects.filter(report__in=reports, kind=kind).values_list("report_id", "key", "value")
    return {(report, key): value for report, key, value in rows}


@dataclass(frozen=True, slots=True)
class Total:
    """Over all deployments that have such a score: how many, their mean and the lowest."""

    key: str
    reports: int
    mean: Decimal
    lowest: Decimal
    not_met: int


def totals(reports: QuerySet[Report], kind: str) -> dict[str, Total]:
    rows = (
        ReportFigure.objects.filter(report__in=reports, kind__in=[kind, Kind.OVERALL], value__isnull=False)
        .values("kind", "key")
        .annotate(reports=Count("pk"), mean=Avg("value"), lowest=Min("value"), missed=Sum("not_met"))
        .order_by()
    )
    return {
        row["key"]: Total(row["key"], row["reports"], Decimal(row["mean"]), row["lowest"], row["missed"])
        for row in rows
    }


def worst_gaps(reports: QuerySet[Report]) -> list[dict]:
    """The gaps that weigh most: binding and grave ones first, then those that most deployments have."""
    rank = Case(
        *(When(severity=severity, then=Value(place)) for place, severity in enumerate(Severity)),
        output_field=IntegerField(),
    )
    rows = (
        ReportGap.objects.filter(report__in=reports)
        .values("ref", "severity", "is_binding")
        .annotate(deployments=Count("pk"), missed=Count("pk", filter=Q(outcome="not_met")), rank=rank)
        .order_by("-is_binding", "rank", "-deployments", "ref")[:WORST]
    )
    found = list(rows)
    newest_last = Question.objects.filter(ref__in={row["ref"] for row in found}).order_by("version__number")
    texts = dict(newest_last.values_list("ref", "text"))
    return [row | {"text": texts.get(row["ref"], row["ref"])} for row in found]


def due_actions(user, choice: Choice, today: date) -> QuerySet[Action]:
    """Under way and due within two weeks, or overdue."""
    actions = Action.objects.visible_to(user).under_way().filter(due_on__lte=today + SOON)
    if choice.organisation:
        actions = actions.filter(organisation=choice.organisation)
    return actions.select_related("owner").order_by("due_on", "pk")


def open_actions(series: Collection[UUID], today: date) -> dict[UUID, tuple[int, int]]:
    """Actions under way of each series, and how many of them are overdue."""
    rows = Action.objects.under_way().filter(series__in=series).values("series")
    counted = rows.annotate(number=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))).order_by()
    return {row["series"]: (row["number"], row["late"]) for row in counted}


def answered(assessments: Iterable[Assessment]) -> dict[int, int]:
    """How many answers each open one has, by primary key."""
    given = Q(level__isnull=False) | Q(is_not_applicable=True)
    open_ones = [a.pk for a in assessments if not a.is_submitted]
    rows = Answer.objects.filter(given, assessment__in=open_ones).values("assessment").order_by()
    return dict(rows.annotate(number=Count("pk")).values_list("assessment", "number"))


def section_titles(versions: Iterable[int]) -> dict[str, str]:
    """Titles by ref, in the order of the sections."""
    rows = Section.objects.filter(version__in=versions).order_by("position", F("version__number").desc())
    titles: dict[str, str] = {}
    for ref, title in rows.values_list("ref", "title"):
        titles.setdefault(ref, title)
    return titles
