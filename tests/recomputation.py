"""The numbers of a report, computed anew from its exported data with fractions and nothing of the product's code.

Reads only what was asked and answered; the exported result is what it is compared with.
"""

from fractions import Fraction

WORST_FIRST = ["not_met", "partly_met", "unanswered", "met", "not_applicable"]


def recompute(data):
    """The same shape as data["result"]; numbers as Fractions."""
    asked = [(s["ref"], q) for s in data["sections"] for q in s["questions"] if q["not_asked"] is None]
    weights = {severity: Fraction(weight) for severity, weight in data["version"]["weights"].items()}
    force_of = {i["slug"]: i["legal_force"] for i in data["instruments"]}
    binding = {i["slug"] for i in data["instruments"] if i["is_binding"]}

    def instruments_of(question):
        return {data["provisions"][key]["instrument"] for key in question["citations"]}

    def group(questions):
        return score(list(questions), weights)

    questions = [question for _section, question in asked]
    return {
        "overall": group(questions),
        "by_section": {ref: group(q for s, q in asked if s == ref) for ref in {s for s, _q in asked}},
        "by_instrument": {
            slug: group(q for q in questions if slug in instruments_of(q))
            for slug in {slug for q in questions for slug in instruments_of(q)}
        },
        "by_legal_force": {
            force: group(q for q in questions if force in {force_of[slug] for slug in instruments_of(q)})
            for force in {force_of[slug] for q in questions for slug in instruments_of(q)}
        },
        "provisions": {
            key: min((q["answer"]["outcome"] for q in questions if key in q["citations"]), key=WORST_FIRST.index)
            for key in {key for q in questions for key in q["citations"]}
        },
        "gaps": {
            q["ref"]: (q["severity"], q["answer"]["outcome"], bool(instruments_of(q) & binding))
            for q in questions
            if q["answer"]["outcome"] in ("not_met", "partly_met")
        },
    }


def score(questions, weights):
    """Every scale of the library reaches from 0 to 1, so an open question adds nothing or its whole weight."""
    scored = [q for q in questions if q["answer"]["score"] is not None]
    unanswered = sum(weights[q["severity"]] for q in questions if q["answer"]["outcome"] == "unanswered")
    points = sum(weights[q["severity"]] * Fraction(q["answer"]["score"]) for q in scored)
    weight = sum(weights[q["severity"]] for q in scored)
    possible = weight + unanswered
    outcomes = [q["answer"]["outcome"] for q in questions]
    return {
        "value": points / weight if weight else None,
        "low": points / possible if possible else None,
        "high": (points + unanswered) / possible if possible else None,
        "outcomes": {outcome: outcomes.count(outcome) for outcome in WORST_FIRST},
    }


def exported(result):
    """The result of an export in the shape of recompute(); scores stay strings of six decimals."""
    return {
        "overall": _group(result["overall"]),
        **{
            name: {key: _group(group) for key, group in result[name].items()}
            for name in ("by_section", "by_instrument", "by_legal_force")
        },
        "provisions": result["provisions"],
        "gaps": {gap["ref"]: (gap["severity"], gap["outcome"], gap["is_binding"]) for gap in result["gaps"]},
    }


def _group(group):
    return {key: group[key] for key in ("value", "low", "high", "outcomes")}


def rounded(computed):
    """The recomputed numbers as the export writes them: six decimals, no trailing zeros."""
    match computed:
        case dict():
            return {key: rounded(value) for key, value in computed.items()}
        case Fraction():
            millionths = round(computed * 10**6)  # half to even, like the product
            text = f"{millionths // 10**6}.{millionths % 10**6:06d}".rstrip("0").rstrip(".")
            return text
    return computed


# --- the summary and the heat map -------------------------------------------------------------------------------------


def asked(data):
    """Section number and question of all that were asked, in order."""
    return [(n, q) for n, s in enumerate(data["sections"], 1) for q in s["questions"] if q["not_asked"] is None]


def summarised(data):
    """What the summary says in numbers, from the answers alone."""
    weights = {severity: Fraction(weight) for severity, weight in data["version"]["weights"].items()}
    binding = {i["slug"] for i in data["instruments"] if i["is_binding"]}
    duties = {key for key, provision in data["provisions"].items() if provision["instrument"] in binding}
    computed = recompute(data)
    outcomes = [computed["provisions"][key] for key in duties if key in computed["provisions"]]
    scored = [q for _n, q in asked(data) if q["answer"]["score"] is not None]
    bare = [q for q in scored if not q["answer"]["note"].strip()]
    weight = sum(weights[q["severity"]] for q in scored)
    bare_share = sum(weights[q["severity"]] for q in bare) / weight if weight else 0
    return {
        "duties": len(outcomes),
        "not_met": outcomes.count("not_met"),
        "partly_met": outcomes.count("partly_met"),
        "unanswered": computed["overall"]["outcomes"]["unanswered"],
        "not_applicable": computed["overall"]["outcomes"]["not_applicable"],
        "without_evidence": (len(bare), len(scored), bare_share),
        "points": {
            q["ref"]: weights[q["severity"]] * (1 - Fraction(q["answer"]["score"]))
            for q in scored
            if q["answer"]["outcome"] in ("not_met", "partly_met")
        },
    }


def heat(data):
    """By instrument and section number the worst outcome; nothing where nothing was asked."""
    found = {}
    for number, question in asked(data):
        for slug in {data["provisions"][key]["instrument"] for key in question["citations"]}:
            found.setdefault((slug, number), []).append(question["answer"]["outcome"])
    return {cell: min(outcomes, key=WORST_FIRST.index) for cell, outcomes in found.items()}


# --- as a report in English writes them -------------------------------------------------------------------------------

COUNTED = [
    ("met", "●", "Met"),
    ("partly_met", "◐", "Partlymet"),
    ("not_met", "▲", "Notmet"),
    ("not_applicable", "–", "Notapplicable"),
    ("unanswered", "◌", "Unanswered"),
]


def shown_percent(share):
    rounded_up = int(100 * share + Fraction(1, 2))
    return min(max(rounded_up, 1), 99) if 0 < share < 1 else rounded_up


def shown_tiles(data):
    """The numbers of the four tiles, without spaces."""
    expected = summarised(data)
    value = recompute(data)["overall"]["value"]
    score = "–" if value is None else f"{shown_percent(value)}%"
    return [str(expected["not_met"]), score, str(expected["unanswered"]), str(expected["not_applicable"])]


def shown_figures(data, *, with_signs):
    """Label and figures of every row of the results, without spaces, sorted; in print a sign stands before a count."""
    computed = recompute(data)
    instruments = {i["slug"]: i["short_title"]["en"] for i in data["instruments"]}
    rows = [
        ("Overall", computed["overall"]),
        *((force.replace("_", " ").capitalize(), group) for force, group in computed["by_legal_force"].items()),
        *((s["title"]["en"], computed["by_section"].get(s["ref"], score([], {}))) for s in data["sections"]),
        *((instruments[slug], group) for slug, group in computed["by_instrument"].items()),
    ]
    return sorted(("".join(label.split()), _shown(group, with_signs)) for label, group in rows)


def _shown(group, with_signs):
    low, high = group["low"], group["high"]
    ends = [] if low == high else sorted({shown_percent(low), shown_percent(high)})
    counts = [(group["outcomes"][outcome], sign, word) for outcome, sign, word in COUNTED if group["outcomes"][outcome]]
    return "".join(
        [
            "–" if group["value"] is None else f"{shown_percent(group['value'])}%",
            f"Range{'–'.join(map(str, ends))}%" if ends else "",
            *(f"{sign if with_signs else ''}{number}{word}" for number, sign, word in counts),
            "" if counts else "Noquestionwasscored.",
        ]
    )
