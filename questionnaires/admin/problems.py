"""A version's problems as its pages show them: in the language of the page, each with a link to where it is mended."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext

from questionnaires.admin.refusals import admin_url
from questionnaires.content import Place, Problem
from questionnaires.models import AnswerLevel, FactChoice, Version
from questionnaires.models.edits import KINDS

_COLUMNS = {"zh": "zh_hans"}
_LISTS = ("citations", "levels", "choices")  # rows below a part, on its page

Link = Callable[[Place, str], str | None]


@dataclass(frozen=True, slots=True)
class Shown:
    text: str
    cure: str
    url: str | None
    is_warning: bool


@dataclass(frozen=True, slots=True)
class Problems:
    errors: list[Shown]
    warnings: list[Shown]

    def __bool__(self) -> bool:
        return bool(self.errors or self.warnings)


def problems_shown(version: Version, *, link: Link | None = None) -> Problems:
    """`link` says where a problem of a place and column is mended; where it is not given, on the pages of the admin."""
    found = version.problems()
    link = link or _pages(version, found)
    shown = [
        Shown(
            problem.message.translated(gettext),
            problem.cure.translated(gettext),
            link(problem.place, column_of(problem)),
            problem.is_warning,
        )
        for problem in found
    ]
    return Problems([s for s in shown if not s.is_warning], [s for s in shown if s.is_warning])


def column_of(problem: Problem) -> str:
    """The column to blame, or the name of the rows below the part; empty where it is none in particular."""
    name, _underscore, language = problem.field.rpartition("_")
    return f"{name}_{_COLUMNS.get(language, language)}" if name in _TEXTS else problem.field


_TEXTS = ("title", "intro", "label", "description", "text", "help", "group", "why", "evidence", "remediation", "event")


def editor_links(version: Version) -> Link:
    """Where a problem is mended on the editor's screen: the part, at the card."""
    screen = reverse("admin:questionnaires_editor", args=[version.pk])

    def link(place: Place, column: str) -> str | None:
        part = f"{place.path}-{place.line}"
        anchor = column if column in _LISTS else f"{part}-{column}"
        return f"{screen}?part={part}" + (f"#{anchor}" if column else "")

    return link


def _pages(version: Version, found: list[Problem]) -> Link:
    """A level is mended on the page of its scale, a choice on that of its fact: two queries where one has a problem."""
    kinds = {problem.place.path for problem in found}
    levels = AnswerLevel.objects.filter(scale__version=version).values_list("pk", "scale_id")
    choices = FactChoice.objects.filter(fact__version=version).values_list("pk", "fact_id")
    above = {
        "answerlevel": ("answerscale", dict(levels) if "answerlevel" in kinds else {}, "levels"),
        "factchoice": ("fact", dict(choices) if "factchoice" in kinds else {}, "choices"),
    }

    def link(place: Place, column: str) -> str | None:
        kind, pk = place.path, place.line
        if kind == "version":
            return None
        if kind in above:
            kind, parents, column = above[kind]
            pk = parents[pk]
        anchor = f"{column}-group" if column in _LISTS else f"id_{column}"
        return admin_url(KINDS[kind].model, "change", pk) + (f"#{anchor}" if column else "")

    return link
