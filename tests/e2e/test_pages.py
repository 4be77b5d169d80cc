"""Every page in both languages: no violation, no complaint of the browser, nothing wider than a phone."""

import pytest

from tests import factories

LANGUAGES = ["en", "zh-hans"]


@pytest.fixture
def pages(library, respondent):
    """Addresses of every page, with an open assessment half answered and a submitted one to show."""
    from questionnaires.models import Version

    organisation = respondent.organisations.get()
    version = Version.objects.published().get()
    started = factories.make_assessment(version, organisation=organisation, name="Lift access")
    for question in started.standing().unanswered()[:15]:
        factories.answer(started, question.ref, factories.first_level(started, question), note="张贴 <b>notice</b> 😀")
    submitted = factories.make_submitted(version, organisation=organisation, name="Turnstiles", level=None)
    base = f"/assessments/{started.uuid}"
    return {
        "list": "/assessments/",
        "new": "/assessments/new/",
        "overview": f"{base}/",
        "facts": f"{base}/facts/",
        **{f"section-{s.ref}": f"{base}/sections/{s.ref}/" for s in started.outline.sections},
        "review": f"{base}/review/",
        "delete": f"{base}/delete/",
        "draft-report": f"{base}/report/",
        "report": f"/assessments/{submitted.uuid}/report/",
        "reopen": f"/assessments/{submitted.uuid}/reopen/",
        "email": "/accounts/email/",
        "password": "/accounts/password/change/",
        "sign-out": "/accounts/logout/",
    }


@pytest.fixture
def in_language(context, live_server):
    def in_language(language):
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])

    return in_language


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"])
def test_public_page_has_no_violation(page, live_server, in_language, complaints, violations, language, path, library):
    in_language(language)

    page.goto(live_server.url + path)

    assert violations() == []
    assert complaints == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_has_no_violation(
    page, live_server, in_language, complaints, violations, language, pages, sign_in, respondent
):
    sign_in(respondent)
    in_language(language)
    found = {}

    for name, path in pages.items():
        page.goto(live_server.url + path)
        for details in page.locator("details").all():
            details.evaluate("element => element.open = true")
        found[name] = violations()

    assert {name: rules for name, rules in found.items() if rules} == {}
    assert complaints == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_fits_a_phone(page, live_server, pages, sign_in, respondent, scheme, violations):
    page.emulate_media(color_scheme=scheme)
    sign_in(respondent)
    page.set_viewport_size({"width": 320, "height": 700})
    too_wide, contrast = [], {}

    for name, path in pages.items():
        page.goto(live_server.url + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(name)
        if rules := violations():
            contrast[name] = rules

    assert too_wide == []
    assert contrast == {}
