"""The report's numbers against an independent computation, on the real question set."""

import json
import random
import re
from datetime import date
from fractions import Fraction

import pytest
from django.db import transaction

from questionnaires import importing
from questionnaires.checks import LIBRARY
from questionnaires.explaining import Grouping
from questionnaires.models import Answer, Version
from questionnaires.models.freezing import canonical, frozen_content
from questionnaires.reporting.context import question_numbers, report_context
from questionnaires.reporting.explanations import explained
from questionnaires.reporting.texts import Voice
from questionnaires.scoring import Severity
from tests.factories import answer_at_random, make_assessment, state_fact
from tests.recomputation import asked, exported, heat, recompute, rounded, shown_percent, summarised

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_every_number_of_the_report_is_found_again(seed):
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    chance = random.Random(seed)
    state_fact(assessment, "minors", chance.choice(["yes", "no"]))
    state_fact(assessment, "role", "operator", "vendor")
    answer_at_random(assessment, chance)

    content = assessment.submit(by=assessment.created_by, accept_unanswered=True).content

    assert exported(content["result"]) == rounded(recompute(content))


def test_draft_has_the_same_numbers():
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    answer_at_random(assessment, random.Random(4))

    content = frozen_content(assessment)

    assert exported(content["result"]) == rounded(recompute(content))


def test_gaps_stand_worst_first():
    importing.load_library(LIBRARY)
    assessment = make_assessment(Version.objects.get(question_set__slug="article-2020"))
    answer_at_random(assessment, random.Random(5))
    content = frozen_content(assessment)

    order = [
        (list(Severity).index(gap["severity"]), not gap["is_binding"], gap["outcome"] != "not_met")
        for gap in content["result"]["gaps"]
    ]

    assert order == sorted(order)
    assert content["result"]["gaps"][0]["severity"] == "critical"


# --- what the pages make of them --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def content(django_db_setup, django_db_blocker):
    """A half-answered assessment of the larger set, with notes on every third answer."""
    with django_db_blocker.unblock(), transaction.atomic():
        importing.load_library(LIBRARY)
        assessment = make_assessment(Version.objects.get(question_set__slug="frt-china"), as_of=date(2026, 11, 1))
        answer_at_random(assessment, random.Random(6))
        for at, answer in enumerate(assessment.answers.order_by("pk")):
            Answer.objects.filter(pk=answer.pk).update(note=("", " \n", "Notice 3 hangs at the door.")[at % 3])
        made = json.loads(canonical(frozen_content(assessment)))
        transaction.set_rollback(True)
    return made


@pytest.mark.parametrize("language", ["en", "zh-hans", "both"])
def test_every_number_of_the_summary_is_found_again(content, language):
    expected, computed = summarised(content), recompute(content)

    context = report_context(content, language=language, digest=None)

    tiles = context.summary.tiles
    assert [tile.number for tile in tiles] == [
        str(expected["not_met"]),
        f"{shown_percent(computed['overall']['value'])}\xa0%",
        str(expected["unanswered"]),
        str(expected["not_applicable"]),
    ]
    numbers = set(map(int, re.findall(r"\d+", tiles[0].detail.plain)))
    assert numbers == {expected["duties"], expected["partly_met"]}
    bare, scored, share = expected["without_evidence"]
    assert set(map(int, re.findall(r"\d+", context.summary.trust[0].plain))) == {bare, scored, shown_percent(share)}
    binding = [gap for gap in content["result"]["gaps"] if gap["is_binding"]]
    numbered = question_numbers(content)
    assert [gap.number for gap in context.summary.worst] == [numbered[gap["ref"]] for gap in binding[:5]]
    assert [gap.outcome for gap in context.summary.worst] == [gap["outcome"] for gap in binding[:5]]
    rest = len(content["result"]["gaps"]) - 5
    assert set(re.findall(r"\d+", context.summary.more_gaps.plain)) == {str(rest)}
    assert [(c.day, re.findall(r"\d+", c.number.plain)[0]) for c in context.summary.coming] == coming_days(content)


def coming_days(content):
    days = [(row["counts_from"], row["instrument"]) for row in content["coming_up"]]
    return [(day, str(days.count((day, slug)))) for day, slug in dict.fromkeys(days)][:3]


def test_points_at_stake_are_what_meeting_the_gap_adds(content):
    weights = content["version"]["weights"]
    weight = sum(Fraction(weights[q["severity"]]) for _n, q in asked(content) if q["answer"]["score"])
    refs = {number: ref for ref, number in question_numbers(content).items()}
    expected = summarised(content)["points"]

    context = report_context(content, language="en", digest=None)

    gaps = [gap for group in context.register for gap in group.gaps]
    found = {refs[gap.number]: re.findall(r"[\d.]+", gap.points.plain) for gap in gaps}
    assert found == {ref: [rounded(points), str(shown_percent(points / weight))] for ref, points in expected.items()}


def test_every_cell_of_the_heat_map_is_found_again(content):
    context = report_context(content, language="en", digest=None)

    slugs = {i["short_title"]["en"]: i["slug"] for i in content["instruments"]}
    found = {
        (slugs[row.label.plain], int(number)): cell.outcome
        for row in context.heat_map.rows
        for cell in row.cells
        for number in cell.sections.split(", ")
        if number
    }
    assert found == heat(content)
    assert len(found) > 100
    assert {topic.number for topic in context.heat_map.topics} == {str(number) for _slug, number in found}
    for row in context.heat_map.rows:
        assert row.strip.count('class="segment-') == sum(bool(cell.sections) for cell in row.cells)


def test_every_score_is_explained_by_its_terms(content):
    result, numbers, voice = content["result"], question_numbers(content), Voice("en")
    scores = {(Grouping.OVERALL, ""): result["overall"]}
    scores |= {(Grouping.SECTION, key): value for key, value in result["by_section"].items()}
    scores |= {(Grouping.INSTRUMENT, key): value for key, value in result["by_instrument"].items()}
    scores |= {(Grouping.LEGAL_FORCE, key): value for key, value in result["by_legal_force"].items()}
    assert len(scores) > 60

    for (grouping, key), frozen in scores.items():
        explanation = explained(content, grouping, key, numbers=numbers, voice=voice)

        terms = [term for term in explanation.terms if term.product != "–"]
        points = sum(Fraction(term.weight) * Fraction(term.score) for term in terms)
        weight = sum(Fraction(term.weight) for term in terms)
        assert (Fraction(explanation.group.points), Fraction(explanation.group.weight)) == (points, weight)
        assert rounded(points / weight if weight else None) == frozen["value"]
        open_ones = [term for term in explanation.terms if term.low != "–"]
        possible = sum(Fraction(term.weight) for term in open_ones)
        assert rounded(sum(Fraction(t.low) for t in open_ones) / possible if possible else None) == frozen["low"]
        assert rounded(sum(Fraction(t.high) for t in open_ones) / possible if possible else None) == frozen["high"]
        assert len(explanation.terms) == sum(frozen["outcomes"].values())


def test_annex_of_the_pdf_explains_the_same_scores(content):
    context = report_context(content, language="en", digest=None)

    for group in context.explained:
        value = Fraction(group.points) / Fraction(group.weight) if group.weight != "0" else None
        assert group.score == ("–" if value is None else f"{shown_percent(value)}\xa0%")
    sections = context.explained[: len(content["result"]["by_section"])]
    products = [Fraction(found) for group in sections for found in re.findall(r"=\xa0([\d.]+)", group.line)]
    assert sum(products) == sum(Fraction(group.points) for group in sections) > 0
