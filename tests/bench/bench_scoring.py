"""P7: scoring, pure, against a bare loop over the same responses; and whether it stays linear."""

from decimal import Decimal

from questionnaires import scoring
from questionnaires.scoring import CitedProvision, Outcome, Response, Severity
from tests.bench.measure import compare, heading, interleaved, line
from tests.bench.scratch import IS_TINY

AT_MOST = 5
LINEAR = 1.3  # a question of the largest against a question of the smallest: 1 is linear, the rest is noise
INSTRUMENTS = 12
SIZES = (5, 15) if IS_TINY else (200, 1_000, 10_000)
ROUNDS = 2 if IS_TINY else 30
WEIGHTS = {
    Severity.CRITICAL: Decimal(8),
    Severity.HIGH: Decimal(4),
    Severity.MEDIUM: Decimal(2),
    Severity.LOW: Decimal(1),
}
ANSWERS = (
    (Outcome.MET, Decimal(1)),
    (Outcome.PARTLY_MET, Decimal("0.5")),
    (Outcome.NOT_MET, Decimal(0)),
    (Outcome.NOT_APPLICABLE, None),
    (Outcome.UNANSWERED, None),
)


def run() -> None:
    heading(f"P7  scoring questions that each count for {INSTRUMENTS} instruments, against a bare loop")
    each = {}
    for size in SIZES:
        responses = responses_of(size)
        assert scoring.score(responses, WEIGHTS).overall.value == bare_loop(responses)[0]
        ours, bare = interleaved(
            lambda responses=responses: scoring.score(responses, WEIGHTS),
            lambda responses=responses: bare_loop(responses),
            rounds=ROUNDS,
        )
        compare(f"scoring, {size} questions", ours, bare, at_most=AT_MOST)
        each[size] = ours / size
    first, last = each[SIZES[0]], each[SIZES[-1]]
    name = f"one question of {SIZES[-1]} against one of {SIZES[0]}"
    line(
        name,
        f"{1e6 * last:.1f} us",
        f"{1e6 * first:.1f} us",
        ratio=last / first,
        target=f"<= {LINEAR} x",
        is_met=last / first <= LINEAR,
    )


def responses_of(size: int) -> list[Response]:
    """Every question counts for every instrument, by a provision that five questions share."""
    responses = []
    for number in range(size):
        outcome, score = ANSWERS[number % len(ANSWERS)]
        provisions = tuple(
            CitedProvision(f"law-{law}/{number // 5}", f"law-{law}", ("law", "case")[law % 2], law % 2 == 0)
            for law in range(INSTRUMENTS)
        )
        severity = list(Severity)[number % 4]
        section = f"section-{number // 20}"
        responses.append(Response(f"q{number}", section, severity, outcome, score, Decimal(0), Decimal(1), provisions))
    return responses


def bare_loop(responses: list[Response]) -> tuple:
    """The weighted mean overall and per instrument: no ranges, sections, legal forces, outcomes, gaps or checks."""
    points = weight = Decimal(0)
    instruments: dict[str, list[Decimal]] = {}
    for response in responses:
        if response.score is None:
            continue
        share = WEIGHTS[response.severity]
        gained = share * response.score
        points += gained
        weight += share
        for provision in response.provisions:
            total = instruments.get(provision.instrument)
            if total is None:
                total = instruments[provision.instrument] = [Decimal(0), Decimal(0)]
            total[0] += gained
            total[1] += share
    return points / weight, {key: total[0] / total[1] for key, total in instruments.items() if total[1]}


if __name__ == "__main__":
    run()
