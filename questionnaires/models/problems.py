"""What is wrong with a draft: the same rules as for files (validation.py), over what the database holds."""

from datetime import date
from typing import TYPE_CHECKING

from django.db.models import Q
from django.utils import timezone

from questionnaires.content import LegalForce, Problem, Stage, Text
from questionnaires.content import Version as VersionContent
from questionnaires.models.contents import version_content
from questionnaires.models.instruments import Provision
from questionnaires.models.version_parts import Citation, Question
from questionnaires.validation import Citable, Namesake, version_problems

if TYPE_CHECKING:
    from questionnaires.models.question_sets import Version


def problems_of(version: "Version", *, on: date | None = None) -> list[Problem]:
    """Return every problem on a day (default: today), errors first; a constant number of queries.

    A place is the row that has the problem: `Place("question", 41)`.
    """
    said = version_content(version)
    found = version_problems(
        said,
        citable=_citable(said, version.question_set.organisation_id),
        namesakes=_namesakes(version, said),
        on=on or timezone.localdate(),
    )
    return sorted(found, key=lambda problem: problem.is_warning)


def _citable(said: VersionContent, organisation_id: int | None) -> dict[str, Citable]:
    keys = {key for thing in (*said.questions, *said.duties) for key in thing.citations}
    rows = Provision.objects.filter(key__in=keys).select_related("instrument", "superseded_by")
    return {
        row.key: Citable(
            is_shown=row.is_shown,
            stage=Stage(row.instrument.stage),
            legal_force=LegalForce(row.instrument.legal_force),
            first=row.counts_from,
            last=row.counts_until,
            superseded_by=row.superseded_by.key if row.superseded_by else None,
            is_anothers=row.instrument.organisation_id not in (None, organisation_id),
        )
        for row in rows
    }


def _namesakes(version: "Version", said: VersionContent) -> dict[str, Namesake]:
    """By ref what the version before asks, or another set that the same people may use."""
    rows = _namesake_rows(version, [question.ref for question in said.questions])
    cited: dict[int, set[str]] = {}
    citations = Citation.objects.filter(question__in=[row[0] for row in rows])
    for pk, key in citations.order_by().values_list("question_id", "provision__key"):
        cited.setdefault(pk, set()).add(key)
    found: dict[str, Namesake] = {}
    for pk, ref, english, chinese, slug, number in rows:
        # The set's own version before comes last and wins.
        found[ref] = Namesake(f"{slug} {number}", Text(english or "", chinese or ""), frozenset(cited.get(pk, ())))
    return found


def _namesake_rows(version: "Version", refs: list[str]) -> list[tuple]:
    question_set = version.question_set
    for_the_same = Q(question_set__organisation__isnull=True)
    if question_set.organisation_id:
        for_the_same |= Q(question_set__organisation=question_set.organisation_id)
    others = type(version).objects.published().filter(for_the_same).exclude(pk=version.pk)
    newest: dict[int, int] = {}
    for pk, set_id in others.order_by("number").values_list("pk", "question_set_id"):
        newest[set_id] = pk
    own = newest.get(question_set.pk)
    rows = Question.objects.filter(ref__in=refs, version__in=newest.values()).order_by("version").rewrite(False)
    columns = ("pk", "ref", "text_en", "text_zh_hans", "version__question_set__slug", "version__number", "version_id")
    return [row[:-1] for row in sorted(rows.values_list(*columns), key=lambda row: row[-1] == own)]
