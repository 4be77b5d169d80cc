"""Sign-up, sign-in, sign-out and a forgotten password, with mail sent to a real server."""

import re

import pytest
from django.conf import settings as project
from django.core import mail
from django.core.cache import cache
from django.urls import reverse

from frcheck.accounts.models import Membership, Organisation, User
from tests.factories import make_user
from tests.views.browsing import read, said, text, texts

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"
SIGN_UP, SIGN_IN, SIGN_OUT = "/accounts/signup/", "/accounts/login/", "/accounts/logout/"
NEW_MEMBER = {
    "organisation": "Lantern Offices",
    "email": "li@example.org",
    "password1": PASSWORD,
    "password2": PASSWORD,
}
LIST = "/assessments/"


@pytest.fixture(autouse=True)
def _no_attempts_so_far():
    cache.clear()  # allauth counts attempts there


def who(client):
    """Whom the header names; None for somebody who is not signed in."""
    return text(read(client.get(LIST, follow=True)).select_one(".site-header .who"))


def errors(response):
    return texts(read(response), ".invalid-feedback, .alert li, .errorlist li")


def typed(response):
    return {i["name"]: i.get("value", "") for i in read(response).select("main input:not([type=hidden])")}


# --- signing up ---------------------------------------------------------------------------------------------------


def test_form_asks_for_organisation_email_and_password(client):
    page = read(client.get(SIGN_UP))

    labels = [(text(page.find("label", {"for": i["id"]})), i["type"]) for i in page.select("main .form-control")]
    assert labels == [
        ("Organisation *", "text"),
        ("Email *", "email"),
        ("Password *", "password"),
        ("Password (again) *", "password"),
    ]


def test_sign_up_makes_the_user_owner_of_a_new_organisation(client):
    response = client.post(SIGN_UP, NEW_MEMBER)

    user = User.objects.get()
    assert (response.status_code, response.url) == (302, LIST)
    assert (user.email, user.check_password(PASSWORD), user.is_staff) == ("li@example.org", True, False)
    assert list(user.memberships.values_list("organisation__name", "role")) == [("Lantern Offices", "owner")]
    assert user.language == "en"
    assert who(client) == "li@example.org"


def test_sign_up_leads_back_to_where_one_wanted_to_go(client):
    response = client.post(f"{SIGN_UP}?next=/assessments/new/", NEW_MEMBER | {"next": "/assessments/new/"})

    assert (response.status_code, response.url) == (302, "/assessments/new/")


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"email": "li"}, "Enter a valid email address."),
        ({"email": ""}, "This field is required."),
        ({"email": "li@example.org\x00"}, "Null characters are not allowed."),
        ({"organisation": ""}, "This field is required."),
        ({"organisation": "   "}, "This field is required."),
        ({"organisation": "x" * 201}, "Ensure this value has at most 200 characters (it has 201)."),
        ({"organisation": "a\x00"}, "Null characters are not allowed."),
        ({"password2": "something else"}, "You must type the same password each time."),
        (
            {"password1": "short", "password2": "short"},
            "This password is too short. It must contain at least 10 characters.",
        ),
    ],
)
def test_bad_input_is_told_and_what_was_typed_is_still_there(client, wrong, error):
    response = client.post(SIGN_UP, NEW_MEMBER | wrong)

    assert error in " ".join(errors(response))
    assert (User.objects.count(), Organisation.objects.count()) == (0, 0)
    kept = NEW_MEMBER | wrong | {"password1": "", "password2": ""}
    assert typed(response) == kept


def test_organisation_may_bear_any_name(client):
    name = "灯笼 <script>alert(1)</script> 😀"

    client.post(SIGN_UP, NEW_MEMBER | {"organisation": name})

    assert [organisation.name for organisation in Organisation.objects.all()] == [name]


def test_two_organisations_of_the_same_name_are_two(client):
    client.post(SIGN_UP, NEW_MEMBER)
    client.post(SIGN_OUT)
    client.post(SIGN_UP, NEW_MEMBER | {"email": "wang@example.org"})

    owners = Membership.objects.order_by("pk").values_list("organisation__name", "user__email")
    assert list(owners) == [("Lantern Offices", "li@example.org"), ("Lantern Offices", "wang@example.org")]
    assert Organisation.objects.count() == 2


@pytest.mark.parametrize("email", ["li@example.org", "LI@Example.ORG"])
def test_address_that_is_taken_is_not_taken_again_whatever_its_case(client, email):
    make_user("li@example.org")

    response = client.post(SIGN_UP, NEW_MEMBER | {"email": email})

    assert errors(response) == ["A user is already registered with this email address."]
    assert (User.objects.count(), Organisation.objects.count()) == (1, 0)
    assert who(client) is None


@pytest.fixture
def mandatory(settings):
    """As in production: the address is confirmed before one is signed in."""
    settings.ACCOUNT_EMAIL_VERIFICATION = "mandatory"


def test_address_that_is_taken_is_not_revealed(client, mandatory, inbox):
    make_user("li@example.org")

    taken = client.post(SIGN_UP, NEW_MEMBER)
    free = client.post(SIGN_UP, NEW_MEMBER | {"email": "wang@example.org"})

    assert (taken.status_code, taken.url) == (free.status_code, free.url)
    subjects = [(to, message["Subject"]) for to, message in inbox.messages]
    assert subjects == [
        (["li@example.org"], "[testserver] Account Already Exists"),
        (["wang@example.org"], "[testserver] Please Confirm Your Email Address"),
    ]
    assert [organisation.members.get().email for organisation in Organisation.objects.all()] == ["wang@example.org"]


def test_address_is_confirmed_by_mail_before_one_is_signed_in(client, mandatory, inbox):
    client.post(SIGN_UP, NEW_MEMBER)
    before = who(client)

    (_to, message), *_more = inbox.messages
    link = re.search(r"http://testserver(/accounts/confirm-email/\S+)", message.get_content())[1]
    client.post(link)
    client.post(SIGN_IN, {"login": "li@example.org", "password": PASSWORD})

    assert (before, who(client)) == (None, "li@example.org")
    assert User.objects.get().organisations.get().name == "Lantern Offices"


# --- signing in and out -------------------------------------------------------------------------------------------


@pytest.fixture
def user():
    user = make_user("li@example.org")
    user.set_password(PASSWORD)
    user.save()
    Organisation.found("Lantern Offices", by=user)
    return user


@pytest.mark.parametrize("email", ["li@example.org", "LI@example.org"])
def test_sign_in_by_email_leads_to_the_list(client, user, email):
    response = client.post(SIGN_IN, {"login": email, "password": PASSWORD})

    assert (response.status_code, response.url) == (302, LIST)
    assert who(client) == "li@example.org"


def test_sign_in_leads_back_to_the_page_that_was_asked_for(client, user):
    asked = client.get("/assessments/new/", follow=True)
    form = read(asked).select_one("main form")
    hidden = {i["name"]: i["value"] for i in form.select("input[type=hidden]") if i["name"] != "csrfmiddlewaretoken"}

    response = client.post(asked.request["PATH_INFO"], hidden | {"login": user.email, "password": PASSWORD})

    assert (response.status_code, response.url) == (302, "/assessments/new/")


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_sign_in_leads_nowhere_else(client, user, target):
    response = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD, "next": target})

    assert (response.status_code, response.url) == (302, LIST)


@pytest.mark.parametrize(
    ("email", "password"),
    [("li@example.org", "wrong password"), ("nobody@example.org", PASSWORD), ("<b>@example.org", "x")],
)
def test_wrong_password_keeps_the_email_and_says_the_same_of_unknown_addresses(client, user, email, password):
    response = client.post(SIGN_IN, {"login": email, "password": password})

    expected = (
        "Enter a valid email address."
        if "<" in email
        else "The email address and/or password you specified are not correct."
    )
    assert errors(response) == [expected]
    shown = typed(response)
    assert (shown["login"], shown["password"]) == (email, "")
    assert who(client) is None


@pytest.mark.parametrize("field", ["login", "password"])
def test_nul_in_the_sign_in_form_is_refused(client, user, field):
    response = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD} | {field: "a\x00@example.org"})

    assert (len(errors(response)), who(client)) == (1, None)


def test_inactive_user_is_not_signed_in(client, user):
    user.is_active = False
    user.save()

    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})

    assert who(client) is None


def test_guessing_is_slowed_down(client, user):
    for _attempt in range(10):
        client.post(SIGN_IN, {"login": user.email, "password": "wrong password"})

    response = client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})

    assert errors(response) == ["Too many failed login attempts. Try again later."]
    assert who(client) is None


def test_sign_out_is_asked_for_and_done_by_post_only(client, user):
    client.force_login(user)

    asked = read(client.get(SIGN_OUT))
    still = who(client)
    response = client.post(SIGN_OUT)

    assert (texts(asked, "h1"), still) == (["Sign Out"], "li@example.org")
    assert (response.status_code, response.url, who(client)) == (302, "/", None)


def test_every_page_has_a_button_to_sign_out(client, user):
    client.force_login(user)

    form = read(client.get(LIST)).select_one(".site-header form[action='/accounts/logout/']")

    assert (form["method"], texts(form, "button")) == ("post", ["Sign out"])


def test_signing_in_gives_a_new_session(client, user):
    session = client.session
    session["before"] = "x"
    session.save()

    client.post(SIGN_IN, {"login": user.email, "password": PASSWORD})

    assert client.cookies[project.SESSION_COOKIE_NAME].value != session.session_key
    assert who(client) == user.email


# --- a forgotten password -----------------------------------------------------------------------------------------


def test_forgotten_password_is_set_anew_through_the_mailed_link(client, user, inbox):
    sent = client.post(reverse("account_reset_password"), {"email": user.email}, follow=True)
    ((to, message),) = inbox.messages
    link = re.search(r"http://testserver(/accounts/password/reset/key/\S+)", message.get_content())[1]
    form = client.get(link, follow=True)
    action = form.redirect_chain[-1][0]

    client.post(action, {"password1": "an entirely new one", "password2": "an entirely new one"})

    user.refresh_from_db()
    assert sent.redirect_chain == [(reverse("account_reset_password_done"), 302)]
    assert (to, message["From"]) == ([user.email], project.DEFAULT_FROM_EMAIL)
    assert message["Subject"] == "[testserver] Password Reset Email"
    assert (user.check_password("an entirely new one"), user.check_password(PASSWORD)) == (True, False)
    assert texts(read(client.get(link, follow=True)), "h1") == ["Bad Token"]


def test_forgotten_password_reveals_no_address(client, user, inbox):
    known, unknown = (
        client.post(reverse("account_reset_password"), {"email": email}, follow=True)
        for email in (user.email, "nobody@example.org")
    )

    assert known.redirect_chain == unknown.redirect_chain
    assert said(known) == said(unknown)
    assert texts(read(known), "main p") == texts(read(unknown), "main p")


def test_tests_send_no_mail_elsewhere(client, user):
    client.post(reverse("account_reset_password"), {"email": user.email})

    assert [message.to for message in mail.outbox] == [[user.email]]
