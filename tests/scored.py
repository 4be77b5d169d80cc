"""Responses as scoring takes them, for the tests of what reckons with them."""

from decimal import Decimal

from questionnaires.scoring import CitedProvision, Outcome, Response, Severity

WEIGHTS = {
    Severity.CRITICAL: Decimal(8),
    Severity.HIGH: Decimal(4),
    Severity.MEDIUM: Decimal(2),
    Severity.LOW: Decimal(1),
}
LEVELS = {
    "yes": (Outcome.MET, Decimal(1)),
    "partly": (Outcome.PARTLY_MET, Decimal("0.5")),
    "no": (Outcome.NOT_MET, Decimal(0)),
    "n/a": (Outcome.NOT_APPLICABLE, None),
    None: (Outcome.UNANSWERED, None),
}


def provision(key, *, is_binding=True):
    force = "law" if is_binding else "recommended_standard"
    return CitedProvision(key, key.partition("/")[0], force, is_binding)


BINDING, SOFT = provision("law/1"), provision("standard/1", is_binding=False)


def response(ref, level="no", *provisions, severity="high", highest=Decimal(1)):
    outcome, score = LEVELS[level]
    return Response(
        ref=ref,
        section="first",
        severity=Severity(severity),
        outcome=outcome,
        score=score,
        lowest=Decimal(0),
        highest=highest,
        provisions=provisions or (SOFT,),
    )
