"""Actions on pages: list with the duties of the law, board, planning, changing over a newer revision, deleting."""

from datetime import date, timedelta
from decimal import Decimal
from urllib.parse import urljoin

import pytest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone

from frcheck.accounts.models import Membership
from questionnaires.models import Action
from questionnaires.models.freezing import frozen_content
from questionnaires.reporting.context import report_context
from tests.factories import (
    answer,
    make_action,
    make_assessment,
    make_draft,
    make_duty,
    make_instrument,
    make_member,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_user,
    make_version,
    publish,
)
from tests.views.browsing import address, query_count, read, said, text, texts

pytestmark = pytest.mark.django_db
GOOD = {"title": "Put up a sign", "owner": "", "due_on": "2026-05-01", "effort_days": "2.5", "status": "to_do"}
GOOD |= {"comment": "", "revision": "1"}


@pytest.fixture
def assessment(client):
    made = make_assessment(make_version(questions=3))
    for ref, level in [("topic.q1", "no"), ("topic.q2", "partly"), ("topic.q3", "yes")]:
        answer(made, ref, level)
    client.force_login(made.created_by)
    return made


def listed(page):
    """Each row: day, title, owner, person-days, status, gap; a duty of the law has fewer cells."""
    rows = page.select(".action-table tbody tr")
    titles = [text(row.select_one("th > a:not(.meta)") or row.th) for row in rows]
    return [
        [text(row.select_one(".day")), title, *texts(row, "td:not(.day)")]
        for row, title in zip(rows, titles, strict=True)
    ]


def the_list(client, assessment, **query):
    return read(client.get(reverse("questionnaires:action-list", args=[assessment.uuid], query=query)))


def test_action_is_planned_from_a_gap(client, assessment):
    colleague = make_member(assessment.organisation)
    url = f"{address('action-new', assessment)}?gap=topic.q1"
    form = read(client.get(url))

    response = client.post(url, GOOD | {"owner": colleague.pk, "comment": "At both doors"}, follow=True)

    assert form.select_one("[name=title]").text.strip() == "Do it."
    assert set(texts(form, "[name=owner] option")) == {"Nobody yet", str(assessment.created_by), str(colleague)}
    assert said(response) == ["Planned: “Put up a sign”."]
    stored = Action.objects.values_list(
        "series", "question_ref", "title", "owner", "due_on", "effort_days", "status", "comment", "created_by"
    )
    assert list(stored) == [
        (
            *(assessment.series, "topic.q1", "Put up a sign", colleague.pk, date(2026, 5, 1), Decimal("2.5")),
            *("to_do", "At both doors", assessment.created_by.pk),
        )
    ]


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"title": "  "}, "This field is required."),
        ({"title": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        ({"due_on": "2026-02-30"}, "Enter a valid date."),
        ({"effort_days": "0"}, "Ensure this value is greater than or equal to 0.1."),
        ({"effort_days": "1000000"}, "Ensure that there are no more than 6 digits in total."),
        ({"status": "later"}, "Select a valid choice. later is not one of the available choices."),
        ({"comment": "x" * 20_001}, "Ensure this value has at most 20000 characters (it has 20001)."),
    ],
)
def test_bad_input_is_told_beside_the_field_and_is_still_there(client, assessment, wrong, error):
    page = read(client.post(f"{address('action-new', assessment)}?gap=topic.q1", GOOD | wrong))

    assert (texts(page, ".invalid-feedback"), Action.objects.count()) == ([error], 0)
    (name,) = wrong
    if name != "title" or wrong["title"].strip():
        kept = page.select_one(f"[name={name}]")
        assert (kept.get("value") or kept.text.strip()) == wrong[name] or name == "status"


def test_stranger_cannot_be_made_owner(client, assessment):
    stranger = make_user()

    page = read(client.post(f"{address('action-new', assessment)}?gap=topic.q1", GOOD | {"owner": stranger.pk}))

    assert texts(page, ".invalid-feedback") == [
        "Select a valid choice. That choice is not one of the available choices."
    ]
    assert (Action.objects.count(), stranger.email in page.get_text()) == (0, False)


def test_second_action_about_a_gap_is_possible_and_the_first_is_named(client, assessment):
    make_action(assessment, "topic.q1", title="The first")

    page = read(client.get(f"{address('action-new', assessment)}?gap=topic.q1"))
    client.post(f"{address('action-new', assessment)}?gap=topic.q1", GOOD)

    assert texts(page, ".message a") == ["The first"]
    assert list(Action.objects.order_by("pk").values_list("title", flat=True)) == ["The first", "Put up a sign"]


@pytest.mark.parametrize("gap", ["", "topic.q9", "x" * 500, "\x00"])
def test_there_is_no_action_about_no_question(client, assessment, gap):
    url = reverse("questionnaires:action-new", args=[assessment.uuid], query={"gap": gap})

    assert [client.get(url).status_code, client.post(url, GOOD).status_code] == [404, 404]
    assert Action.objects.count() == 0


def test_list_shows_what_became_of_each_gap(client, assessment):
    today = timezone.localdate()
    late = today - timedelta(days=1)
    owner = assessment.created_by
    make_action(assessment, "topic.q1", title="Late", due_on=late, owner=owner, effort_days=Decimal("0.5"))
    make_action(assessment, "topic.q2", title="Ticked", status="done", due_on=today)
    make_action(assessment, "topic.q3", title="Answered", status="done")
    make_action(assessment, "gone.q9", title="Gone", status="dropped")

    assert listed(the_list(client, assessment)) == [
        [f"{late} overdue", "Late", str(owner), "0.5", "To do", "Gap open"],
        [str(today), "Ticked", "Nobody yet", "–", "Done", "Done, answer not yet changed"],
        ["–", "Answered", "Nobody yet", "–", "Done", "Gap closed"],
        ["–", "Gone", "Nobody yet", "–", "Dropped", "No longer asked"],
    ]


@pytest.mark.parametrize(
    ("query", "titles"),
    [
        ({"owner": "nobody"}, ["B", "C"]),
        ({"owner": "me"}, ["A"]),
        ({"status": "done"}, ["C"]),
        ({"status": "under-way"}, ["A", "B"]),
        ({"overdue": "on"}, ["A"]),
        ({"sort": "effort"}, ["B", "A", "C"]),
        ({"sort": "owner"}, ["A", "B", "C"]),
        ({"sort": "status"}, ["C", "A", "B"]),
        ({"owner": "<b>", "status": "x", "sort": "y"}, ["A", "B", "C"]),
    ],
)
def test_list_is_filtered_and_sorted(client, assessment, query, titles):
    today = timezone.localdate()
    owner = assessment.created_by
    make_action(assessment, title="A", due_on=today - timedelta(days=3), owner=owner, effort_days=1)
    make_action(assessment, title="B", due_on=today + timedelta(days=3), effort_days=3)
    make_action(assessment, title="C", status="done")
    if query.get("owner") == "me":
        query = {"owner": owner.pk}

    page = the_list(client, assessment, **query)

    assert [row[1] for row in listed(page)] == titles


def test_duties_of_the_law_stand_among_the_actions_by_their_day(client):
    law = make_instrument(short_title_en="FRT Measures")
    cited = make_provision(law, "Art. 15")
    draft = make_draft()
    make_question(make_section(draft, "first"), "topic.q1", provisions=[cited])
    make_duty(draft, provisions=[cited], rhythm="on", day=date(2026, 4, 15), title_en="Report to the authority")
    assessment = make_assessment(publish(draft), as_of=date(2026, 3, 1))
    answer(assessment, "topic.q1", "no")
    client.force_login(assessment.created_by)
    make_action(assessment, title="Before", due_on=date(2026, 4, 14), status="done")
    make_action(assessment, title="After", due_on=date(2026, 4, 16), status="done")

    rows = listed(the_list(client, assessment))
    filtered = listed(the_list(client, assessment, status="done"))

    assert [row[1] for row in rows] == ["Before", "Report to the authority FRT Measures, Art. 15", "After"]
    assert rows[1] == ["2026-04-15", rows[1][1], "Duty of the law By this day"]
    assert [row[1] for row in filtered] == ["Before", "After"]


def test_change_is_stored_over_the_revision_seen(client, assessment):
    action = make_action(assessment)

    response = client.post(address("action", assessment, action.uuid), GOOD | {"status": "doing"}, follow=True)

    action.refresh_from_db()
    assert (action.title, action.status, action.revision) == ("Put up a sign", "doing", 2)
    assert said(response) == ["Saved: “Put up a sign”."]


def test_change_over_a_newer_one_shows_both_and_lets_choose(client, assessment):
    action = make_action(assessment)
    colleague = make_member(assessment.organisation, Membership.Role.MANAGER)
    action.change(by=colleague, seen=1, title="Theirs <b>", status="doing", comment="They said")
    url = address("action", assessment, action.uuid)

    refused = client.post(url, GOOD)
    page = read(refused)
    action.refresh_from_db()
    stored = action.title
    client.post(url, GOOD | {"keep": page.select_one("[name=keep]")["value"]})

    assert (refused.status_code, stored) == (409, "Theirs <b>")
    assert f"Not saved: {colleague} changed this action" in text(page.select_one(".conflict"))
    assert texts(page, ".conflict .quoted") == ["Theirs <b>", "They said"]
    assert page.select_one("textarea[name=title]").text.strip() == "Put up a sign"
    action.refresh_from_db()
    assert (action.title, action.revision) == ("Put up a sign", 3)


def test_change_of_what_was_deleted_is_told(client, assessment):
    action = make_action(assessment)
    form = read(client.get(address("action", assessment, action.uuid)))
    action.delete()

    response = client.post(address("action", assessment, action.uuid), GOOD)

    assert (form.select_one("[name=title]").text.strip(), response.status_code) == ("Mend topic.q1", 404)


def test_board_has_a_column_for_each_status_and_moves_without_script(client, assessment):
    action = make_action(assessment, "topic.q2", title="Ask")
    board = read(client.get(address("action-board", assessment)))
    form = board.select_one("form.move")
    fields = {i["name"]: i["value"] for i in form.select("input")} | {"status": "done"}

    moved = read(client.post(form["action"], fields, follow=True))

    columns = {text(s.h2): texts(s, "h3") for s in board.select(".board section")}
    assert columns == {"To do 1": ["Ask"], "Doing 0": [], "Done 0": [], "Dropped 0": []}
    assert texts(moved, "[data-status=done] h3") == ["Ask"]
    assert texts(moved, "[data-status=done] .gap-state") == ["Done, answer not yet changed"]
    action.refresh_from_db()
    assert (action.status, action.revision) == ("done", 2)


def test_move_over_a_newer_change_is_refused_and_tells_both(client, assessment):
    action = make_action(assessment, title="Ask")
    colleague = make_member(assessment.organisation, Membership.Role.MANAGER)
    action.change(by=colleague, seen=1, status="dropped")

    response = client.post(
        address("action-status", assessment, action.uuid), {"revision": 1, "status": "done"}, follow=True
    )

    assert said(response) == [
        f"Not moved to “Done”: {colleague} has changed “Ask” meanwhile; it stands under “Dropped”. "
        "Look again, then move it."
    ]
    action.refresh_from_db()
    assert action.status == "dropped"


def test_move_to_no_column_is_refused(client, assessment):
    action = make_action(assessment)

    for data in ({"revision": 1, "status": "x"}, {"revision": "x", "status": "done"}, {}):
        response = client.post(address("action-status", assessment, action.uuid), data, follow=True)
        assert said(response) == ["Choose one of the columns."]
    action.refresh_from_db()
    assert action.revision == 1


def test_deleting_asks_first(client, assessment):
    action = make_action(assessment, title="Ask")
    url = address("action-delete", assessment, action.uuid)

    page = read(client.get(url))
    kept = Action.objects.count()
    response = client.post(url, follow=True)

    assert (texts(page, "h1"), kept) == (["Delete “Ask”?"], 1)
    assert (said(response), Action.objects.count()) == (["“Ask” was deleted."], 0)


def test_pages_of_an_older_revision_show_the_newest(client):
    submitted = make_submitted(level="no")
    make_action(submitted, "topic.q1", status="done")
    newer = submitted.reopen(by=submitted.created_by)
    answer(newer, "topic.q1", "yes", seen=1)
    client.force_login(submitted.created_by)

    page = the_list(client, submitted)

    assert [row[5] for row in listed(page)] == ["Gap closed"]
    assert page.select_one(".crumbs a:last-child")["href"] == address("assessment-overview", newer)


@pytest.mark.parametrize("role", [Membership.Role.VIEWER, Membership.Role.REVIEWER])
def test_who_only_reads_sees_no_way_to_change(client, assessment, role):
    make_action(assessment, title="Ask")
    client.force_login(make_member(assessment.organisation, role))

    pages = [read(client.get(address(name, assessment))) for name in ("action-list", "action-board", "what-if")]
    mine = read(client.get(reverse("my-actions")))

    assert [len(page.select(".move, a[href*='/new/'], th a[href*='/actions/'], h3 a")) for page in pages] == [0, 0, 0]
    assert ("Ask" in pages[0].get_text(), texts(mine, "th[scope=row] a")) == (True, [])


def test_actions_of_all_assessments_are_on_one_page_and_nobody_elses(client, assessment):
    later = make_assessment(make_version(questions=1), organisation=assessment.organisation, name="Lift")
    answer(later, "topic.q1", "no")
    make_action(later, title="There", due_on=date(2026, 1, 1))
    make_action(assessment, "topic.q3", title="Here", owner=assessment.created_by)
    make_action(make_assessment(), title="Secret")

    page = read(client.get(reverse("my-actions")))
    own = read(client.get(reverse("my-actions", query={"owner": assessment.created_by.pk})))

    assert [(row[1], row[-1]) for row in listed(page)] == [("There", "Gap open"), ("Here", "Gap closed")]
    assert texts(page, "th .meta") == ["Lift", "Gate"]
    assert [row[1] for row in listed(own)] == ["Here"]
    assert "Secret" not in page.get_text()


def test_actions_of_all_assessments_come_in_pages_that_keep_the_filter(client, assessment):
    for number in range(51):
        make_action(assessment, title=f"No {number}")

    page = read(client.get(reverse("my-actions", query={"status": "to_do", "sort": "owner"})))
    link = page.select_one("a[rel=next]")["href"]

    assert (len(listed(page)), link) == (50, "?status=to_do&sort=owner&page=2")
    assert len(listed(read(client.get(reverse("my-actions") + link)))) == 1


def test_pages_cost_the_same_at_1_and_at_6_actions(client):
    version = make_version(questions=3)
    organisation = make_organisation()
    client.force_login(organisation.members.get())
    costs = []
    for number in (1, 6):
        assessment = make_assessment(version, organisation=organisation)
        for n in range(number):
            action = make_action(assessment, f"topic.q{n % 3 + 1}", owner=make_member(organisation))
        urls = [address(name, assessment) for name in ("action-list", "action-board")]
        urls += [address("action", assessment, action.uuid), reverse("my-actions")]
        client.get(urls[0])
        costs.append([query_count(lambda url=url: client.get(url)) for url in urls])

    assert costs[0] == costs[1]
    assert max(costs[1]) <= 13


def test_register_on_the_page_leads_to_a_plan_and_the_printed_one_does_not(client, assessment):
    url = address("assessment-report", assessment)

    page = read(client.get(url))
    link = page.select_one(".may-plan .gap .plan a")
    form = read(client.get(urljoin(url, link["href"])))
    client.force_login(make_member(assessment.organisation))
    seen = read(client.get(url))
    content = frozen_content(assessment)
    printed = render_to_string(
        "reports/print.html", {"report": report_context(content, language="en", digest="0" * 64), "contents": []}
    )

    assert (text(link), texts(form, ".about-gap a")) == ("Plan an action 1.1", ["Is topic.q1 done?"])
    assert (seen.select(".may-plan"), len(page.select(".gap .plan")), "actions/new" in printed) == ([], 2, False)
