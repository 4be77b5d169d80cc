"""The page that shows what differs between two versions of a set, and what that means for assessments under way."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import path
from django.utils.translation import get_language, gettext_lazy
from django.views.decorators.http import require_GET

from questionnaires.admin.life import version_or_404
from questionnaires.admin.parts import as_number
from questionnaires.content import Text
from questionnaires.content import Version as VersionContent
from questionnaires.diffing import Change, Difference, Kind, Operation, Part, Piece, Value, Wording, diff
from questionnaires.models import Assessment, Outcome, Provision, Severity, Version
from questionnaires.models.contents import version_content
from questionnaires.models.impacts import Fates, Impact, impact
from questionnaires.models.moving import Fate

KINDS = {
    Kind.NEW: gettext_lazy("new"),
    Kind.REMOVED: gettext_lazy("removed"),
    Kind.REWORDED: gettext_lazy("reworded"),
    Kind.MOVED: gettext_lazy("moved"),
    Kind.RECITED: gettext_lazy("cites other provisions"),
    Kind.REWEIGHTED: gettext_lazy("weighs otherwise"),
    Kind.CONDITION: gettext_lazy("applies in other cases"),
    Kind.RETYPED: gettext_lazy("answered in another way"),
    Kind.RETIMED: gettext_lazy("due otherwise"),
}
PARTS = {
    Part.VERSION: gettext_lazy("Version"),
    Part.SECTION: gettext_lazy("Section"),
    Part.QUESTION: gettext_lazy("Question"),
    Part.SCALE: gettext_lazy("Answer scale"),
    Part.LEVEL: gettext_lazy("Answer level"),
    Part.FACT: gettext_lazy("Fact"),
    Part.CHOICE: gettext_lazy("Choice"),
    Part.DUTY: gettext_lazy("Duty"),
    Part.CONTRADICTION: gettext_lazy("Contradiction"),
}
FIELDS = {
    "title": gettext_lazy("title"),
    "description": gettext_lazy("description"),
    "intro": gettext_lazy("introduction"),
    "text": gettext_lazy("text"),
    "group": gettext_lazy("heading"),
    "why": gettext_lazy("why it is asked"),
    "evidence": gettext_lazy("what counts as evidence"),
    "remediation": gettext_lazy("remediation"),
    "label": gettext_lazy("label"),
    "help": gettext_lazy("help"),
    "event": gettext_lazy("event"),
    "severity": gettext_lazy("severity"),
    "scale": gettext_lazy("scale"),
    "applies_if": gettext_lazy("applies if"),
    "holds_if": gettext_lazy("holds if"),
    "citations": gettext_lazy("provisions"),
    "outcome": gettext_lazy("outcome"),
    "score": gettext_lazy("score"),
    "kind": gettext_lazy("kind"),
    "section": gettext_lazy("section"),
    "position": gettext_lazy("position"),
    "rhythm": gettext_lazy("rhythm"),
    "day": gettext_lazy("day"),
    "month": gettext_lazy("month"),
    "day_of_month": gettext_lazy("day of the month"),
    "count": gettext_lazy("count"),
    "unit": gettext_lazy("unit"),
    "critical": gettext_lazy("weight of critical"),
    "high": gettext_lazy("weight of high"),
    "medium": gettext_lazy("weight of medium"),
    "low": gettext_lazy("weight of low"),
}
LANGUAGES = (("en", "en"), ("zh", "zh-hans"))


def urls_of(model_admin) -> list:
    view = model_admin.admin_site.admin_view(differences)
    address = "<int:pk>/differences/"
    return [path(address, view, {"model_admin": model_admin}, name="questionnaires_version_differences")]


@require_GET
def differences(request: HttpRequest, pk: int, *, model_admin) -> HttpResponse:
    """From another version of the set, the one published before it unless told otherwise, to this one."""
    version = version_or_404(request, pk, "view", is_its=lambda version: True)
    visible = Version.objects.visible_in_admin_to(request.user).select_related("question_set__organisation")
    others = list(visible.filter(question_set=version.question_set).exclude(pk=pk).order_by("-number"))
    before = _chosen(others, version, request.GET.get("from"))
    kind = request.GET.get("kind") if request.GET.get("kind") in list(Kind) else ""
    context = model_admin.admin_site.each_context(request)
    context |= {"opts": model_admin.opts, "version": version, "media": model_admin.media}
    context |= {"others": others, "before": before, "kind": kind}
    if before:
        context |= _compared(before, version, kind, _counted_for(request.user))
    return TemplateResponse(request, "admin/questionnaires/version/differences.html", context)


def _chosen(others: list[Version], version: Version, asked: str | None) -> Version | None:
    named = next((other for other in others if other.pk == as_number(asked)), None)
    earlier = (other for other in others if other.is_published and other.number < version.number)
    return named or next(earlier, others[0] if others else None)


def _counted_for(user):
    """All assessments for whoever keeps the content of everyone; otherwise those of the user's organisations."""
    keeps_shared = user.is_superuser or user.has_perm("questionnaires.see_shared_drafts")
    return Assessment.objects.all() if keeps_shared else Assessment.objects.visible_to(user)


def _compared(before: Version, after: Version, kind: str, assessments) -> dict:
    older, newer = version_content(before), version_content(after)
    difference = diff(older, newer)
    changes = difference.with_kind(Kind(kind)) if kind else difference.changes
    meant = impact(before, after, assessments)
    names = _titles(older) | _titles(newer) | _cited(changes)
    return {
        "kinds": [(name, KINDS[name], number) for name, number in difference.counts.items()],
        "total": len(difference.changes),
        "rows": [_row(change, names, meant) for change in changes],
        "impact": meant,
        "fates": _fates(meant.answers),
        "affected": _affected(difference, meant),
    }


def _affected(difference: Difference, meant: Impact) -> list[dict]:
    """Questions of which not every answer stays as it is."""
    names = {change.ref: change.after or change.before for change in difference.of(Part.QUESTION)}
    return [
        {"ref": ref, "name": _say(names.get(ref)), "fates": _fates(fates)}
        for ref, fates in meant.by_question.items()
        if fates[Fate.TO_CONFIRM] or fates[Fate.HOMELESS]
    ]


def _fates(fates: Fates) -> dict[str, int]:
    return {fate.value: fates.get(fate, 0) for fate in Fate}


Names = dict[tuple[str, str], str]  # what a value is called, by its field and itself


def _titles(version: VersionContent) -> Names:
    titles = {("section", section.ref): _say(section.title) for section in version.sections}
    return titles | {("scale", scale.ref): _say(scale.title) for scale in version.scales}


def _cited(changes: Iterable[Change]) -> Names:
    """Provisions: one query."""
    values = [v for change in changes for v in change.values if v.field == "citations"]
    keys = {key for value in values for key in (*value.before, *value.after)}
    rows = Provision.objects.filter(key__in=keys).select_related("instrument")
    return {("citations", provision.key): str(provision) for provision in rows}


@dataclass(frozen=True, slots=True)
class TextRow:
    """One text in both languages; no pieces where it is the same."""

    field: str
    languages: tuple[tuple[str, tuple[Piece, ...]], ...]


@dataclass(frozen=True, slots=True)
class ValueRow:
    field: str
    pieces: tuple[Piece, ...]


def _row(change: Change, names: Names, meant: Impact) -> dict:
    fates = meant.by_question.get(change.ref) if change.part is Part.QUESTION else None
    return {
        "part": PARTS[change.part],
        "ref": f"{change.parent}/{change.ref}" if change.part in (Part.LEVEL, Part.CHOICE) else change.ref,
        "name": _say(change.after or change.before),
        "kinds": [(kind, KINDS[kind]) for kind in change.kinds],
        "texts": list(_texts(change.wordings)),
        "values": [_value(value, names) for value in change.values],
        "fates": _fates(fates) if fates else None,
    }


def _say(text: Text | None) -> str:
    if text is None:
        return ""
    return (text.zh or text.en) if get_language() == "zh-hans" else (text.en or text.zh)


def _texts(wordings: Iterable[Wording]) -> Iterable[TextRow]:
    by_field: dict[str, dict[str, tuple[Piece, ...]]] = {}
    for wording in wordings:
        by_field.setdefault(wording.field, {})[wording.language] = wording.pieces
    for field, pieces in by_field.items():
        yield TextRow(FIELDS[field], tuple((tag, pieces.get(short, ())) for short, tag in LANGUAGES))


def _value(value: Value, names: Names) -> ValueRow:
    """What went, what stayed and what came, each as it is called."""
    kept = [item for item in value.before if item in value.after]
    gone = [item for item in value.before if item not in value.after]
    come = [item for item in value.after if item not in value.before]
    groups = ((Operation.KEPT, kept), (Operation.REMOVED, gone), (Operation.ADDED, come))
    pieces = [Piece(how, _called(value.field, item, names)) for how, items in groups for item in items]
    return ValueRow(FIELDS[value.field], tuple(pieces))


def _called(field: str, item: str, names: Names) -> str:
    match field:
        case "severity":
            return str(Severity(item).label)
        case "outcome":
            return str(Outcome(item).label)
        case _:
            return names.get((field, item)) or item
