"""Every page in both languages: no violation, no complaint of the browser, nothing wider than a phone."""

from datetime import date

import pytest

from questionnaires.models import Version
from questionnaires.models.carrying import carry_over
from tests import factories
from tests.reporting.contents import make_mixed, submitted_report

pytestmark = pytest.mark.once

REGIME = ["/timeline/", "/timeline/?on=2020-05-04&jurisdiction=cn", "/timeline/?on=then", "/instruments/xb-old/"]
REGIME += ["/instruments/euai/", "/instruments/megvii-2019/coverage/article-2020/"]
PUBLIC = ["/", "/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", *REGIME]
DESKTOP, PHONE = {"width": 1280, "height": 900}, {"width": 320, "height": 700}
# Each page twice is enough: what one look has of language, colours and width, the other has not.
LOOKS = [("en", "light", DESKTOP), ("zh-hans", "dark", PHONE)]
LOOK_NAMES = ["english-light-desktop", "chinese-dark-phone"]


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
    action = factories.make_action(draft, draft.score().gaps[0].ref, owner=respondent, due_on=date(2026, 1, 1))
    gaps = f"/assessments/{draft.uuid}"
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
        "actions": f"{gaps}/actions/",
        "board": f"{gaps}/actions/board/",
        "action": f"{gaps}/actions/{action.uuid}/",
        "what-if": f"{gaps}/what-if/?preset=all",
        "cheapest-path": f"{gaps}/cheapest-path/?overall=90",
        "my-actions": "/actions/",
        "portfolio": "/portfolio/",
        "portfolio-by-topic": "/portfolio/?by=section",
        "delete": f"{base}/delete/",
        "draft-report": f"/assessments/{draft.uuid}/report/",
        "report": f"/assessments/{submitted.uuid}/report/",
        "report-in-both": f"/assessments/{submitted.uuid}/report/?language=both",
        "score-explained": f"/assessments/{submitted.uuid}/report/explained/overall/?language=both",
        "report-settings": f"/organisations/{organisation.uuid}/report-settings/",
        "reopen": f"/assessments/{submitted.uuid}/reopen/",
        "email": "/accounts/email/",
        "password": "/accounts/password/change/",
        "sign-out": "/accounts/logout/",
    }


@pytest.fixture
def look_at(page, context, live_server, violations):
    """Open each address in a language, a colour scheme and a size; what is wrong with it, by its name."""

    def look_at(addresses, language, scheme, size):
        context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.emulate_media(color_scheme=scheme)
        found = {}
        for name, path in addresses.items():
            page.set_viewport_size(size)
            page.goto(live_server.url + path)
            page.locator("details").evaluate_all("all => all.forEach((details) => { details.open = true; })")
            found[name] = violations()
            page.set_viewport_size(PHONE)
            if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
                found[name].append("wider than a phone")
        return {name: faults for name, faults in found.items() if faults}

    return look_at


@pytest.mark.parametrize(("language", "scheme", "size"), LOOKS, ids=LOOK_NAMES)
def test_public_pages_have_no_violation(look_at, complaints, library, language, scheme, size):
    assert look_at({path: path for path in PUBLIC}, language, scheme, size) == {}
    assert complaints == []


@pytest.mark.parametrize(("language", "scheme", "size"), LOOKS, ids=LOOK_NAMES)
def test_pages_of_a_respondent_have_no_violation(
    look_at, complaints, pages, sign_in, respondent, language, scheme, size
):
    sign_in(respondent)

    assert look_at(pages, language, scheme, size) == {}
    assert complaints == []


def test_both_languages_stand_side_by_side(page, live_server, respondent, sign_in):
    submitted = make_mixed(organisation=respondent.organisations.get())
    submitted_report(submitted)
    sign_in(respondent)
    page.set_viewport_size(DESKTOP)

    page.goto(f"{live_server.url}/assessments/{submitted.uuid}/report/?language=both")

    tops = page.locator(".pair").evaluate_all(
        """all => all.map((pair) =>
            [...pair.querySelectorAll(":scope > [lang]")].map((text) => text.getBoundingClientRect().top))"""
    )
    pairs = [tuple(top) for top in tops if len(top) == 2]
    assert len(pairs) > 10
    assert [english for english, chinese in pairs if english != chinese] == []
