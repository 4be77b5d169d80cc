"""A new instrument without code: from an empty database to a report, through the screens alone."""

import pytest
from django.test import Client
from playwright.sync_api import expect

from questionnaires.models import Assessment, Instrument, Question, QuestionSet, Version
from tests import factories
from tests.admin.editors import make_administrator, make_editor, make_reviewer

TITLE = "Regulation on Biometric Gates"


@pytest.fixture
def become(page, live_server):
    """Go on as another person: signing in is tested elsewhere."""

    def become(user, path):
        client = Client()
        client.force_login(user)
        page.context.clear_cookies(name="sessionid")
        session = {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": live_server.url}
        page.context.add_cookies([session])
        page.goto(f"{live_server.url}{path}")

    return become


@pytest.fixture
def form(page):
    """Fill fields by the names of their inputs and save: a text in both languages, a choice by its value."""

    def save(path="", **values):
        if path:
            page.goto(page.url.split("/admin/")[0] + path)
        for name, value in values.items():
            field = page.locator(f"[name='{name.replace('__', '-')}']")
            if value is True:
                field.check()
            elif field.evaluate("e => e.tagName") == "SELECT":
                field.select_option(value)
            else:
                field.fill(value)
        page.get_by_role("button", name="Save", exact=True).click()
        expect(page.locator(".errornote")).to_have_count(0)
        expect(page.locator(".messagelist .success").first).to_be_visible()

    return save


def both(prefix="", **texts):
    return {
        f"{prefix}{name}_{language}": f"{text} {ending}".strip()
        for name, text in texts.items()
        for language, ending in (("en", ""), ("zh_hans", "中文"))
    }


def add_instrument(form, page):
    form(
        "/admin/questionnaires/instrument/add/",
        **both(title=TITLE, short_title="Gates Regulation", issuer="Parliament", source="Official Journal"),
        slug="eu-gates",
        legal_force="law",
        jurisdiction="eu",
        stage="adopted",
        verification="verified",
        issued_on="2024-01-10",
        in_force_from="2024-06-01",
    )
    for article, duty in (("Art. 4", "Ask before a face is read."), ("Art. 9", "Offer another way in.")):
        page.goto(page.url.split("/admin/")[0] + f"/admin/questionnaires/provision/add/?instrument={instrument().pk}")
        form(
            **both(ref=article, statement=duty, binds="Operators of gates"),
            key=f"eu-gates/{article[-1]}",
            verification="verified",
        )


def instrument():
    return Instrument.objects.get(slug="eu-gates")


def add_set(form):
    described = both(title="European gates", description="Gates that read faces.")
    form("/admin/questionnaires/questionset/add/", **described, slug="eu-gates-set", requires_review=True)
    version_of = f"/admin/questionnaires/version/add/?question_set={_set().pk}"
    form(version_of)
    return _set().versions.get()


def _set():
    return QuestionSet.objects.get(slug="eu-gates-set")


def add_parts(form, page, version):
    here = f"?version={version.pk}"
    levels = {"levels__0__ref": "yes", "levels__0__outcome": "met", "levels__0__score": "1"}
    levels |= {"levels__1__ref": "no", "levels__1__outcome": "not_met", "levels__1__score": "0"}
    levels |= both("levels__0__", label="Yes") | both("levels__1__", label="No")
    form(f"/admin/questionnaires/answerscale/add/{here}", **both(title="Yes or no"), ref="yes-no", **levels)
    form(f"/admin/questionnaires/fact/add/{here}", **both(text="Is the gate indoors?"), ref="indoors", kind="yes_no")
    form(f"/admin/questionnaires/section/add/{here}", **both(title="At the gate"), ref="gate")
    section = f"{here}&section={version.sections.get().pk}"
    for ref, article, text, applies_if in (
        ("gate.consent", "Art. 4", "Is consent asked at the gate?", ""),
        ("gate.other-way", "Art. 9", "Is another way in offered?", "indoors == yes"),
    ):
        page.goto(page.url.split("/admin/")[0] + f"/admin/questionnaires/question/add/{section}")
        cite(page, article)
        form(
            **both(text=text, why="People decide.", evidence="A photo.", remediation=f"See to {ref}."),
            ref=ref,
            severity="high",
            applies_if=applies_if,
        )


def cite(page, article):
    page.locator("#citations-0 .select2-selection").click()
    page.locator(".select2-search__field").fill(article)
    page.get_by_role("option", name=f"Gates Regulation {article}").click()


def test_eu_instrument_from_nothing_to_its_report(page, live_server, become, form, complaints, transactional_db):
    editor, reviewer, administrator = make_editor(), make_reviewer(), make_administrator()
    respondent = factories.make_user("respondent@example.org")
    factories.make_organisation("Lantern Offices", owner=respondent)

    become(editor, "/admin/")
    add_instrument(form, page)
    version = add_set(form)
    overview = f"/admin/questionnaires/version/{version.pk}/change/"
    expect(page.get_by_text("The version asks nothing.")).to_be_visible()
    add_parts(form, page, version)
    page.goto(f"{live_server.url}{overview}")
    expect(page.get_by_text("None found.")).to_be_visible()
    page.get_by_role("link", name="Open the editor").click()
    expect(page.locator("#editor[data-ready]")).to_be_attached()
    page.locator("#ed-problems summary").click()
    expect(page.locator("#ed-problems").get_by_text("None found.")).to_be_visible()
    page.goto(f"{live_server.url}{overview}")
    page.get_by_role("link", name="Hand in for review…").click()
    page.get_by_role("button", name="Yes, hand in").click()

    become(reviewer, overview)
    page.get_by_role("link", name="Review…").click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("is approved: it can be published.")).to_be_visible()

    become(administrator, overview)
    page.get_by_role("link", name="Publish…").click()
    page.get_by_role("button", name="Yes, publish").click()
    expect(page.get_by_text("European gates, version 1 is published.")).to_be_visible()

    become(respondent, "/assessments/new/")
    page.get_by_label("Name").fill("Brussels gate")
    page.get_by_label("Deployment assessed").fill("The gate of the Brussels office")
    page.get_by_label(TITLE).check()  # rules of other countries are for those who ask for them
    page.get_by_role("button", name="Create and describe the facts").click()
    page.locator(".card-fact").get_by_label("Yes", exact=True).check()
    expect(page.locator(".card-fact .saved")).to_be_visible()
    page.get_by_role("button", name="Save and go on").click()
    for ref, label in (("gate.consent", "Yes"), ("gate.other-way", "No")):
        card = page.locator("article.question").filter(has_text=Question.objects.get(ref=ref).text_en)
        card.locator(".option").filter(has_text=label).first.click()
        expect(card.locator(".saved")).to_be_visible()
    page.get_by_role("link", name="Review and submit").click()
    page.get_by_role("button", name="Submit and see the gap report").click()

    expect(page.get_by_role("heading", name="Brussels gate", level=1)).to_be_visible()
    report = page.locator("main").inner_text()
    for text in ("Gates Regulation", "Art. 9", "Is another way in offered?", "See to gate.other-way."):
        assert text in report
    assert Version.objects.get().approved_by == reviewer
    assert Assessment.objects.get().is_submitted
    assert complaints == []
