"""The portfolio: all deployments on one page, and as a table for a spreadsheet."""

import csv
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from questionnaires import portfolios
from questionnaires.action_forms import PortfolioForm
from questionnaires.models import Assessment, Instrument, LegalForce, ReportFigure
from questionnaires.reporting.figures import percent, score_text
from questionnaires.views.actions import query_without_page

Kind = ReportFigure.Kind
PER_PAGE = 50
MOST_DUE = 10
ORDERS = {
    "score": [F("overall").asc(nulls_last=True), "name", "pk"],
    "best": [F("overall").desc(nulls_last=True), "name", "pk"],
    "name": ["name", "pk"],
    "newest": ["-created_at", "-pk"],
}
BANDS = (25, 50, 75, 90)  # per cent; a cell's shade beside its figure


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    shade: str

    @classmethod
    def of(cls, value: Decimal | None) -> "Cell":
        if value is None:
            return cls("–", "none")
        return cls(score_text(value), str(sum(percent(value) >= limit for limit in BANDS)))


@login_required
@require_GET
def portfolio(request: HttpRequest) -> HttpResponse:
    """Heat map of a page of deployments, totals over all of them, the gaps they share, what is due."""
    form = PortfolioForm(request.GET, user=request.user)
    choice, today = form.choice, timezone.localdate()
    kind = form.kind
    page = Paginator(_sorted(request.user, form), PER_PAGE).get_page(request.GET.get("page"))
    rows = list(page)
    standings = portfolios.standings([row.series for row in rows])
    scores = portfolios.scores([standing.report_id for standing in standings.values()], kind)
    reports = portfolios.newest_reports(request.user, choice)
    totals = portfolios.totals(reports, kind)
    columns = _columns(kind, totals, rows)
    due = list(portfolios.due_actions(request.user, choice, today)[:MOST_DUE])
    newest = {a.series: a for a in _assessments_of(request.user, due)}
    context = {
        "form": form,
        "page": page,
        "query": query_without_page(request),
        "columns": [title for _key, title in columns],
        "rows": _rows(rows, standings, scores, [key for key, _title in columns], today),
        "total": _total_row(totals, [key for key, _title in columns]),
        "worst": portfolios.worst_gaps(reports),
        "due": [
            {"action": action, "assessment": newest[action.series], "is_overdue": action.is_overdue(today)}
            for action in due
            if action.series in newest
        ],
    }
    return render(request, "portfolio/portfolio.html", context)


def _sorted(user, form: PortfolioForm):
    return portfolios.deployments(user, form.choice).order_by(*ORDERS[form.order])


def _assessments_of(user, actions: Iterable) -> Iterable[Assessment]:
    return Assessment.objects.visible_to(user).latest_revisions().filter(series__in={a.series for a in actions})


def _columns(kind: str, keys: Iterable[str], rows: Sequence[Assessment]) -> list[tuple[str, str]]:
    """Key and title of each column: one query, or none for legal forces."""
    present = {key for key in keys if key}
    match kind:
        case Kind.INSTRUMENT:
            titles = {i.slug: i.short_title for i in Instrument.objects.filter(slug__in=present).in_order()}
        case Kind.SECTION:
            titles = portfolios.section_titles({row.version_id for row in rows})
        case _:
            titles = {force.value: str(force.label) for force in LegalForce}
    return [(key, title) for key, title in titles.items() if key in present]


def _rows(rows: Sequence[Assessment], standings, scores, keys: Sequence[str], today) -> list[dict]:
    planned = portfolios.open_actions([row.series for row in rows], today)
    answered = portfolios.answered(rows)
    prepared = []
    for row in rows:
        standing = standings.get(row.series)
        number, late = planned.get(row.series, (0, 0))
        prepared.append(
            {
                "assessment": row,
                "standing": standing,
                "overall": Cell.of(standing.overall if standing else None),
                "cells": [Cell.of(scores.get((standing.report_id, key)) if standing else None) for key in keys],
                "trend": _trend(standing.change if standing else None),
                "answered": answered.get(row.pk, 0),
                "actions": number,
                "late": late,
            }
        )
    return prepared


def _trend(change: Decimal | None) -> dict | None:
    """The arrow and what it says, since the report before."""
    if change is None:
        return None
    points = f"{abs(100 * change):.0f}"
    if points == "0":
        return {"arrow": "→", "text": _("as before"), "kind": "same"}
    words = _("up %(points)s points") if change > 0 else _("down %(points)s points")
    return {
        "arrow": "↑" if change > 0 else "↓",
        "text": words % {"points": points},
        "kind": "up" if change > 0 else "down",
    }


def _total_row(totals, keys: Sequence[str]) -> dict | None:
    overall = totals.get("")
    if overall is None:
        return None
    means = [Cell.of(totals[key].mean if key in totals else None) for key in keys]
    lowest = [Cell.of(totals[key].lowest if key in totals else None) for key in keys]
    return {
        "reports": overall.reports,
        "mean": [Cell.of(overall.mean), *means],
        "lowest": [Cell.of(overall.lowest), *lowest],
    }


@login_required
@require_GET
def portfolio_file(request: HttpRequest) -> HttpResponse:
    """Every deployment that the page lists, on all its pages, as CSV with the score of each legal force."""
    form = PortfolioForm(request.GET, user=request.user)
    today = timezone.localdate()
    rows = list(_sorted(request.user, form))
    series = [row.series for row in rows]
    standings, planned = portfolios.standings(series), portfolios.open_actions(series, today)
    scores = portfolios.scores([s.report_id for s in standings.values()], Kind.LEGAL_FORCE)
    forces = [force for force in LegalForce if any(key == force for _report, key in scores)]
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="frcheck-portfolio.csv"'
    response.write("\ufeff")  # or spreadsheets take it for another encoding
    writer = csv.writer(response)
    head = [_("Organisation"), _("Name"), _("Question set"), _("As of"), _("Revision"), _("Submitted"), _("Overall")]
    tail = [_("Gaps"), _("Binding gaps"), _("Actions under way"), _("Overdue")]
    writer.writerow([*head, *(force.label for force in forces), *tail])
    for row in rows:
        standing = standings.get(row.series)
        own = [scores.get((standing.report_id, force)) for force in forces] if standing else [None] * len(forces)
        writer.writerow(
            [
                _plain(row.organisation.name),
                _plain(row.name),
                _plain(str(row.version)),
                row.as_of.isoformat(),
                row.revision,
                standing.submitted.isoformat() if standing else "",
                *(_number(value) for value in (standing.overall if standing else None, *own)),
                *((standing.gaps, standing.binding_gaps) if standing else ("", "")),
                *planned.get(row.series, (0, 0)),
            ]
        )
    return response


def _plain(text: str) -> str:
    """What a person typed, never a formula to a spreadsheet."""
    return f"'{text}" if text[:1] in "=+-@\t\r" else text


def _number(value: Decimal | None) -> str:
    return "" if value is None else f"{value.normalize():f}"
