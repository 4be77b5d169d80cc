"""What of a report agrees with itself: checked from its file alone, without database or network."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from questionnaires import scoring
from questionnaires.models.freezing import result_content
from questionnaires.reporting import signing
from questionnaires.reporting.embedding import Damaged, data_of
from questionnaires.reporting.inspecting import canonical, identifier, is_pdf, report_data
from questionnaires.scoring import CitedProvision, Outcome, Response, Severity

Data = Mapping[str, Any]
MOST_DIFFERENCES = 10


@dataclass(frozen=True, slots=True)
class Check:
    """`agrees` is None where it could not be checked."""

    name: str
    agrees: bool | None
    detail: str


def rechecked(content: bytes) -> tuple[str | None, list[Check]]:
    """Return the digest, and what was checked, of a report's PDF or of its JSON. Stops at what cannot be read."""
    payload, checks = content, []
    if is_pdf(content):
        try:
            payload = data_of(content)
        except Damaged as e:
            return None, [Check("data", False, f"the PDF cannot be read: {e}")]
        if payload is None:
            return None, [Check("data", False, "no data of a report are attached to this PDF")]
        checks.append(Check("data", True, "attached to the PDF"))
    data = report_data(payload)
    if data is None:
        return None, [Check("data", False, "this is not the data of a report")]
    digest = hashlib.sha256(payload).hexdigest()
    if is_pdf(content):
        checks.append(_identifier_check(content, digest))
        checks += _signature_checks(content)
    is_canonical = canonical(data) == payload
    checks.append(Check("notation", is_canonical, "canonical JSON (RFC 8785)" if is_canonical else "not canonical"))
    checks.append(_result_check(data))
    return digest, checks


def _identifier_check(pdf: bytes, digest: str) -> Check:
    found = identifier(pdf)
    if found == digest[:32]:
        return Check("identifier", True, "the PDF's identifier is that of its data")
    return Check("identifier", False, f"the PDF's identifier is {found}, that of its data {digest[:32]}")


def _signature_checks(pdf: bytes) -> Iterator[Check]:
    try:
        found = signing.signatures(pdf)
    except ValueError as e:
        yield Check("signature", None, f"it cannot be read whether there is one: {e}")
        return
    for signature in found:
        state = "nothing was changed since" if signature.is_intact else "something was changed since"
        yield Check("signature", signature.is_intact, f"by {signature.signer}; {state}")


def _result_check(data: Data) -> Check:
    """Scores, outcomes and gaps, computed again from the answers."""
    try:
        stated = data["result"]
        computed = result_content(scoring.score(_responses(data), _weights(data)))
    except (KeyError, TypeError, ValueError, AttributeError, InvalidOperation) as e:
        return Check("result", False, f"cannot be computed again: {type(e).__name__}: {e}")
    if stated.get("scoring_version") != scoring.VERSION:
        made = f"scored by rules {stated.get('scoring_version')}, and this program knows {scoring.VERSION}"
        return Check("result", None, made)
    differences = list(_differences("", stated, computed))
    if not differences:
        return Check("result", True, "scores, outcomes and gaps follow from the answers")
    shown = "; ".join(differences[:MOST_DIFFERENCES])
    return Check("result", False, f"{len(differences)} differ from what follows from the answers: {shown}")


def _differences(place: str, stated: Any, computed: Any) -> Iterator[str]:
    if isinstance(stated, dict) and isinstance(computed, dict):
        for key in sorted({*stated, *computed}):
            yield from _differences(f"{place}/{key}", stated.get(key), computed.get(key))
    elif stated != computed:
        yield f"{place}: stated {stated}, computed {computed}"


def _responses(data: Data) -> Iterator[Response]:
    instruments = {instrument["slug"]: instrument for instrument in data["instruments"]}
    cited = {}
    for key, provision in data["provisions"].items():
        of = instruments[provision["instrument"]]
        cited[key] = CitedProvision(key, of["slug"], of["legal_force"], of["is_binding"])
    for section in data["sections"]:
        for question in section["questions"]:
            if not question["not_asked"]:
                yield _response(section["ref"], question, cited)


def _response(section: str, question: Data, cited: Mapping[str, CitedProvision]) -> Response:
    answer = question["answer"]
    outcome = Outcome(answer["outcome"])
    lowest, highest = question.get("bounds", ("0", "1"))  # older reports do not keep them
    return Response(
        ref=question["ref"],
        section=section,
        severity=Severity(question["severity"]),
        outcome=outcome,
        score=None if answer["score"] is None else Decimal(answer["score"]),
        lowest=Decimal(lowest),
        highest=Decimal(highest),
        provisions=tuple(cited[key] for key in question["citations"]),
        is_confirmed=answer["is_confirmed"],
    )


def _weights(data: Data) -> dict[Severity, Decimal]:
    return {Severity(severity): Decimal(weight) for severity, weight in data["version"]["weights"].items()}
