"""Who may do what, for every address of an assessment."""

from urllib.parse import quote

import pytest
from django.urls import get_resolver, reverse

from frcheck.accounts.models import Membership
from questionnaires.models import Assessment
from questionnaires.models.actions import actions_of
from tests.factories import (
    make_action,
    make_assessment,
    make_member,
    make_organisation,
    make_submitted,
    make_user,
    make_version,
    state_fact,
)
from tests.views.browsing import address, chosen, fact_of, question_of, stored, stored_facts, typed

pytestmark = pytest.mark.django_db

READ_OPEN = ["assessment-overview", "assessment-facts", "assessment-section", "assessment-review", "assessment-report"]
READ_OPEN += ["assessment-coverage", "assessment-redate", "duty-calendar", "duty-calendar-file"]
READ_OPEN += ["report-data", "next-unanswered"]
PLANNING = ["action-list", "action-board", "what-if", "cheapest-path"]
READ_OPEN += [*PLANNING, "assessment-compare", "score-explained"]
READ_SUBMITTED = ["assessment-facts", "assessment-section", "assessment-report", "report-data"]
READ_SUBMITTED += ["report-pdf", "report-pdf-progress"]
READ_SUBMITTED += [*PLANNING, "assessment-compare", "score-explained"]
READ_SUBMITTED += ["assessment-coverage", "assessment-redate", "duty-calendar", "duty-calendar-file"]
CHANGE_OPEN = ["assessment-facts", "assessment-section", "fact", "answer", "assessment-submit", "assessment-delete"]
PLAN = ["action-new", "action", "action-status", "action-delete", "cheapest-path-to-actions"]
CHANGE_SUBMITTED = ["assessment-reopen"]
EVERY_CALL = [
    ("post", "report-pdf-again", True),
    ("get", "report-logo", True),
    *(("get", name, False) for name in [*READ_OPEN, "assessment-delete"]),
    *(
        ("get", name, True)
        for name in [*READ_SUBMITTED, "assessment-overview", "assessment-review", "assessment-reopen"]
    ),
    *(("post", name, False) for name in CHANGE_OPEN),
    *(("post", name, True) for name in [*CHANGE_OPEN[:4], *CHANGE_SUBMITTED]),
    *((method, "assessment-move", is_submitted) for method in ("get", "post") for is_submitted in (False, True)),
    *(("get", name, True) for name in PLAN[:2]),
    *(("post", name, is_submitted) for name in PLAN for is_submitted in (False, True)),
]
METHODS = {
    "assessment-list": "GET",
    "assessment-new": "GET, POST",
    "assessment-overview": "GET",
    "assessment-facts": "GET, POST",
    "fact": "POST",
    "answer": "POST",
    "next-unanswered": "GET",
    "assessment-review": "GET",
    "assessment-submit": "POST",
    "assessment-reopen": "GET, POST",
    "assessment-delete": "GET, POST",
    "assessment-redate": "GET",
    "assessment-coverage": "GET",
    "assessment-compare": "GET",
    "assessment-move": "GET, POST",
    "duty-calendar": "GET",
    "duty-calendar-file": "GET",
    "assessment-report": "GET",
    "report-data": "GET",
    "report-pdf": "GET, HEAD",
    "report-pdf-progress": "GET",
    "report-pdf-again": "POST",
    "report-logo": "GET",
    "score-explained": "GET",
    "assessment-section": "GET, POST",
    "action-list": "GET",
    "action-board": "GET",
    "action-new": "GET, POST",
    "action": "GET, POST",
    "action-status": "POST",
    "action-delete": "GET, POST",
    "what-if": "GET",
    "cheapest-path": "GET",
    "cheapest-path-to-actions": "POST",
}


OF_A_VERSION = {"blank-form"}  # no assessment: tests/test_blank_forms.py


def make_one(*, is_submitted, **fields):
    version = make_version(questions=1)
    if is_submitted:
        assessment = make_submitted(version, name="Secret gate", **fields)
    else:
        assessment = make_assessment(version, name="Secret gate", **fields)
        state_fact(assessment, "size", "small")
    make_action(assessment, "topic.q1", title="Secret plan")
    return assessment


def url_of(name, assessment):
    if name in ("assessment-list", "assessment-new"):
        return reverse(f"questionnaires:{name}")
    more = {
        "assessment-section": lambda: ["first"],
        "answer": lambda: [question_of(assessment, "topic.q1").pk],
        "fact": lambda: [fact_of(assessment, "minors").pk],
        "report-pdf": lambda: ["en"],
        **dict.fromkeys(("action", "action-status", "action-delete"), lambda: [actions_of(assessment).get().uuid]),
        "report-pdf-progress": lambda: ["en"],
        "report-pdf-again": lambda: ["en"],
        "report-logo": lambda: ["0" * 64],
        "score-explained": lambda: ["overall"],
        "assessment-coverage": lambda: [assessment.instruments.get().slug],
    }
    query = "?gap=topic.q1" if name == "action-new" else ""
    return address(name, assessment, *more.get(name, list)()) + query


def call(client, method, name, assessment):
    data = typed(assessment, level="no", revision=1 if assessment.is_submitted else 0, note="Changed")
    data |= chosen(assessment, "minors", "no") | {"accept_unanswered": "on"}
    data |= {"title": "Changed", "status": "doing", "step": "1.1=3"} | ({} if "revision" in data else {"revision": 1})
    return getattr(client, method)(url_of(name, assessment), data if method == "post" else {})


def everything(assessment):
    rows = Assessment.objects.order_by("pk").values_list("pk", "submitted_at")
    return list(rows), stored(assessment), stored_facts(assessment), list(actions_of(assessment).values())


def test_every_address_is_covered_here():
    names = {pattern.name for pattern in get_resolver("questionnaires.urls").url_patterns} - OF_A_VERSION

    assert names == set(METHODS)
    assert names - {name for _method, name, _submitted in EVERY_CALL} == {"assessment-list", "assessment-new"}


def calls(*, is_submitted):
    return [(method, name) for method, name, of_submitted in EVERY_CALL if of_submitted == is_submitted]


def refused(client, calls, *assessments):
    """The status, the address led to and whether anything leaks, of each call upon the first; nothing may change."""
    before = [everything(each) for each in assessments]
    found = {}
    for method, name in calls:
        response = call(client, method, name, assessments[0])
        found[method, name] = response.status_code, response.get("Location"), "Secret" in response.content.decode()
        assert [everything(each) for each in assessments] == before, (method, name)
    return found


@pytest.mark.parametrize("is_submitted", [False, True])
def test_stranger_gets_404_and_changes_nothing(client, is_submitted):
    assessment = make_one(is_submitted=is_submitted)
    stranger = make_user()
    own = make_assessment(assessment.version, organisation=make_organisation("Other", owner=stranger))
    client.force_login(stranger)
    every_call = calls(is_submitted=is_submitted)

    found = refused(client, every_call, assessment, own)

    assert found == dict.fromkeys(every_call, (404, None, False))


@pytest.mark.parametrize("is_submitted", [False, True])
def test_anonymous_is_sent_to_sign_in_and_changes_nothing(client, is_submitted):
    assessment = make_one(is_submitted=is_submitted)
    every_call = calls(is_submitted=is_submitted)

    found = refused(client, every_call, assessment)

    sign_in = {c: f"{reverse('account_login')}?next={quote(url_of(c[1], assessment))}" for c in every_call}
    assert found == {c: (302, url, False) for c, url in sign_in.items()}


@pytest.mark.parametrize("name", ["assessment-list", "assessment-new"])
def test_anonymous_is_sent_to_sign_in_from_the_list(client, name):
    response = client.get(url_of(name, None))

    expected = f"{reverse('account_login')}?next={url_of(name, None)}"
    assert (response.status_code, response.url) == (302, expected)


@pytest.mark.parametrize("role", [Membership.Role.VIEWER, Membership.Role.REVIEWER])
@pytest.mark.parametrize(
    ("is_submitted", "names"),
    [
        (False, [*CHANGE_OPEN, "assessment-move"]),
        (True, [*CHANGE_OPEN[:4], *CHANGE_SUBMITTED, *PLAN, "assessment-move"]),
    ],
)
def test_role_that_only_reads_gets_404_and_changes_nothing(client, role, is_submitted, names):
    assessment = make_one(is_submitted=is_submitted)
    client.force_login(make_member(assessment.organisation, role))
    every_call = [("post", name) for name in names]

    found = refused(client, every_call, assessment)

    assert {c: status for c, (status, _url, _leaks) in found.items()} == dict.fromkeys(every_call, 404)


@pytest.mark.parametrize("role", Membership.Role.values)
@pytest.mark.parametrize("is_submitted", [False, True])
def test_every_role_reads_everything(client, role, is_submitted):
    assessment = make_one(is_submitted=is_submitted)
    client.force_login(make_member(assessment.organisation, role))
    names = [name for name in (READ_SUBMITTED if is_submitted else READ_OPEN) if name != "report-pdf"]

    responses = {name: call(client, "get", name, assessment) for name in names}

    redirect = responses.pop("next-unanswered", None)
    assert redirect is None or redirect.url.startswith(url_of("assessment-section", assessment))
    found = {name: "Secret gate" in response.content.decode() for name, response in responses.items()}
    assert found == dict.fromkeys(responses, True)


@pytest.mark.parametrize("role", Membership.EDITING_ROLES)
def test_editing_role_answers_and_submits(client, role):
    assessment = make_one(is_submitted=False)
    member = make_member(assessment.organisation, role)
    client.force_login(member)

    for name in ("answer", "fact", "assessment-submit"):
        call(client, "post", name, assessment)

    assessment.refresh_from_db()
    assert stored(assessment) == {"topic.q1": ("no", False, "", "Changed", 1)}
    assert stored_facts(assessment) == {"size": (["small"], 1), "minors": (["no"], 1)}
    assert (assessment.is_submitted, assessment.submitted_by) == (True, member)


def test_role_counts_in_the_assessments_organisation_only(client):
    """An owner elsewhere who is a viewer here may not change anything here."""
    assessment = make_one(is_submitted=False)
    viewer = make_member(assessment.organisation)
    make_organisation("Own", owner=viewer)
    client.force_login(viewer)

    response = call(client, "post", "answer", assessment)

    assert (response.status_code, stored(assessment)) == (404, {})


def test_submitted_assessment_cannot_be_submitted_or_deleted_again(client):
    assessment = make_one(is_submitted=True)
    client.force_login(assessment.created_by)
    before = everything(assessment)

    statuses = [
        call(client, "post", name, assessment).status_code for name in ("assessment-submit", "assessment-delete")
    ]

    assert (statuses, everything(assessment)) == ([404, 404], before)


def test_open_assessment_cannot_be_reopened_and_has_no_pdf(client):
    assessment = make_one(is_submitted=False)
    client.force_login(assessment.created_by)

    statuses = [
        call(client, *case, assessment).status_code for case in [("post", "assessment-reopen"), ("get", "report-pdf")]
    ]

    assert (statuses, Assessment.objects.count()) == ([404, 404], 1)


@pytest.mark.parametrize("is_submitted", [False, True])
def test_wrong_method_is_refused(client, is_submitted):
    assessment = make_one(is_submitted=is_submitted)
    client.force_login(assessment.created_by)
    before = everything(assessment)
    wrong = [
        (method, name)
        for name, allowed in METHODS.items()
        for method in ("get", "post", "put", "delete")
        if method.upper() not in allowed
        if (name == "assessment-reopen" or name.startswith("report-pdf")) == is_submitted
    ]

    responses = {(method, name): getattr(client, method)(url_of(name, assessment)) for method, name in wrong}

    found = {each: (response.status_code, response["Allow"]) for each, response in responses.items()}
    assert found == {(method, name): (405, METHODS[name]) for method, name in wrong}
    assert everything(assessment) == before


@pytest.mark.parametrize("uuid", ["00000000-0000-0000-0000-000000000000", "1", "x", "%00"])
def test_unknown_assessment_is_not_found(client, uuid):
    assessment = make_one(is_submitted=False)
    client.force_login(assessment.created_by)

    response = client.get(f"/assessments/{uuid}/")

    assert (response.status_code, "Secret" in response.content.decode()) == (404, False)
