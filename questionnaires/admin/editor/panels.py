"""The panel: one part with everything that can be done with it."""

from collections.abc import Callable
from dataclasses import dataclass, field

from django.db.models import Model
from django.http import Http404
from django.urls import reverse

from questionnaires.admin.editor.cards import Row, rows_of
from questionnaires.admin.editor.finding import ProvisionLine
from questionnaires.admin.editor.trees import CITING, LABELS, Node, node_of
from questionnaires.models import Provision, Section, Version
from questionnaires.models.edits import KINDS, kind_of

# What a part has rows of, and by which name it knows them.
CHILDREN = {"answerscale": ("answerlevel", "levels"), "fact": ("factchoice", "choices")}
LISTED = ("section", "question", "answerscale", "fact", "duty", "contradiction", "instrument", "provision", "version")


@dataclass(frozen=True, slots=True)
class Child:
    """A row of a part, edited in place: a level of a scale, a choice of a fact."""

    part: Model
    rows: list[Row]


@dataclass(frozen=True, slots=True)
class Panel:
    version: Version
    part: Model
    rows: list[Row]
    is_editing: bool
    may_remove: bool
    node: Node | None
    children: list[Child] = field(default_factory=list)
    child_kind: str = ""
    citations: list[ProvisionLine] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    provisions: list[Provision] = field(default_factory=list)

    @property
    def kind(self) -> str:
        return kind_of(self.part).name

    @property
    def kind_label(self) -> str:
        return self.part._meta.verbose_name

    @property
    def is_citing(self) -> bool:
        return self.kind in CITING

    @property
    def is_movable(self) -> bool:
        return self.is_editing and bool(kind_of(self.part).parent)


def part_or_404(user, version: Version, kind_name: str, pk: int) -> Model:
    """A part of this version, or an instrument or provision that the user may see."""
    kind = KINDS.get(kind_name)
    if kind is None or kind.question_set:
        raise Http404
    if kind.version:
        rows = kind.model._base_manager.filter(pk=pk).filter(**{kind.version: version.pk})
    else:
        rows = kind.model.objects.visible_in_admin_to(user).filter(pk=pk)
    part = (rows.select_related(kind.parent) if kind.parent else rows).order_by("pk").first()
    if part is None:
        raise Http404
    if hasattr(part, "version_id"):
        part.version = version
    return part


def card_url(version: Version, part: Model) -> Callable[[str], str]:
    names = (version.pk, kind_of(part).name, part.pk)
    return lambda name: reverse("admin:questionnaires_editor_card", args=[*names, name])


def panel_of(version: Version, part: Model, *, is_editing: bool, may_remove: bool) -> Panel:
    kind = kind_of(part)
    if kind.name not in LISTED:
        raise Http404
    child_kind, rows = CHILDREN.get(kind.name, ("", ""))
    children = [
        Child(child, rows_of(child, url=card_url(version, child), is_editing=is_editing))
        for child in (getattr(part, rows).order_by("position", "pk") if rows else ())
    ]
    return Panel(
        version=version,
        part=part,
        rows=rows_of(part, url=card_url(version, part), is_editing=is_editing),
        is_editing=is_editing,
        may_remove=is_editing and may_remove and kind.name != "version",
        node=node_of(part),
        children=children,
        child_kind=child_kind,
        citations=citations_of(part) if kind.name in CITING else [],
        sections=list(version.sections.order_by("position", "pk")) if kind.name == "question" else [],
        provisions=list(part.provisions.order_by("position", "pk")) if kind.name == "instrument" else [],
    )


def citations_of(part: Model) -> list[ProvisionLine]:
    rows = part.citations.select_related("provision__instrument").order_by("position", "pk")
    return [ProvisionLine(row.provision, row, is_cited=True) for row in rows]


def label_of(part: Model) -> str:
    kind = kind_of(part)
    return str(getattr(part, LABELS.get(kind.name, kind.ref), "") or getattr(part, kind.ref, part))


def shown_with(part: Model) -> Model:
    """The part on whose panel this one stands: a level with its scale, a provision with its instrument."""
    kind = kind_of(part)
    is_row = kind.name not in LISTED or kind.name == "provision"
    return getattr(part, kind.parent) if is_row else part
