"""Every page as HTML: one heading, labelled inputs, the language named, nothing inline that the policy forbids."""

from collections import Counter
from datetime import date

import pytest
from django.urls import reverse

from questionnaires.models import Fact, FactChoice
from tests.factories import (
    answer,
    both,
    make_action,
    make_carried,
    make_contradiction,
    make_draft,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    publish,
)
from tests.views.browsing import address, read, section_address, start, typed

pytestmark = pytest.mark.django_db
OPEN = ["assessment-overview", "assessment-facts", "assessment-section", "assessment-review", "assessment-delete"]
OPEN += ["assessment-report", "refused", "assessment-list", "assessment-new", "bad-form"]
OPEN += ["assessment-redate", "redated", "redated-badly", "duty-calendar", "carried", "started"]
OPEN += ["action-list", "action-board", "action-new", "stale-action", "action-delete", "what-if", "cheapest-path"]
OPEN += ["bad-goal", "my-actions", "portfolio"]
SUBMITTED = ["assessment-facts", "assessment-section", "assessment-report", "assessment-reopen"]
PUBLIC = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
SIGNED_IN = ["/accounts/logout/", "/accounts/password/change/", "/accounts/email/"]


def make_rich_version():
    draft = make_draft()
    people = Fact.objects.create(
        version=draft, ref="people", kind="choices", position=2, **both(text="Who?", help="All.")
    )
    FactChoice.objects.create(fact=people, ref="staff", **both(label="Staff"))
    section = make_section(draft, "first", **both(intro="About notice."))
    make_question(section, "topic.q1", **both(group="Notice"))
    coming = make_provision(in_force_from=date(2030, 1, 1))
    make_question(
        section, "topic.q2", severity="critical", applies_if="minors == yes", provisions=[make_provision(), coming]
    )
    make_contradiction(draft, holds_if="topic.q1 == not_met")
    return publish(draft)


def response_of(client, name, *, is_submitted):
    version = make_rich_version()
    if is_submitted:
        assessment = make_submitted(version)
        client.force_login(assessment.created_by)
    else:
        assessment = start(client, version, name="<b>Gate</b>")
        answer(assessment, "topic.q1", "no", note="</textarea><script>")
    match name:
        case "assessment-list" | "assessment-new":
            return client.get(reverse(f"questionnaires:{name}"))
        case "bad-form":
            return client.post(reverse("questionnaires:assessment-new"), {"as_of": "2026-02-30"})
        case "assessment-section":
            return client.get(section_address(assessment))
        case "redated" | "redated-badly":
            url = address("assessment-redate", assessment)
            return client.get(url, {"as_of": "2030-01-01" if name == "redated" else "<b>"})
        case "portfolio":
            make_action(make_submitted(version, organisation=assessment.organisation), due_on=date(2020, 1, 1))
            return client.get(reverse(name))
        case "my-actions":
            make_action(assessment, "topic.q1", title="<b>Ask</b>")
            return client.get(reverse(name))
        case "action-list" | "action-board":
            make_action(assessment, "topic.q1", title="<b>Ask</b>", due_on=date(2020, 1, 1))
        case "action-new":
            return client.get(f"{address(name, assessment)}?gap=topic.q1")
        case "action-delete":
            return client.get(address(name, assessment, make_action(assessment, "topic.q1").uuid))
        case "stale-action":
            action = make_action(assessment, "topic.q1", title="</textarea><script>", revision=2)
            data = {"title": "</textarea><script>", "status": "done", "revision": 1}
            return client.post(address("action", assessment, action.uuid), data)
        case "bad-goal":
            return client.get(f"{address('cheapest-path', assessment)}?overall=101")
        case "carried":
            return client.get(section_address(make_carried(assessment)))
        case "started":
            return client.get(reverse("questionnaires:assessment-new"), {"from": assessment.uuid})
        case "refused":
            stale = typed(assessment, "topic.q1", "yes", note="</textarea><script>")
            return client.post(section_address(assessment), stale | typed(assessment, "topic.q2", note="\x00"))
    return client.get(address(name, assessment))


def faults(response):
    """What is wrong with a page; nothing where all is well."""
    page = read(response)
    found = []
    if len(page.select("h1")) != 1:
        found.append(f"{len(page.select('h1'))} h1")
    if page.html.get("lang") != "en" or not page.title.get_text(strip=True).endswith("· FRCheck"):
        found.append(f"lang {page.html.get('lang')}, title {page.title}")
    found += [
        f"no label: {element}" for element in page.select("input, select, textarea") if not is_labelled(page, element)
    ]
    found += [f"inline: {str(e)[:80]}" for e in page.select("[style], style, script:not([src]), [onclick], [onchange]")]
    found += [f"elsewhere: {e}" for e in page.select("[src^=http], link[href^=http]")]
    found += [f"id twice: {name}" for name, n in Counter(e["id"] for e in page.select("[id]")).items() if n > 1]
    found += [f"no such id: {name}" for name in described(page) if page.find(id=name) is None]
    found += [
        f"no token: {form}"
        for form in page.select("form[method=post]")
        if not form.select("[name=csrfmiddlewaretoken]")
    ]
    found += [f"no name: {e}" for e in page.select("a, button, summary, legend") if not e.get_text(strip=True)]
    found += [f"no scope: {th}" for th in page.select("th:not([scope])")]
    return found


def is_labelled(page, element):
    if element.get("type") in ("hidden", "submit"):
        return True
    label = element.find_parent("label") or page.find("label", {"for": element.get("id", "-")})
    return bool(label and label.get_text(strip=True)) or bool(element.get("aria-label"))


def described(page):
    for attribute in ("aria-describedby", "aria-labelledby"):
        for element in page.select(f"[{attribute}]"):
            yield from element[attribute].split()


def assert_policy(response):
    policy = dict(part.strip().split(" ", 1) for part in response["Content-Security-Policy"].split(";") if part.strip())
    assert policy["default-src"] == "'self'"
    assert (policy["object-src"], policy["frame-ancestors"]) == ("'none'", "'none'")
    assert not {"script-src", "style-src"} & set(policy)
    assert "unsafe" not in response["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("name", "is_submitted"), [*((name, False) for name in OPEN), *((name, True) for name in SUBMITTED)]
)
def test_page_is_sound(client, name, is_submitted):
    response = response_of(client, name, is_submitted=is_submitted)

    assert faults(response) == []
    assert_policy(response)


@pytest.mark.parametrize("path", PUBLIC)
def test_public_page_is_sound(client, path):
    make_rich_version()

    response = client.get(path)

    assert faults(response) == []
    assert_policy(response)


@pytest.mark.parametrize("path", SIGNED_IN)
def test_account_page_is_sound(client, path):
    start(client)

    response = client.get(path)

    assert faults(response) == []
    assert_policy(response)


@pytest.mark.parametrize("path", ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_public_form_with_errors_is_sound(client, path):
    response = client.post(path, {"email": "<script>"})

    assert faults(response) == []


def test_pages_are_not_framed_and_send_no_address_to_others(client):
    response = client.get("/")

    assert (response["X-Frame-Options"], response["Referrer-Policy"]) == ("DENY", "same-origin")
    assert response["X-Content-Type-Options"] == "nosniff"
