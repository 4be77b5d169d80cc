"""Which parts a report has and where its links lead: an organisation may leave some out, the web has pages more."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from questionnaires.explaining import Grouping
from questionnaires.models import OptionalPart

Data = Mapping[str, Any]
PARTS = (
    "summary",
    "register",
    "duties",
    "results",
    "coming_up",
    "answers",
    "not_asked",
    "facts",
    "instruments",
    "explained",
    "method",
)


def question_anchor(number: str) -> str:
    return f"question-{number.replace('.', '-')}"


def gap_anchor(number: str) -> str:
    return f"gap-{number.replace('.', '-')}"


@dataclass(frozen=True, slots=True)
class Layout:
    """`shown` are the parts that stand in the report, `left_out` those that the organisation's settings took away."""

    shown: frozenset[str]
    left_out: tuple[OptionalPart, ...]
    language: str
    is_web: bool

    def question(self, number: str) -> str:
        return question_anchor(number) if "answers" in self.shown else ""

    def explained(self, grouping: Grouping, key: str = "") -> str:
        """The address of a score's terms: a page of its own on the web, the annex in print; empty if left out."""
        if self.is_web and OptionalPart.EXPLAINED not in self.left_out:
            path = f"{grouping}/{quote(key)}/" if key else f"{grouping}/"
            return f"explained/{path}?language={self.language}"
        return "#explained" if "explained" in self.shown else ""


def layout(content: Data, *, language: str, is_web: bool) -> Layout:
    """What is empty is not left out: it is not there. A report frozen before there were settings leaves nothing out."""
    wanted = content.get("settings", {}).get("left_out", ())
    left_out = tuple(part for part in OptionalPart if part in wanted)
    absent = {part for part in ("duties", "coming_up") if not content.get(part)}
    on_pages = {"explained"} if is_web else set()
    return Layout(frozenset(PARTS) - set(left_out) - absent - on_pages, left_out, language, is_web)
