import pytest
from django.conf import settings
from django.urls import reverse

from questionnaires.models import Citation
from tests.factories import (
    both,
    make_draft,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    make_user,
    make_version,
)
from tests.views.browsing import query_count, read, text, texts

pytestmark = pytest.mark.django_db


def test_home_tells_what_it_is_and_leads_to_sign_up(client):
    make_version(questions=1, provisions=[make_provision(make_instrument(**both(title="Some law")))])

    page = read(client.get("/"))

    assert texts(page, "h1") == ["Facial recognition in China: where do you stand?"]
    links = [(text(a), a["href"]) for a in page.select(".hero a")]
    assert links == [("Start an assessment", reverse("account_signup")), ("Sign in", reverse("account_login"))]
    assert texts(page, ".instrument-list li") == ["Law Some law in force from 2021-01-01"]
    assert "It is no legal advice" in text(page.footer)


def test_home_names_only_instruments_that_published_questions_cite_and_that_may_be_shown(client):
    shown = make_provision(make_instrument(**both(title="Shown")))
    withheld = make_provision(make_instrument(**both(title="Withheld")), verification="withheld")
    doubtful = make_provision(make_instrument(verification="withheld", **both(title="Doubtful")))
    make_version(questions=1, provisions=[shown, withheld, doubtful])
    draft = make_question(
        make_section(make_draft()), provisions=[make_provision(make_instrument(**both(title="Draft")))]
    )
    make_instrument(**both(title="Not cited"))
    Citation.objects.create(question=draft, provision=shown)

    page = read(client.get("/"))

    assert [text(li).split(" in force")[0] for li in page.select(".instrument-list li")] == ["Law Shown"]


def test_home_without_content_names_no_instruments(client):
    page = read(client.get("/"))

    assert (page.select(".instrument-list"), texts(page, "h1")) == (
        [],
        ["Facial recognition in China: where do you stand?"],
    )


def test_home_sends_whoever_is_signed_in_to_the_list(client):
    client.force_login(make_user())

    response = client.get("/")

    assert (response.status_code, response.url) == (302, reverse("questionnaires:assessment-list"))


def test_home_costs_the_same_at_1_and_at_3_instruments(client):
    make_version(questions=1)
    client.get("/")
    at_1 = query_count(lambda: client.get("/"))
    make_version(questions=2)

    at_3 = query_count(lambda: client.get("/"))

    assert (at_1, at_3) == (1, 1)


def test_home_takes_no_post(client):
    response = client.post("/")

    assert (response.status_code, response["Allow"]) == (405, "GET")


def test_language_is_switched_by_post_and_kept(client):
    make_version(questions=1)
    form = read(client.get("/")).select_one("form.language-form")
    posted = {"language": form.button["value"], "next": form.find("input", {"name": "next"})["value"]}

    response = client.post(form["action"], posted, follow=True)

    assert response.redirect_chain == [("/", 302)]
    assert client.cookies[settings.LANGUAGE_COOKIE_NAME].value == "zh-hans"
    page = read(response)
    assert (page.html["lang"], text(page.select_one("form.language-form button"))) == ("zh-hans", "English")
    assert texts(page, ".instrument-list li")[0].count("中文") == 1


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_language_switch_leads_nowhere_else(client, target):
    response = client.post(reverse("set_language"), {"language": "en", "next": target})

    assert (response.status_code, response.url) == (302, "/")


def test_unknown_address_is_not_found(client):
    response = client.get("/nowhere/\x00<script>")

    assert (response.status_code, "<script>" in response.content.decode()) == (404, False)
