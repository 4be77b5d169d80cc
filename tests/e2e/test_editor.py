"""The editor as editors use it: by mouse, by keyboard alone, in both languages, and when things go wrong."""

import pytest
from django.urls import reverse
from playwright.sync_api import expect

from questionnaires.models import Edit, Question, Version, editing
from tests import factories
from tests.admin.editors import make_editor

pytestmark = pytest.mark.once

REFUSED = ("409", "422", "ERR_INTERNET_DISCONNECTED")  # what a page is told, the browser's console repeats


@pytest.fixture
def draft(transactional_db):
    """Two sections with three questions, and a provision to be found by its words."""
    draft = factories.make_draft("gates")
    first, second = factories.make_section(draft, "first"), factories.make_section(draft, "second")
    factories.make_question(first, "first.q1", text_zh_hans="")
    factories.make_question(first, "first.q2", applies_if="minors == yes")
    factories.make_question(second, "second.q3")
    law = factories.make_instrument("audit", **factories.both(short_title="Audit Measures"))
    factories.make_provision(law, "Art. 4", key="audit/4", **factories.both(statement="Record how faces are used."))
    withheld = factories.both(statement="Record what is withheld.")
    factories.make_provision(law, "Art. 5", key="audit/5", verification="withheld", **withheld)
    return draft


@pytest.fixture
def edit(page, live_server, sign_in, draft):
    """Open the editor of the draft as an editor."""

    def edit(language="en", scheme="light", part=""):
        page.context.add_cookies([{"name": "django_language", "value": language, "url": live_server.url}])
        page.emulate_media(color_scheme=scheme)
        user = make_editor()
        page.context.add_cookies([session_of(user, live_server.url)])
        page.goto(f"{live_server.url}{reverse('admin:questionnaires_editor', args=[draft.pk])}{part}")
        expect(page.locator("#editor[data-ready]")).to_be_attached()
        return user

    return edit


def session_of(user, url):
    from django.test import Client

    client = Client()
    client.force_login(user)
    return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": url}


@pytest.fixture
def card(page):
    def card(row, name):
        return page.locator(f"#{row._meta.model_name}-{row.pk}-{name}")

    return card


def question(ref):
    return Question.objects.get(ref=ref)


def order():
    return list(Question.objects.values_list("section__ref", "ref").order_by("section__position", "position", "pk"))


def open_part(page, name):
    expect(page.locator("#editor[data-ready]")).to_be_attached()  # before, a link is an ordinary link
    page.locator("#tree").get_by_role("link", name=name).click()
    expect(page.locator("#panel [data-heading]")).to_be_focused()


def drag(page, item, onto):
    """By the grip, with the mouse, to where another row is."""
    item.locator(".ed-grip").first.hover()
    page.mouse.down()
    box = onto.bounding_box()
    page.mouse.move(box["x"] + 40, box["y"] + 4, steps=10)
    page.mouse.move(box["x"] + 40, box["y"] + box["height"] - 4, steps=10)
    page.mouse.up()


def test_draft_is_edited_by_mouse(page, live_server, draft, edit, card, complaints, violations):
    user = edit()
    page.get_by_role("link", name="Overview and publishing").click()
    page.get_by_role("link", name="Open the editor").click()
    said, total, q1 = page.locator("#ed-said"), page.locator("#ed-total"), question("first.q1")

    # A text that is missing is written, and counted.
    expect(total).to_have_text("Texts missing: 1")
    open_part(page, "Is first.q1 done?")
    card(q1, "text_zh_hans").locator("textarea").fill("做到第一题了吗？")
    card(q1, "text_en").locator("textarea").click()
    expect(card(q1, "text_zh_hans").locator(".saved")).to_be_visible()
    expect(total).to_have_text("Every text is there in both languages.")
    assert violations() == []

    # An expression is checked while it is typed, and what it says for facts tried out is told.
    expression, check = card(q1, "applies_if").locator("textarea"), page.locator(f"#question-{q1.pk}-applies_if-check")
    expression.fill("minors == maybe")
    expect(check).to_contain_text("“maybe” is no value of “minors”: yes, no")
    expression.fill("minors == yes")
    expect(check).to_contain_text("It depends on: Are children captured?")
    expect(card(q1, "applies_if").locator(".saved")).to_be_visible()
    page.get_by_text("Try out facts").click()
    page.get_by_label("Are children captured?").select_option("no")
    expect(page.locator("#trial")).to_contain_text("1 of 3 questions apply")
    expect(check).to_contain_text("does not apply, because of Are children captured?")
    expect(page.locator("#tree li[data-verdict=no]")).to_have_count(2)

    # A provision is found and cited; a withheld one is not to be had.
    page.get_by_role("combobox", name="Cite a provision").fill("audit record")
    found = page.get_by_role("listbox", name="Provisions found").get_by_role("option")
    expect(found).to_have_count(2)
    expect(found.last).to_contain_text("withheld: it cannot be cited")
    expect(found.last).to_be_disabled()
    found.first.click()
    expect(page.locator("#citations > ol > li")).to_have_count(2)
    expect(said).to_have_text("Audit Measures Art. 4 is cited.")

    # Another section, by dragging.
    drag(
        page,
        page.locator(f"#tree li[data-kind=question][data-pk='{q1.pk}']"),
        page.locator("#tree li[data-kind=question]").last,
    )
    expect(said).to_contain_text("of 2 in “Section second”.")
    refs = page.locator("#tree li[data-kind=question] code")
    assert (question("first.q1").section.ref, refs.all_inner_texts()) == ("second", [ref for _section, ref in order()])

    # A level more, and a question less.
    open_part(page, "Yes, partly, no")
    page.get_by_role("link", name="Add level").click()
    expect(page.locator("#id_new-ref")).to_be_focused()
    page.keyboard.type("mostly")
    page.get_by_role("button", name="Add", exact=True).click()
    expect(page.locator(".ed-child")).to_have_count(4)
    assert violations() == []
    open_part(page, "Is first.q2 done?")
    page.get_by_role("link", name="Remove…").click()
    page.get_by_role("button", name="Yes, remove").click()
    expect(page.locator("#tree li[data-kind=question]")).to_have_count(2)

    page.get_by_role("link", name="Preview as report").click()
    expect(page.get_by_text("Sample: the organisation, the facts and all answers are invented.")).to_be_visible()
    assert {section for section, _ref in order()} == {"second"}
    assert question("first.q1").applies_if == "minors == yes"
    assert [c.provision.key for c in question("first.q1").citations.all()][1:] == ["audit/4"]
    assert set(Edit.objects.values_list("by", flat=True)) == {user.pk}
    assert [text for text in complaints if not any(code in text for code in REFUSED)] == []


def test_draft_is_edited_by_keyboard_in_chinese(page, draft, edit, card, complaints, violations):
    edit("zh-hans", "dark")
    keys, said, q1, q2 = page.keyboard, page.locator("#ed-said"), question("first.q1"), question("first.q2")

    def link(row):
        return page.locator(f"#node-question-{row.pk}")

    # The list is one stop; arrows go through it, and a filter makes it short.
    keys.press("/")
    keys.type("q2")
    expect(page.locator("#tree li[data-kind=question]:visible")).to_have_count(1)
    keys.press("Escape")
    expect(page.locator("#tree li[data-kind=question]:visible")).to_have_count(3)
    page.locator(f"#node-section-{q1.section_id}").focus()
    keys.press("ArrowDown")
    expect(link(q1)).to_be_focused()

    # Alt moves a question, also into the next section; the focus goes along and the place is told.
    keys.press("Alt+ArrowDown")
    expect(said).to_contain_text("第2项，共2项")
    keys.press("Alt+ArrowDown")
    expect(said).to_contain_text("第1项，共2项")
    expect(link(q1)).to_be_focused()
    assert order() == [("first", "first.q2"), ("second", "first.q1"), ("second", "second.q3")]
    keys.press("Home")
    keys.press("Alt+ArrowUp")
    expect(said).to_contain_text("已在最前")

    # Enter opens, Escape goes back; between them a text is written.
    link(q2).focus()
    keys.press("Enter")
    expect(page.locator("#panel [data-heading]")).to_be_focused()
    text = card(q2, "why_zh_hans").locator("textarea")
    text.focus()
    keys.press("Control+a")
    keys.type("因为必要。")
    keys.press("Tab")
    expect(card(q2, "why_zh_hans").locator(".saved")).to_contain_text("保存")

    # The picker: arrows choose, Enter cites, the focus stays for the next one.
    picker = page.get_by_role("combobox", name="引用条款")
    picker.focus()
    keys.type("audit")
    expect(page.locator("#found").get_by_role("option", selected=True)).to_contain_text("Record how faces are used.")
    keys.press("Enter")
    expect(page.locator("#citations > ol > li")).to_have_count(2)
    expect(picker).to_be_focused()
    page.locator("#citations button[data-move=up]").last.focus()
    keys.press("Enter")
    expect(said).to_contain_text("第1项，共2项")
    assert violations() == []
    keys.press("Escape")
    expect(link(q2)).to_be_focused()

    assert (question("first.q2").why_zh_hans, question("first.q2").why_en) == ("因为必要。", "Because.")
    assert question("first.q2").citations.order_by("position").first().provision.key == "audit/4"
    page.set_viewport_size({"width": 320, "height": 700})
    assert page.evaluate("document.documentElement.scrollWidth") == 320
    assert complaints == []


def test_nothing_typed_is_lost(page, context, draft, edit, card):
    q1, q2 = question("first.q1"), question("first.q2")
    edit(part=f"?part=question-{q1.pk}")
    colleague = factories.make_user("colleague@example.org")
    text, why = card(q1, "text_en"), card(q1, "why_en")

    # Changed by another meanwhile: both are shown, and one's own is kept knowingly.
    editing.change(question("first.q1"), {"text_en": "Theirs?", "severity": "low"}, by=colleague, seen=1)
    text.locator("textarea").fill("Mine?")
    why.locator("textarea").click()
    expect(text.locator(".conflict")).to_contain_text("colleague@example.org")
    expect(text.locator(".conflict")).to_contain_text("Theirs?")
    text.get_by_role("button", name="Keep mine").click()
    expect(text.locator(".saved")).to_be_visible()
    expect(page.locator("#panel h2")).to_have_text("Mine?")
    assert (question("first.q1").text_en, question("first.q1").severity) == ("Mine?", "low")

    # Another part does not open before what is typed is saved.
    context.set_offline(True)
    why.locator("textarea").fill("Not yet saved")
    text.locator("textarea").click()
    expect(why.locator(".save-line")).to_contain_text("Not saved: the connection failed.")
    page.locator(f"#node-question-{q2.pk}").click()
    expect(page.locator("#ed-said")).to_contain_text("Not saved yet")
    expect(why.locator("textarea")).to_have_value("Not yet saved")
    context.set_offline(False)
    page.locator(f"#node-question-{q2.pk}").click()
    expect(page.locator("#panel h2")).to_have_text("Is first.q2 done?")
    assert question("first.q1").why_en == "Not yet saved"

    # Published meanwhile: told beside the field, which keeps its text.
    Version.objects.filter(pk=draft.pk).update(published_at=draft.created_at)
    card(q2, "why_en").locator("textarea").fill("Too late")
    card(q2, "text_en").locator("textarea").click()
    expect(card(q2, "why_en").locator(".field-error")).to_contain_text("the version takes no edits any more")
    expect(card(q2, "why_en").locator("textarea")).to_have_value("Too late")
    page.locator(f"#node-question-{q1.pk}").focus()
    page.keyboard.press("Alt+ArrowDown")
    expect(page.locator("#ed-said")).to_contain_text("the page is out of date")
    expect(page.locator("#tree li[data-kind=question] code").first).to_have_text("first.q1")
