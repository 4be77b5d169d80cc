"""What a version says in both languages beside its outline: its questions, and its duties with what they rest on.

A published version never changes, so it is read once per process and kept.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime

from questionnaires.models.duties import Duty, DutyCitation
from questionnaires.models.question_sets import Version
from questionnaires.models.version_parts import Question


@dataclass(frozen=True, slots=True, eq=False)
class VersionTexts:
    """Everything in its order; each duty stands with the primary keys of the provisions that it cites."""

    questions: tuple[Question, ...]
    duties: tuple[tuple[Duty, tuple[int, ...]], ...]


_kept: OrderedDict[tuple[int, datetime], VersionTexts] = OrderedDict()
_KEPT_AT_MOST = 10  # versions; 200 questions are about half a megabyte


def texts_of(version: Version) -> VersionTexts:
    """Return the version's texts: three queries, none when it is published and was asked for before."""
    if not version.is_published:
        return _read(version)
    key = (version.pk, version.published_at)
    if key not in _kept:
        _kept[key] = _read(version)
        if len(_kept) > _KEPT_AT_MOST:
            _kept.popitem(last=False)
    return _kept[key]


def _read(version: Version) -> VersionTexts:
    cited: dict[int, list[int]] = {}
    citations = DutyCitation.objects.filter(duty__version=version).order_by("position", "pk")
    for duty_id, provision_id in citations.values_list("duty_id", "provision_id"):
        cited.setdefault(duty_id, []).append(provision_id)
    duties = version.duties.order_by("position", "pk")
    return VersionTexts(
        questions=tuple(Question.objects.filter(version=version).order_by("section__position", "position", "pk")),
        duties=tuple((duty, tuple(cited.get(duty.pk, ()))) for duty in duties),
    )
