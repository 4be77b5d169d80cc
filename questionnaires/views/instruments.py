"""The regime in time, for everyone: the timeline of all instruments, and a page for each with what cites it."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date

from django import forms
from django.db.models import Count, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from questionnaires import content, timelines
from questionnaires.models import Citation, Instrument, Jurisdiction, LegalForce, Provision, Verification, Version
from questionnaires.timelines import Axis, Row, Span, Status

STATUS_LABELS = {
    Status.IN_FORCE: gettext_lazy("In force"),
    Status.ISSUED: gettext_lazy("Issued, no day of entry into force"),
    Status.ANNOUNCED: gettext_lazy("Issued, not yet in force"),
    Status.LATER: gettext_lazy("Not yet in force"),
    Status.UNISSUED: gettext_lazy("Not yet issued"),
    Status.ENDED: gettext_lazy("Ended"),
    Status.DRAFT: gettext_lazy("Draft, not in force"),
    Status.UNDATED: gettext_lazy("Date to be verified"),
}


def shown_instruments(user) -> QuerySet[Instrument]:
    """Those of everyone and of the user's own organisations; none that is withheld."""
    return Instrument.objects.visible_to(user).exclude(verification=Verification.WITHHELD)


def successor(part: Instrument | Provision):
    """What supersedes it, unless that is withheld or another organisation's own."""
    by = part.superseded_by
    if by is None:
        return None
    newer, older = (by.instrument, part.instrument) if isinstance(by, Provision) else (by, part)
    is_shown = by.is_shown if isinstance(by, Provision) else by.verification != Verification.WITHHELD
    return by if is_shown and newer.organisation_id in (None, older.organisation_id) else None


class DayForm(forms.Form):
    on = forms.DateField(
        required=False,
        input_formats=["%Y-%m-%d"],
        error_messages={"invalid": gettext_lazy("This is no date. Write it as 2020-05-04.")},
    )

    def __init__(self, data, *, axis: Axis):
        super().__init__(data)
        self.axis = axis

    def clean_on(self) -> date | None:
        day = self.cleaned_data["on"]
        if day and not timelines.FIRST_DAY <= day <= self.axis.last_day:
            message = _("The timeline runs from %(first)s to %(last)s. Choose a day in between.")
            raise forms.ValidationError(message % {"first": timelines.FIRST_DAY, "last": self.axis.last_day})
        return day


@dataclass(frozen=True, slots=True)
class Choice:
    """A box of a filter, with how many instruments it would show beside the other filter."""

    value: str
    label: str
    count: int
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Entry:
    instrument: Instrument
    row: Row
    status_label: str
    superseded_by: Instrument | None
    provisions: int
    questions: int


@require_GET
def timeline(request: HttpRequest) -> HttpResponse:
    """From 2016 to what is announced, as a picture and as a table; `?on=` marks a day and tells the state on it."""
    today = timezone.localdate()
    instruments = list(shown_instruments(request.user).select_related("superseded_by").in_order())
    counts, steps = _provision_counts_and_steps()
    spans = {i.pk: _span(i, steps.get(i.pk, ())) for i in instruments}
    axis = timelines.axis_for(spans.values(), today=today)
    form = DayForm(request.GET, axis=axis)
    on = form.cleaned_data["on"] if form.is_valid() else None
    forces = _chosen(request, "force", LegalForce)
    places = _chosen(request, "jurisdiction", Jurisdiction)
    listed = [i for i in instruments if _is_among(i.legal_force, forces) and _is_among(i.jurisdiction, places)]
    picture = timelines.layout([spans[i.pk] for i in listed], axis=axis, day=on or today, today=today)
    groups = _groups(picture, listed, counts, _question_counts(request.user))
    context = {
        "form": form,
        "first_day": timelines.FIRST_DAY,
        "picture": picture,
        "groups": groups,
        "listed": len(listed),
        "total": len(instruments),
        "today": today,
        "today_x": axis.x(today),
        "on": on,
        "on_x": axis.x(on) if on else None,
        "day": on or today,
        "tally": _tally(groups),
        "forces": _choices(
            LegalForce, forces, [i.legal_force for i in instruments if _is_among(i.jurisdiction, places)]
        ),
        "jurisdictions": _choices(
            Jurisdiction, places, [i.jurisdiction for i in instruments if _is_among(i.legal_force, forces)]
        ),
    }
    return render(request, "instruments/timeline.html", context)


def _provision_counts_and_steps() -> tuple[dict[int, int], dict[int, tuple[date, ...]]]:
    """By instrument how many provisions are shown, and on which days some of them take effect; one query."""
    rows = Provision.objects.shown().order_by("in_force_from").values_list("instrument_id", "in_force_from")
    counts: dict[int, int] = {}
    steps: dict[int, tuple[date, ...]] = {}
    for pk, day, count in rows.annotate(n=Count("pk")):
        counts[pk] = counts.get(pk, 0) + count
        if day:
            steps[pk] = (*steps.get(pk, ()), day)
    return counts, steps


def _question_counts(user) -> dict[int, int]:
    open_versions = Version.objects.open_to(user)
    cited = Citation.objects.filter(provision__in=Provision.objects.shown(), question__version__in=open_versions)
    rows = cited.order_by().values_list("provision__instrument_id")
    return dict(rows.annotate(n=Count("question", distinct=True)))


def _span(instrument: Instrument, steps: tuple[date, ...]) -> Span:
    return Span(
        slug=instrument.slug,
        label=instrument.short_title,
        legal_force=content.LegalForce(instrument.legal_force),
        stage=content.Stage(instrument.stage),
        issued_on=instrument.issued_on,
        in_force_from=instrument.in_force_from,
        in_force_until=instrument.in_force_until,
        steps=steps,
    )


def _chosen(request: HttpRequest, name: str, choices: type) -> list[str]:
    return [value for value in request.GET.getlist(name) if value in choices.values]


def _is_among(value: str, chosen: Collection[str]) -> bool:
    return not chosen or value in chosen


def _choices(choices: type, chosen: Collection[str], values: list[str]) -> list[Choice]:
    """Only what occurs, or is chosen."""
    rows = [Choice(value, label, values.count(value), value in chosen) for value, label in choices.choices]
    return [row for row in rows if row.count or row.is_chosen]


def _groups(
    picture: timelines.Picture, listed: Iterable[Instrument], counts: dict[int, int], questions: dict[int, int]
) -> list[dict]:
    by_slug = {instrument.slug: instrument for instrument in listed}
    return [
        {
            "label": LegalForce(group.force).label if group.force else _("No date"),
            "is_binding": group.force in content.BINDING_FORCES,
            "is_dated": group.force is not None,
            "y": group.y,
            "entries": [_entry(row, by_slug[row.span.slug], counts, questions) for row in group.rows],
        }
        for group in picture.groups
    ]


def _entry(row: Row, instrument: Instrument, counts: dict[int, int], questions: dict[int, int]) -> Entry:
    return Entry(
        instrument=instrument,
        row=row,
        status_label=STATUS_LABELS[row.status],
        superseded_by=successor(instrument),
        provisions=counts.get(instrument.pk, 0),
        questions=questions.get(instrument.pk, 0),
    )


def _tally(groups: list[dict]) -> list[tuple[str, int]]:
    """How many instruments are in which state on the day, states without any left out."""
    statuses = [entry.row.status for group in groups for entry in group["entries"]]
    return [(label, statuses.count(status)) for status, label in STATUS_LABELS.items() if status in statuses]


@require_GET
def instrument(request: HttpRequest, slug: str) -> HttpResponse:
    """One instrument with its provisions, and under each the questions that cite it."""
    shown = get_object_or_404(shown_instruments(request.user).select_related("superseded_by"), slug=slug)
    provisions = list(
        Provision.objects.shown()
        .filter(instrument=shown)
        .select_related("instrument", "superseded_by__instrument")
        .order_by("position", "pk")
    )
    cited_by = _citing_questions(shown, request.user)
    replaced = _replaced_provisions(shown, request.user)
    sets = {q.version.question_set for questions in cited_by.values() for q in questions}
    today = timezone.localdate()
    context = {
        "instrument": shown,
        "status_label": STATUS_LABELS[_span(shown, ()).status(today, today=today)],
        "today": today,
        "superseded_by": successor(shown),
        "supersedes": shown_instruments(request.user).filter(superseded_by=shown).in_order(),
        "provisions": [
            {
                "provision": provision,
                "dates": {
                    "stage": shown.stage,
                    "issued_on": shown.issued_on,
                    "in_force_from": provision.in_force_from or shown.in_force_from,
                    "in_force_until": provision.counts_until,
                },
                "superseded_by": successor(provision),
                "supersedes": replaced.get(provision.pk, []),
                "questions": cited_by.get(provision.pk, []),
            }
            for provision in provisions
        ],
        "question_sets": sorted(sets, key=lambda question_set: question_set.slug),
    }
    return render(request, "instruments/instrument.html", context)


def _citing_questions(shown: Instrument, user) -> dict[int, list]:
    """The questions by the provision that they cite."""
    citations = (
        Citation.objects.filter(provision__instrument=shown, question__version__in=Version.objects.open_to(user))
        .select_related("question__section", "question__version__question_set")
        .order_by(
            "question__version__question_set__slug",
            "-question__version__number",
            "question__section__position",
            "question__position",
            "pk",
        )
    )
    found: dict[int, list] = {}
    for citation in citations:
        found.setdefault(citation.provision_id, []).append(citation.question)
    return found


def _replaced_provisions(shown: Instrument, user) -> dict[int, list[Provision]]:
    """The provisions that those of the instrument supersede, by the newer one."""
    older = (
        Provision.objects.shown().visible_to(user).filter(superseded_by__instrument=shown).select_related("instrument")
    )
    found: dict[int, list[Provision]] = {}
    for provision in older.order_by("instrument__slug", "position", "pk"):
        found.setdefault(provision.superseded_by_id, []).append(provision)
    return found
