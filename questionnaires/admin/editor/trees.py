"""What the tree shows of a version, as plain values: ten queries, whatever its size."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.db.models import Model
from django.utils.translation import get_language

from questionnaires.admin.missing_translations import missing_in, texts_of
from questionnaires.models import AnswerLevel, Citation, DutyCitation, FactChoice, Version
from questionnaires.models.edits import KINDS, Kind, kind_of

LABELS = {
    "section": "title",
    "question": "text",
    "answerscale": "title",
    "answerlevel": "label",
    "fact": "text",
    "factchoice": "label",
    "duty": "title",
    "contradiction": "text",
    "instrument": "short_title",
    "provision": "ref",
}
CITING = ("question", "duty")


class Shown(NamedTuple):
    """All that is drawn of a node: what looks the same is drawn once ({% kept %})."""

    kind: str
    pk: int
    ref: str
    text: str
    missing: int
    severity: str
    is_uncited: bool

    @property
    def id(self) -> str:
        return f"{self.kind}-{self.pk}"


@dataclass(slots=True)
class Node:
    """A part in the tree: what it is called, and what is left to do about it."""

    kind: str
    pk: int
    ref: str
    text: str
    missing: int = 0
    severity: str = ""
    is_uncited: bool = False
    children: list["Node"] = field(default_factory=list)

    id = Shown.id

    @property
    def shown(self) -> Shown:
        return Shown(self.kind, self.pk, self.ref, self.text, self.missing, self.severity, self.is_uncited)


@dataclass(frozen=True, slots=True)
class Tree:
    sections: list[Node]
    scales: list[Node]
    facts: list[Node]
    duties: list[Node]
    contradictions: list[Node]

    @property
    def question_count(self) -> int:
        return sum(len(section.children) for section in self.sections)

    @property
    def missing(self) -> int:
        questions = [question for section in self.sections for question in section.children]
        others = [*self.sections, *self.scales, *self.facts, *self.duties, *self.contradictions]
        return sum(node.missing for node in [*questions, *others])


def tree_of(version: Version) -> Tree:
    sections, questions = _nodes(version, "section"), _nodes(version, "question", "severity")
    scales, facts = _nodes(version, "answerscale"), _nodes(version, "fact")
    duties = _nodes(version, "duty")
    cited = set(Citation.objects.filter(question__version=version).order_by().values_list("question_id", flat=True))
    bound = set(DutyCitation.objects.filter(duty__version=version).order_by().values_list("duty_id", flat=True))
    for nodes, pks in ((questions, cited), (duties, bound)):
        for _parent, node in nodes:
            node.is_uncited = node.pk not in pks
    _hang(sections, questions)
    for owners, rows in ((scales, _nodes(version, "answerlevel")), (facts, _nodes(version, "factchoice"))):
        _add_missing(owners, rows)
    groups = (sections, scales, facts, duties, _nodes(version, "contradiction"))
    return Tree(*([node for _parent, node in nodes] for nodes in groups))


def _nodes(version: Version, name: str, *extra: str) -> list[tuple[int, Node]]:
    """Nodes with their parent's primary key, in order: one query, no rows of models."""
    kind, texts = KINDS[name], list(texts_of(KINDS[name].model))
    columns = [column for own, _is_required in texts for column in own]
    rows = kind.rows.filter(**{kind.version: version.pk}).order_by("position", "pk")
    found = []
    for row in rows.values("pk", "ref", kind.parent_id, *columns, *extra):
        node = Node(name, row["pk"], row["ref"], _label(kind, row), _missing(row, texts), row.get("severity", ""))
        found.append((row[kind.parent_id], node))
    return found


def _label(kind: Kind, row: dict) -> str:
    field = LABELS[kind.name]
    return row.get(f"{field}_{get_language().replace('-', '_')}") or row[f"{field}_en"] or row[f"{field}_zh_hans"] or ""


def _missing(row: dict, texts: Iterable[tuple[list[str], bool]]) -> int:
    found = 0
    for columns, is_required in texts:
        empty = sum(not row[column] for column in columns)
        found += empty if is_required or empty < len(columns) else 0
    return found


def _hang(parents: list[tuple[int, Node]], children: list[tuple[int, Node]]) -> None:
    by_pk = {node.pk: node for _parent, node in parents}
    for parent, node in children:
        by_pk[parent].children.append(node)


def _add_missing(owners: list[tuple[int, Node]], rows: list[tuple[int, Node]]) -> None:
    """What is missing in a scale's levels or a fact's choices counts for the scale or the fact."""
    by_pk = {node.pk: node for _parent, node in owners}
    for owner, row in rows:
        by_pk[owner].missing += row.missing


def node_of(part: Model) -> Node | None:
    """The node that shows a part, as it stands now: a level with its scale; None for the version itself."""
    match part:
        case Version():
            return None
        case AnswerLevel() | FactChoice() | Citation() | DutyCitation():
            part = getattr(part, kind_of(part).parent)
    kind = kind_of(part)
    name = kind.name
    rows = {"answerscale": "levels", "fact": "choices"}.get(name)
    below = getattr(part, rows).all() if rows else ()
    return Node(
        kind=name,
        pk=part.pk,
        ref=getattr(part, kind.ref),
        text=str(getattr(part, LABELS[name]) or ""),
        missing=missing_in(part, *below),
        severity=getattr(part, "severity", ""),
        is_uncited=name in CITING and not part.citations.exists(),
    )
