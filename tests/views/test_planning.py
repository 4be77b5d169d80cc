"""What if, and the cheapest path, on pages: nothing is stored until the path becomes actions."""

from decimal import Decimal

import pytest
from django.urls import reverse

from questionnaires.models import Action, Answer, AnswerChange, Assessment
from tests.factories import (
    answer,
    make_action,
    make_assessment,
    make_draft,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_user,
    publish,
)
from tests.views.browsing import address, query_count, read, said, text, texts

pytestmark = pytest.mark.django_db


def make_graded(number=1):
    """As many of each: critical on a law, high on the law and a guide, low on the guide."""
    law = make_instrument(short_title_en="CSL")
    guide = make_instrument(legal_force="company_guideline", short_title_en="Guide")
    draft = make_draft()
    first, second = make_section(draft, "first"), make_section(draft, "second")
    for n in range(1, number + 1):
        binding, soft = make_provision(law, f"Art. {n}"), make_provision(guide, f"No. {n}")
        make_question(first, f"grave{n}", severity="critical", provisions=[binding])
        make_question(first, f"both{n}", severity="high", provisions=[binding, soft])
        make_question(second, f"soft{n}", severity="low", provisions=[soft])
    return publish(draft)


def make_gaps(version=None, **fields):
    """Critical not met, high partly met, low not met: 2 of 13 points."""
    assessment = make_assessment(version or make_graded(), **fields)
    for question in assessment.standing().unanswered():
        answer(assessment, question.ref, "partly" if question.ref.startswith("both") else "no")
    return assessment


@pytest.fixture
def assessment(client):
    made = make_gaps()
    client.force_login(made.created_by)
    return made


def ask(client, name, assessment, **query):
    return read(client.get(reverse(f"questionnaires:{name}", args=[assessment.uuid], query=query)))


def scores(page):
    return [texts(row, "th, td") for row in page.select(".effect-table tbody tr")]


def moved(page):
    return [(text(row.select_one("span")), texts(row, ".outcome")) for row in page.select(".moved li")]


def checked(page):
    return [box["value"] for box in page.select("[name=met][checked]")]


def test_what_if_begins_with_the_figures_as_answered(client, assessment):
    page = ask(client, "what-if", assessment)

    assert texts(page, ".gap-row label") == ["1.1 Is grave1 done?", "1.2 Is both1 done?", "2.1 Is soft1 done?"]
    assert text(page.select_one("#said")) == "Nothing is switched: these are the figures as answered."
    assert scores(page) == [
        ["Overall", "15 %", "15 %", ""],
        ["Law", "17 %", "17 %", ""],
        ["Company guideline", "40 %", "40 %", ""],
        ["CSL", "17 %", "17 %", ""],
        ["Guide", "40 %", "40 %", ""],
    ]
    assert (checked(page), moved(page)) == ([], [])


def test_switched_gaps_move_scores_and_provisions(client, assessment):
    page = ask(client, "what-if", assessment, met=["1.1", "2.1"])

    assert checked(page) == ["1.1", "2.1"]
    assert text(page.select_one("#said")) == (
        "2 gaps met: overall score 15 % → 85 %, binding duties not or partly met 1 → 1."
    )
    assert scores(page)[:3] == [
        ["Overall", "15 %", "85 %", "+69.2"],
        ["Law", "17 %", "83 %", "+66.7"],
        ["Company guideline", "40 %", "60 %", "+20.0"],
    ]
    assert moved(page) == [
        ("CSL, Art. 1 binding", ["Not met", "Partly met"]),
        ("Guide, No. 1", ["Not met", "Partly met"]),
    ]


@pytest.mark.parametrize(
    ("query", "boxes"),
    [
        ({"preset": "all"}, ["1.1", "1.2", "2.1"]),
        ({"preset": "binding"}, ["1.1", "1.2"]),
        ({"preset": "critical"}, ["1.1"]),
        ({"preset": "<b>", "met": "2.1"}, ["2.1"]),
        ({"met": ["9.9", "x", "\x00", ""]}, []),
    ],
)
def test_kinds_of_gaps_are_switched_at_once_and_nonsense_is_passed_over(client, assessment, query, boxes):
    assert checked(ask(client, "what-if", assessment, **query)) == boxes


def test_nothing_is_stored_by_what_if_and_path(client, assessment):
    models = (Assessment, Answer, AnswerChange, Action)
    before = [list(model.objects.order_by("pk").values()) for model in models]

    ask(client, "what-if", assessment, preset="all")
    ask(client, "cheapest-path", assessment, overall="90")

    assert [list(model.objects.order_by("pk").values()) for model in models] == before


def test_submitted_assessment_is_simulated_too(client, assessment):
    assessment.submit(by=assessment.created_by)

    page = ask(client, "what-if", assessment, preset="all")
    path = ask(client, "cheapest-path", assessment, overall="100")

    assert scores(page)[0] == ["Overall", "15 %", "100 %", "+84.6"]
    assert text(path.select_one("#path-heading")) == "3 gaps, 9 person-days."


def test_unanswered_question_is_no_gap_and_is_named(client):
    assessment = make_assessment(make_graded())
    answer(assessment, "grave1", "no")
    client.force_login(assessment.created_by)

    page = ask(client, "what-if", assessment, preset="all")

    assert scores(page)[0] == ["Overall", "0 %", "100 %", "+100.0"]
    assert "2 questions are unanswered: they count in no score here." in texts(page, "#effect p")
    assert moved(page) == [("CSL, Art. 1 binding", ["Not met", "Unanswered"])]


def test_without_gaps_there_is_nothing_to_switch(client):
    assessment = make_assessment(make_graded())
    client.force_login(assessment.created_by)

    pages = [ask(client, name, assessment) for name in ("what-if", "cheapest-path")]

    assert texts(pages[0], ".empty p") == ["No gap was stated: there is nothing to switch."]
    assert texts(pages[1], "#path-heading") == ["Nothing to do: this is reached already."]


# --- the cheapest path ------------------------------------------------------------------------------------------------


def steps(page):
    return [texts(row, "td:first-child, th > a, td.number") for row in page.select(".steps tbody tr")]


def test_path_clears_binding_duties_unless_something_else_is_asked(client, assessment):
    page = ask(client, "cheapest-path", assessment)

    assert text(page.select_one("#path-heading")) == "2 gaps, 6 person-days."
    assert steps(page) == [
        ["1", "Is grave1 done?", "3", "3", "77 %", "83 %", "1"],
        ["2", "Is both1 done?", "3", "6", "92 %", "100 %", "0"],
    ]
    assert "Overall score: 15 % → 92 %. Score of binding duties: 17 % → 100 %." in text(page.select_one("#path"))


def test_effort_comes_from_the_sizes_chosen_and_from_actions_before_them(client, assessment):
    make_action(assessment, "both1", effort_days=Decimal("0.5"))
    make_action(assessment, "both1", effort_days=Decimal(4), status="done")
    sizes = {"s1.1": "XL", "s1.2": "L", "s2.1": "S"}

    page = ask(client, "cheapest-path", assessment, overall="30", **sizes)

    assert steps(page) == [["1", "Is both1 done?", "0.5", "0.5", "31 %", "33 %", "1"]]
    chosen = {s["name"]: s.select_one("[selected]")["value"] for s in page.select(".effort-row select")}
    assert chosen == sizes
    assert texts(page, ".effort-row span.meta") == ["1.1", "1.2", "0.5 d, from its actions", "2.1"]


def test_goal_that_cannot_be_reached_is_told_with_the_best_that_can(client, assessment):
    page = ask(client, "cheapest-path", assessment, clears_binding="on", overall="95", **{"s1.1": "never"})

    assert texts(page, ".message-warning") == [
        "1 binding duty cannot be cleared: it rests on gaps set to “cannot be closed”.",
        "95 % cannot be reached (overall score): the best is 38 %.",
    ]
    assert [row[1] for row in steps(page)] == ["Is both1 done?", "Is soft1 done?"]


@pytest.mark.parametrize(
    ("query", "error"),
    [
        ({"overall": "101"}, "Ensure this value is less than or equal to 100."),
        ({"binding": "x"}, "Enter a whole number."),
        ({"overall": ""}, "Choose what is to be reached."),
    ],
)
def test_bad_goal_is_told_and_is_still_there(client, assessment, query, error):
    page = ask(client, "cheapest-path", assessment, **query)

    (name, value) = next(iter(query.items()))
    assert texts(page, ".field-error, .errorlist li") == [error]
    assert (page.select_one(f"[name={name}]")["value"], page.select("#path")) == (value, [])


def test_path_becomes_actions_with_one_button_and_only_once(client, assessment):
    make_action(assessment, "grave1")
    page = ask(client, "cheapest-path", assessment, overall="100", **{"s2.1": "L"})
    form = page.select_one("#path form")
    fields = {"step": [i["value"] for i in form.select("[name=step]")]}

    first = client.post(form["action"], fields, follow=True)
    second = client.post(form["action"], fields, follow=True)

    assert text(form.button) == "Plan 2 actions from it"
    assert said(first) == ["2 actions planned. 1 gap had one already or is closed."]
    assert said(second) == ["0 actions planned. 3 gaps had one already or are closed."]
    assert list(Action.objects.order_by("pk").values_list("question_ref", "title", "effort_days"))[1:] == [
        ("both1", "Do it.", Decimal(3)),
        ("soft1", "Do it.", Decimal(10)),
    ]
    assert ask(client, "cheapest-path", assessment, overall="100").select("#path form") == []


@pytest.mark.parametrize("step", ["9.9=3", "1.1=0", "1.1=x", "1.1", "1.1=1000000", "", "1.1=NaN"])
def test_steps_that_are_none_make_nothing(client, assessment, step):
    url = address("cheapest-path-to-actions", assessment)

    response = client.post(url, {"step": ["2.1=3.0", step]}, follow=True)

    assert said(response) == ["These steps are none of this assessment. Look at the path again."]
    assert Action.objects.count() == 0


def test_gap_closed_meanwhile_becomes_no_action(client, assessment):
    answer(assessment, "grave1", "yes", seen=1)

    response = client.post(address("cheapest-path-to-actions", assessment), {"step": ["1.1=3", "2.1=3"]}, follow=True)

    assert said(response) == ["1 action planned. 1 gap had one already or is closed."]
    assert Action.objects.get().question_ref == "soft1"


def test_stranger_gets_404_and_viewer_plans_nothing(client, assessment):
    names = ("what-if", "cheapest-path")
    viewer, stranger = make_member(assessment.organisation), make_user()
    client.force_login(viewer)
    seen = ask(client, "cheapest-path", assessment)
    refused = client.post(address("cheapest-path-to-actions", assessment), {"step": "1.1=3"})
    client.force_login(stranger)

    statuses = [client.get(address(name, assessment)).status_code for name in names]

    assert (len(steps(seen)), seen.select("#path form"), refused.status_code) == (2, [], 404)
    assert (statuses, Action.objects.count()) == ([404, 404], 0)


def test_pages_cost_the_same_at_3_and_at_9_gaps(client):
    organisation = make_organisation()
    client.force_login(organisation.members.get())
    costs = []
    for number in (1, 3):
        assessment = make_gaps(make_graded(number), organisation=organisation)
        make_action(assessment, "grave1")
        urls = [f"{address('what-if', assessment)}?preset=all", f"{address('cheapest-path', assessment)}?overall=100"]
        costs.append([query_count(lambda url=url: client.get(url)) for url in urls])

    assert costs[0] == costs[1]
    assert max(costs[1]) <= 12
