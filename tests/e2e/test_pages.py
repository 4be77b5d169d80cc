"""Every page in both languages: no violation, no complaint of the browser, nothing wider than a phone."""

import pytest

from questionnaires.models import Version
from questionnaires.models.carrying import carry_over
from tests import factories
from tests.reporting.contents import make_mixed, submitted_report

LANGUAGES = ["en", "zh-hans"]
PUBLIC = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/"]
REGIME = ["/timeline/", "/timeline/?on=2020-05-04&jurisdiction=cn", "/timeline/?on=then", "/instruments/xb-old/"]
REGIME += ["/instruments/euai/", "/instruments/megvii-2019/coverage/article-2020/"]
PUBLIC += REGIME


@pytest.fixture
def pages(library, respondent):
    """Addresses of every page, with an open assessment half answered and a submitted one to show."""
    organisation = respondent.organisations.get()
    version = Version.objects.get(question_set__slug="article-2020")
    started = factories.make_assessment(version, organisation=organisation, name="Lift access")
    for question in started.standing().unanswered()[:15]:
        factories.answer(started, question.ref, factories.first_level(started, question), note="张贴 <b>notice</b> 😀")
    # A report of each kind of outcome, and small: axe looks at every element.
    submitted = make_mixed(organisation=organisation, name="Turnstiles")
    submitted_report(submitted)
    draft = submitted.reopen(by=respondent)
    carried = factories.make_assessment(
        Version.objects.get(question_set__slug="frt-china"), organisation=organisation, name="On the rules in force"
    )
    carry_over(started, carried)
    factories.state_fact(carried, "sole-means", "yes")
    base, later = f"/assessments/{started.uuid}", f"/assessments/{carried.uuid}"
    return {
        "list": "/assessments/",
        "new": "/assessments/new/",
        "overview": f"{base}/",
        "facts": f"{base}/facts/",
        "section": f"{base}/sections/collection/",
        "section-with-groups": f"{base}/sections/megvii/",
        "review": f"{base}/review/",
        "new-from-a-set": f"/assessments/new/?version={version.pk}",
        "carried-overview": f"{later}/",
        "carried-section": f"{later}/sections/consent/",
        "carried-review": f"{later}/review/",
        "redate": f"{base}/redate/?as_of=2020-05-04",
        "coverage": f"{base}/coverage/megvii-2019/",
        "coverage-on-its-day": f"{later}/coverage/csl-2016/",
        "duties": f"{later}/duties/",
        "no-duties": f"{base}/duties/",
        "delete": f"{base}/delete/",
        "draft-report": f"/assessments/{draft.uuid}/report/",
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
@pytest.mark.parametrize("path", PUBLIC)
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


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_page_about_the_regime_fits_a_phone(page, live_server, library, scheme, violations):
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 320, "height": 700})
    too_wide, found = [], {}

    for path in REGIME:
        page.goto(live_server.url + path)
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            too_wide.append(path)
        if rules := violations():
            found[path] = rules

    assert too_wide == []
    assert found == {}
