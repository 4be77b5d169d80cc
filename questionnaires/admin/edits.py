"""The history of a version's edits, and its way back to an earlier state."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.paginator import Paginator
from django.db import IntegrityError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language_info, ngettext
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from frcheck.accounts.models import User
from questionnaires import diffing
from questionnaires.admin.life import version_or_404
from questionnaires.admin.parts import as_number
from questionnaires.admin.refusals import admin_url
from questionnaires.models import Edit, Section, Version
from questionnaires.models.editing import Stale
from questionnaires.models.edits import KINDS, columns_of
from questionnaires.models.reverting import revert, what_revert_would_do

PER_PAGE = 50
MOST_STEPS = 50
_LONG = 40  # characters from which a change is shown word by word
_PREVIEWED = 200


@dataclass(frozen=True, slots=True)
class ShownEdit:
    """One line: what was done to what; `before` and `after` are empty where `pieces` tell it word by word."""

    action: str
    kind: str
    ref: str
    field: str = ""
    before: str = ""
    after: str = ""
    pieces: tuple[diffing.Piece, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What one person did at once; `newest` is the key of its last edit, to which a revert can lead back."""

    at: Any
    by: User | None
    note: str
    newest: int
    edits: list[ShownEdit] = field(default_factory=list)


# --- edits in words ---------------------------------------------------------------------------------------------------


def _shown(edits: Iterable[Edit], names: "_Names") -> list[ShownEdit]:
    return [_one(edit, names) for edit in edits]


def _one(edit: Edit, names: "_Names") -> ShownEdit:
    kind = KINDS[edit.kind]
    within = f"{edit.within} › " if edit.within else ""
    about = (edit.get_action_display(), capfirst(str(kind.model._meta.verbose_name)), f"{within}{edit.ref}")
    match edit.action:
        case Edit.Action.CHANGE:
            before, after = names.value(edit, edit.old), names.value(edit, edit.new)
            if before and after and max(len(before), len(after)) > _LONG:
                return ShownEdit(*about, field=_label(edit), pieces=diffing.words(before, after))
            return ShownEdit(*about, field=_label(edit), before=before, after=after)
        case Edit.Action.MOVE:
            return ShownEdit(*about, before=_place(edit, edit.old, names), after=_place(edit, edit.new, names))
        case Edit.Action.ADD:
            return ShownEdit(*about, after=_whole(edit.new))
    return ShownEdit(*about, before=_whole(edit.old))


def _label(edit: Edit) -> str:
    column = columns_of(KINDS[edit.kind].model).get(edit.field)
    if column is None:
        return edit.field
    label = capfirst(str(column.verbose_name))
    if not hasattr(column, "translated_field"):
        return label
    language = get_language_info(column.language)["name_local"]
    return f"{capfirst(str(column.translated_field.verbose_name))} ({language})"


def _place(edit: Edit, place: dict, names: "_Names") -> str:
    position = place["order"].index(edit.part_id) + 1 if edit.part_id in place["order"] else None
    where = names.sections.get(place["parent"], "") if edit.field == "section" else ""
    told = _("place %(number)d") % {"number": position} if position else ""
    return " · ".join(text for text in (where, told) if text)


def _whole(row: dict) -> str:
    """The row's own words, in whatever language it has them."""
    for name in ("text", "title", "label"):
        for column in (f"{name}_en", f"{name}_zh_hans"):
            if row.get(column):
                return str(row[column])
    return ""


class _Names:
    """Words for keys in old and new values: one query per kind of key."""

    def __init__(self, version: Version):
        self.sections = dict(Section.objects.filter(version=version).values_list("pk", "ref"))
        self.scales = dict(version.scales.values_list("pk", "ref"))

    def value(self, edit: Edit, stored: Any) -> str:
        if stored is None or stored == "":
            return ""
        if edit.field in ("section_id", "scale_id"):
            known = self.sections if edit.field == "section_id" else self.scales
            return known.get(stored, str(stored))
        column = columns_of(KINDS[edit.kind].model).get(edit.field)
        if column is not None and column.choices:
            return str(dict(column.flatchoices).get(stored, stored))
        return str(stored)


def _steps(edits: Iterable[Edit], names: _Names) -> Iterator[Step]:
    """Of edits from the newest back."""
    for _batch, together in groupby(edits, key=lambda edit: edit.batch):
        rows = list(together)
        newest = rows[0]
        yield Step(newest.at, newest.by, newest.note, newest.pk, _shown(reversed(rows), names))


# --- pages ------------------------------------------------------------------------------------------------------------


def urls_of(model_admin) -> list:
    pages = [("edits/", "edits", edits_page), ("revert/<int:after>/", "revert", revert_page)]
    return [
        path(
            f"<int:pk>/{tail}",
            model_admin.admin_site.admin_view(view),
            {"model_admin": model_admin},
            name=f"questionnaires_version_{name}",
        )
        for tail, name, view in pages
    ]


def _context(model_admin, request: HttpRequest, version: Version) -> dict:
    return model_admin.admin_site.each_context(request) | {
        "opts": model_admin.opts,
        "version": version,
        "media": model_admin.media,
    }


@require_GET
def edits_page(request: HttpRequest, pk: int, model_admin) -> HttpResponse:
    """Who changed what, when, from which value to which; `?part=` and `?by=` filter."""
    version = version_or_404(request, pk, "view", is_its=lambda version: True)
    rows = version.edits.select_related("by").order_by("-pk")
    people = User.objects.filter(pk__in=version.edits.order_by().values("by")).order_by("email")
    part, by = request.GET.get("part", ""), as_number(request.GET.get("by"))
    if by is not None:
        rows = rows.filter(by=by)
    if part:
        kind, _dash, part_id = part.partition("-")
        rows = rows.filter(kind=kind, part_id=as_number(part_id) or 0)
    page = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    query = urlencode({name: value for name, value in (("part", part), ("by", by or "")) if value})
    context = _context(model_admin, request, version) | {
        "page": page,
        "steps": list(_steps(page.object_list, _Names(version))),
        "query": f"{query}&" if query else "",
        "people": people,
        "parts": _parts(version),
        "part": part,
        "by": by,
        "life": _life(version),
        "may_revert": model_admin.has_change_permission(request, version),
        "newest": version.edits.order_by("-pk").values_list("pk", flat=True).first(),
    }
    return TemplateResponse(request, "admin/questionnaires/version/edits.html", context)


def _parts(version: Version) -> list[tuple[str, str]]:
    """What can be filtered by, by the last name that it had: as the address has it, and in words."""
    rows = version.edits.order_by("kind", "ref", "-pk").values_list("kind", "part_id", "ref")
    found: dict[str, str] = {}
    for kind, part_id, ref in rows:
        found.setdefault(f"{kind}-{part_id}", f"{capfirst(str(KINDS[kind].model._meta.verbose_name))}: {ref}")
    return list(found.items())


def _life(version: Version):
    about = LogEntry.objects.filter(content_type=ContentType.objects.get_for_model(Version), object_id=str(version.pk))
    return about.select_related("user").order_by("-action_time")[:MOST_STEPS]


@require_http_methods(["GET", "POST"])
def revert_page(request: HttpRequest, pk: int, after: int, model_admin) -> HttpResponse:
    """What going back would change; then do it. `after` is the last edit that stays, 0: none does."""
    version = version_or_404(request, pk, "change", is_its=lambda version: version.is_edited_by(request.user))
    target = version.edits.filter(pk=after).select_related("by").first()
    if after and target is None:
        raise Http404
    newest = version.edits.order_by("-pk").values_list("pk", flat=True).first() or 0
    seen = as_number(request.POST.get("seen")) if request.method == "POST" else newest
    when = date_format(timezone.localtime(target.at), "Y-m-d H:i:s") if target else _("its beginning")
    asked = {"after": after, "seen": seen, "by": request.user}
    try:
        if request.method == "POST":
            made = revert(version, **asked, note=_("Back to the state of %(when)s") % {"when": when})
            text = ngettext(
                "%(version)s is as it was: %(count)d edit.", "%(version)s is as it was: %(count)d edits.", len(made)
            )
            messages.success(request, text % {"version": version, "count": len(made)})
            return _to(version, "edits")
        would = what_revert_would_do(version, **asked)
    except Version.Published:
        messages.error(request, _("Only a draft can go back: this version is in review or published."))
        return _to(version, "edits")
    except Stale:
        messages.error(
            request, _("Nothing was changed: somebody edited it in the meantime. Look at the history again.")
        )
        return _to(version, "edits")
    except (IntegrityError, ProtectedError, RestrictedError):
        messages.error(request, _("Nothing was changed: something else rests on what would have to go."))
        return _to(version, "edits")
    context = _context(model_admin, request, version) | {
        "edits": _shown(would[:_PREVIEWED], _Names(version)),
        "more": max(0, len(would) - _PREVIEWED),
        "count": len(would),
        "when": when,
        "seen": newest,
    }
    return TemplateResponse(request, "admin/questionnaires/version/revert.html", context)


def _to(version: Version, page: str) -> HttpResponse:
    return redirect(admin_url(Version, page, version.pk))
