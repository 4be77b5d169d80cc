"""The editor's page and what it asks for: shown, saved, refused, and always at the same cost."""

import re

import pytest
from bs4 import BeautifulSoup

from questionnaires.models import (
    AnswerLevel,
    Assessment,
    Citation,
    Edit,
    Instrument,
    Provision,
    Question,
    Section,
    Version,
    editing,
)
from tests.admin.editors import make_editor, page, sign_in_editor
from tests.factories import (
    both,
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_user,
    publish,
)

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
ENGLISH = re.compile(r"[a-z]+ [a-z]+ [a-z]+", re.IGNORECASE)


@pytest.fixture
def question():
    draft = make_draft()
    make_duty(draft, "report"), make_contradiction(draft, "clash")
    return make_question(make_section(draft, "first"), "topic.q1")


@pytest.fixture
def editor(client):
    return sign_in_editor(client)


def url(name, part, *args):
    """An address of the editor about a part."""
    version = part if isinstance(part, Version) else version_of(part)
    return page(name, version.pk, part._meta.model_name, part.pk, *args)


def version_of(part):
    return part.version if hasattr(part, "version_id") else part.scale.version


def save(client, part, card, *, seen=None, **values):
    prefix = f"{part._meta.model_name}-{part.pk}"
    data = {f"{prefix}-{name}": value for name, value in values.items()} | {f"{prefix}-seen": seen or part.revision}
    return client.post(url("editor_card", part, card), data, **HTMX)


def edits():
    return [(e.action, e.kind, e.ref, e.field) for e in Edit.objects.all()]


def test_page_shows_the_whole_tree_and_the_part_asked_for(client, editor, question):
    draft = question.version
    make_question(question.section, "topic.bare", provisions=[], **both(text="Bare?") | {"text_zh_hans": ""})

    response = client.get(page("editor", draft.pk), {"part": f"question-{question.pk}"})

    content = response.content.decode()
    assert [node.ref for node in response.context["tree"].sections[0].children] == ["topic.q1", "topic.bare"]
    for ref in ("first", "yes-partly-no", "minors", "size", "report", "clash"):
        assert f"<code>{ref}</code>" in content
    assert [(node.missing, node.is_uncited) for node in response.context["tree"].sections[0].children] == [
        (0, False),
        (1, True),
    ]
    assert response.context["tree"].missing == 1
    assert response.context["panel"].part == question
    assert "Draft: every change is saved as you make it." in content
    assert page("version_preview", draft.pk) in content
    assert ' style="' not in content


def test_cost_is_the_same_at_20_and_at_200_questions(client, editor, question, django_assert_num_queries):
    draft = question.version
    for size in (20, 200):
        for number in range(size - draft.questions.count()):
            make_question(make_section(draft) if number % 20 == 0 else question.section, provisions=[])
        for name, queries in {"editor": 17, "editor_tree": 15, "editor_sample": 8}.items():
            with django_assert_num_queries(queries):
                client.get(page(name, draft.pk))


def test_saving_one_field_costs_the_same_at_any_size(client, editor, question, django_assert_num_queries):
    for _number in range(60):
        make_question(question.section, provisions=[])
    with django_assert_num_queries(12):
        response = save(client, question, "why_en", why_en="Because it must be.")

    stored = Question.objects.get(pk=question.pk)
    assert (response.status_code, stored.why_en, stored.revision) == (200, "Because it must be.", 2)
    assert edits() == [("change", "question", "topic.q1", "why_en")]
    content = response.content.decode()
    assert 'class="saved">Saved ' in content
    assert f'name="question-{question.pk}-seen" value="2"' in content
    assert f'id="marks-question-{question.pk}"' in content
    assert "topic.question" not in content


@pytest.mark.parametrize("kind", ["section", "answerscale", "fact", "duty", "contradiction", "version"])
def test_every_kind_of_part_opens_with_its_cards(client, editor, question, kind):
    draft = question.version
    related = {"answerscale": "scales", "duty": "duties"}.get(kind, f"{kind}s")
    part = draft if kind == "version" else getattr(draft, related).last()

    response = client.get(url("editor_part", part), **HTMX)
    plain = client.get(url("editor_part", part))

    assert response.context["panel"].part == part
    assert [row.cards[0].form.inputs for row in response.context["panel"].rows] != []
    assert plain.url == f"{page('editor', draft.pk)}?part={kind}-{part.pk}"


@pytest.mark.parametrize(
    ("card", "values", "message"),
    [
        ("ref", {"ref": "topic.q2"}, "“topic.q2” is taken in this version."),
        ("ref", {"ref": "Not a ref"}, "Use lower-case letters"),
        ("applies_if", {"applies_if": "minors =="}, "the expression cannot be used yet"),
        ("applies_if", {"applies_if": "age == old"}, "the expression cannot be used yet"),
        ("severity", {"severity": "dire"}, "Select a valid choice."),
        ("scale", {"scale": 999_999}, "Select a valid choice."),
        ("text_en", {"text_en": "x", "seen": ""}, "The page is out of date: reload it."),
    ],
)
def test_what_makes_no_sense_is_refused_beside_its_field(client, editor, question, card, values, message):
    make_question(question.section, "topic.q2")
    seen = values.pop("seen", None)

    response = (
        save(client, question, card, seen=seen, **values)
        if seen is None
        else client.post(url("editor_card", question, card), {f"question-{question.pk}-{card}": "x"}, **HTMX)
    )

    assert (response.status_code, edits()) == (422, [])
    assert message in response.content.decode()


@pytest.mark.parametrize(
    ("kind", "card", "values", "message"),
    [
        ("answerlevel", "score", {"score": "1.5"}, "less than or equal to 1"),
        ("answerlevel", "ref", {"ref": "no"}, "“no” is taken in this version."),
        (
            "version",
            "weight_critical",
            dict.fromkeys(("weight_critical", "weight_high", "weight_medium", "weight_low"), "0"),
            "greater than or equal to 0.01",
        ),
        ("duty", "rhythm", {"rhythm": "on"}, "“day” is missing for this rhythm."),
        ("contradiction", "holds_if", {"holds_if": "topic.q1 == yes"}, "the expression cannot be used yet"),
    ],
)
def test_each_kind_is_checked(client, editor, question, kind, card, values, message):
    draft = question.version
    parts = {
        "answerlevel": draft.scales.get().levels.get(ref="yes"),
        "version": draft,
        "duty": draft.duties.get(),
        "contradiction": draft.contradictions.get(),
    }

    response = save(client, parts[kind], card, **values)

    assert (response.status_code, edits()) == (422, [])
    assert message in response.content.decode()


def test_draft_may_be_incomplete(client, editor, question):
    response = save(client, question, "text_zh_hans", text_zh_hans="")

    assert (response.status_code, Question.objects.get(pk=question.pk).text_zh_hans) == (200, "")
    assert 'data-missing="1"' in response.content.decode()


def test_columns_that_hold_together_are_saved_together(client, editor, question):
    duty = question.version.duties.get()

    save(client, duty, "rhythm", rhythm="on", day="2026-06-30")
    save(client, question.version, "weight_critical", weight_critical=9, weight_high=4, weight_medium=2, weight_low=1)

    duty.refresh_from_db()
    assert (duty.rhythm, str(duty.day), duty.count, duty.unit) == ("on", "2026-06-30", None, "")
    assert [field for _a, kind, _r, field in edits() if kind == "duty"] == ["rhythm", "day", "count", "unit"]
    assert ("change", "version", "1", "weight_critical") in edits()


def test_conflict_shows_both_and_keeps_what_is_chosen(client, editor, question):
    colleague = make_user("colleague@example.org")
    editing.change(Question.objects.get(pk=question.pk), {"text_en": "Theirs"}, by=colleague, seen=1)

    refused = save(client, question, "text_en", seen=1, text_en="Mine")
    other_field = save(client, question, "why_en", seen=1, why_en="Another field is no conflict")
    stored = client.get(url("editor_card", question, "text_en"), **HTMX)
    kept = save(client, question, "text_en", seen=2, text_en="Mine")

    content = refused.content.decode()
    assert (refused.status_code, other_field.status_code, kept.status_code) == (409, 200, 200)
    assert "colleague@example.org changed this at" in content
    assert "<dd>Theirs</dd>" in content
    assert 'value="2"' in content  # what “Keep mine” posts as seen
    assert "Theirs" in stored.content.decode()
    assert Question.objects.get(pk=question.pk).text_en == "Mine"


def test_published_version_is_read_only_and_says_so(client, editor, question):
    address = page("editor", question.version_id)
    publish(question.version)

    content = client.get(address, {"part": f"question-{question.pk}"}).content.decode()
    refused = save(client, question, "text_en", text_en="x")
    answers = [
        client.post(page("editor_add", question.version_id, "section"), {"new-ref": "x"}, **HTMX),
        client.post(url("editor_remove", question), {"seen": 1}, **HTMX),
        client.post(page("editor_move", question.version_id), {"kind": "question", "part": question.pk}, **HTMX),
        client.post(url("editor_cite", question), {"provision": make_provision().pk}, **HTMX),
    ]

    assert "Published: it can be read here" in content
    for word in ("hx-post=", "Add question", "Remove…", "Move up", "Cite a provision"):
        assert word not in content
    assert (refused.status_code, "takes no edits any more" in refused.content.decode()) == (409, True)
    assert [answer.status_code for answer in answers] == [403] * 4
    assert edits() == []


@pytest.mark.parametrize(
    ("permissions", "status"),
    [
        ((), 404),
        (("see_shared_drafts",), 403),
        (("see_shared_drafts", "view_version"), 200),
        (("see_shared_drafts", "view_version", "edit_shared_content", "change_version"), 200),
        (("see_shared_drafts", "view_version", "edit_shared_content", "change_question"), 200),
    ],
)
def test_only_who_may_change_it_changes_it(client, question, permissions, status):
    user = make_user(is_staff=True)
    user.user_permissions.set(make_editor().groups.get().permissions.filter(codename__in=permissions))
    client.force_login(user)

    looked = client.get(page("editor", question.version_id))
    saved = save(client, question, "text_en", text_en="x")

    assert (looked.status_code, edits()) == (status, [])
    assert saved.status_code == max(status, 403)


def test_private_instruments_of_others_are_neither_found_nor_opened(client, editor, question):
    private = make_provision(make_instrument("theirs", organisation=make_organisation("Others")))
    version = question.version_id

    found = client.get(url("editor_find", question), {"q": "theirs"}, **HTMX)
    listed = client.get(page("editor_instruments", version), {"q": "theirs"}, **HTMX)
    opened = client.get(page("editor_part", version, "provision", private.pk), **HTMX)
    cited = client.post(url("editor_cite", question), {"provision": private.pk}, **HTMX)

    assert (found.context["lines"], list(listed.context["instruments"])) == ([], [])
    assert (opened.status_code, cited.status_code) == (404, 404)


def test_stranger_is_sent_to_sign_in(client, question):
    client.force_login(make_user())

    response = client.get(page("editor", question.version_id))

    assert (response.status_code, "/login/" in response.url) == (302, True)


def test_parts_of_another_version_are_not_found(client, editor, question):
    other = make_question(make_section(make_draft()))
    version = question.version_id
    addresses = [
        page("editor_part", version, "question", other.pk),
        page("editor_card", version, "question", question.pk, "nothing"),
        page("editor_part", version, "user", 1),
        page("editor_part", version, "citation", question.citations.get().pk),
        page("editor_add", version, "user"),
        page("editor_find", version, "section", question.section_id),
        f"{page('editor', version)}?part=question-{other.pk}",
    ]

    assert [client.get(address, **HTMX).status_code for address in addresses] == [404] * len(addresses)


@pytest.mark.parametrize(
    ("kind", "parent", "ref", "expected"),
    [
        ("section", None, "second", {"version": "version", "position": 1}),
        ("question", "section", "topic.new", {"severity": "medium", "position": 1}),
        ("answerscale", None, "levels", {"position": 1}),
        ("answerlevel", "scale", "most", {"position": 3, "outcome": "partly_met"}),
        ("fact", None, "age", {"kind": "yes_no", "position": 2}),
        ("duty", None, "file", {"rhythm": "every", "position": 1}),
        ("contradiction", None, "both", {"position": 1}),
        ("instrument", None, "ai-act", {"verification": "withheld"}),
        ("provision", "instrument", "art-5", {"verification": "withheld"}),
    ],
)
def test_parts_are_added_at_the_end_with_nothing_but_a_ref(client, editor, question, kind, parent, ref, expected):
    parents = {"section": question.section, "scale": question.scale, "instrument": make_instrument("law")}
    data = {"new-ref": ref} | ({"parent": parents[parent].pk} if parent else {})

    asked = client.get(page("editor_add", question.version_id, kind), data, **HTMX)
    added = client.post(page("editor_add", question.version_id, kind), data, **HTMX)
    again = client.post(page("editor_add", question.version_id, kind), data, **HTMX)

    [edit] = Edit.objects.all()
    assert (asked.status_code, added.status_code, again.status_code) == (200, 200, 422)
    assert (edit.action, edit.kind) == ("add", kind)
    assert {name: edit.new.get(name) for name in expected if name != "version"} == {
        name: value for name, value in expected.items() if name != "version"
    }
    assert "is taken in this version" in again.content.decode()
    assert 'id="tree"' in added.content.decode()


def test_question_needs_a_scale(client, editor):
    draft = Version.objects.get(pk=make_draft().pk)
    section = make_section(draft)
    draft.scales.all().delete()

    response = client.post(
        page("editor_add", draft.pk, "question"), {"new-ref": "topic.q1", "parent": section.pk}, **HTMX
    )

    assert (response.status_code, Question.objects.count()) == (422, 0)
    assert "Add an answer scale first" in response.content.decode()


def test_removal_is_confirmed_and_takes_along_what_it_says(client, editor, question):
    asked = client.get(url("editor_remove", question.section), **HTMX)
    before = Section.objects.count()
    removed = client.post(url("editor_remove", question.section), {"seen": 1}, **HTMX)

    assert (before, Section.objects.count(), Question.objects.count()) == (1, 0, 0)
    assert asked.context["below"] == [("citations", 1), ("questions", 1)]
    assert "It stays in the history" in asked.content.decode()
    assert 'id="tree"' in removed.content.decode()


def test_what_rests_on_a_scale_or_changed_meanwhile_keeps_it(client, editor, question):
    in_use = client.post(url("editor_remove", question.scale), {"seen": 1}, **HTMX)
    save(client, question, "text_en", text_en="Reworded?")
    changed = client.post(url("editor_remove", question), {"seen": 1}, **HTMX)

    assert (in_use.status_code, changed.status_code) == (409, 409)
    assert (
        "for these rest on it: Reworded?." in in_use.content.decode() or "Is topic.q1 done?" in in_use.content.decode()
    )
    assert "somebody changed it in the meantime" in changed.content.decode()
    assert Question.objects.count() == 1


def test_levels_and_citations_are_removed_from_their_part(client, editor, question):
    level = AnswerLevel.objects.get(scale=question.scale, ref="partly")
    citation = question.citations.get()

    asked = client.get(page("editor_remove", question.version_id, "answerlevel", level.pk), **HTMX)
    response = client.post(page("editor_remove", question.version_id, "answerlevel", level.pk), {"seen": 1}, **HTMX)
    uncited = client.post(page("editor_remove", question.version_id, "citation", citation.pk), {"seen": 1}, **HTMX)

    assert asked.context["shown"] == question.scale
    assert response.context["panel"].part == question.scale
    assert uncited.context["panel"].part == question
    assert (question.scale.levels.count(), Citation.objects.count()) == (2, 0)


def test_order_is_stored_and_a_stale_one_refused(client, editor, question):
    second, other = make_question(question.section, "topic.q2"), make_section(question.version, "second")
    address = page("editor_move", question.version_id)

    moved = client.post(address, {"kind": "question", "part": second.pk, "before": question.pk}, **HTMX)
    away = client.post(address, {"kind": "question", "part": second.pk, "parent": other.pk}, **HTMX)
    stale = client.post(address, {"kind": "question", "part": question.pk, "before": second.pk}, **HTMX)
    wrong = [
        client.post(address, data, **HTMX).status_code
        for data in ({}, {"kind": "version", "part": 1}, {"kind": "question", "part": "x"})
    ]

    second.refresh_from_db()
    assert (moved.status_code, away.status_code, stale.status_code, wrong) == (204, 204, 409, [404] * 3)
    assert second.section == other
    assert "somebody changed the order" in stale.content.decode()


@pytest.mark.parametrize("words", ["Audit 4", "审计 第四条", "record faces", "AUDIT/"])
def test_provisions_are_found_by_words_in_both_languages(client, editor, question, words):
    law = make_instrument("audit", short_title_en="Audit Measures", short_title_zh_hans="审计办法")
    texts = {"ref_zh_hans": "第四条", "statement_en": "Record how faces are used.", "statement_zh_hans": "记录"}
    wanted = make_provision(law, "Art. 4", key="audit/4", **texts)
    withheld = make_provision(law, "Art. 4 bis", key="audit/4b", verification="withheld", **texts)

    response = client.get(url("editor_find", question), {"q": words}, **HTMX)

    assert [(line.provision, line.is_citable) for line in response.context["lines"]] == [
        (wanted, True),
        (withheld, False),
    ]
    content = response.content.decode()
    assert "Law · binding · in force from 2021-01-01" in " ".join(content.split())
    assert f'data-provision="{withheld.pk}"' not in content
    assert "withheld: it cannot be cited" in content


def test_provision_is_cited_once_and_a_withheld_one_never(client, editor, question):
    new, withheld = make_provision(), make_provision(verification="withheld")
    address = url("editor_cite", question)

    cited = [client.post(address, {"provision": new.pk}, **HTMX) for _ in range(2)]
    refused = client.post(address, {"provision": withheld.pk}, **HTMX)

    assert ([response.status_code for response in cited], refused.status_code) == ([200, 200], 404)
    assert [c.provision for c in question.citations.order_by("position")] == [question.citations.first().provision, new]
    assert edits() == [("add", "citation", new.key, "")]


def test_expression_is_checked_while_it_is_typed_and_nothing_is_saved(client, editor, question):
    address = page("editor_check", question.version_id, "applies_if")
    name = f"question-{question.pk}-applies_if"

    def said(text, **facts):
        return " ".join(client.post(address, {name: text} | facts, **HTMX).content.decode().split())

    assert "It applies always." in said(" ")
    assert "“maybe” is no value of “minors”: yes, no" in said("minors == maybe")
    assert "It depends on: Are children captured?" in said("minors == yes")
    assert "applies." in said("minors == yes", **{"fact-minors": "yes"})
    assert "does not apply, because of Are children captured?" in said("minors == yes", **{"fact-minors": "no"})
    assert "can be read" in said("minors == yes").replace("The expression", "")
    assert edits() == []


def test_faults_of_an_expression_are_told_in_chinese(client, editor, question):
    client.cookies["django_language"] = "zh-hans"
    name = f"question-{question.pk}-applies_if"
    expected = {
        "minors == maybe": "“maybe”不是“minors”的取值，可用的有：yes, no",
        "age == old": "没有基本情况项“age”，可用的有：minors, size",
        "minors and": "第8个字符处应为“== != >= <= > < in has之一”，而不是“and”",
        "minors ==": "末尾应为“一个值”",
        "minors has yes": "“minors”是yes_no类基本情况项，请用“== 或 !=”比较",
        "minors == yes?": "第14个字符处不应有“?”",
    }

    for expression, fault in expected.items():
        response = client.post(page("editor_check", question.version_id, "applies_if"), {name: expression}, **HTMX)
        said = BeautifulSoup(response.content, "html.parser").get_text()
        assert fault in said
        assert not ENGLISH.search(said.replace(fault, ""))
    Question.objects.filter(pk=question.pk).update(applies_if="minors ==")
    problems = BeautifulSoup(client.get(page("version_change", question.version_id)).content, "html.parser")

    assert "“topic.q1”的适用条件：末尾应为“一个值”。" in problems.get_text()


def test_facts_tried_out_say_what_applies(client, editor, question):
    make_question(question.section, "topic.minors", applies_if="minors == yes")
    make_question(question.section, "topic.large", applies_if="size >= large and minors == yes")
    make_question(question.section, "topic.broken", applies_if="age == old")
    address = page("editor_sample", question.version_id)

    def trial(**facts):
        found = client.get(address, {f"fact-{ref}": value for ref, value in facts.items()}).context["trial"]
        lists = (found.applying, found.open, found.not_applying, found.faulty)
        return [[tried.ref.removeprefix("topic.") for tried in tries] for tries in lists]

    assert trial() == [["q1"], ["minors", "large"], [], ["broken"]]
    assert trial(minors="yes") == [["q1", "minors"], ["large"], [], ["broken"]]
    assert trial(size="small") == [["q1"], ["minors"], ["large"], ["broken"]]
    assert trial(minors="nonsense") == trial()


def test_instruments_and_provisions_are_edited_beside(client, editor, question):
    provision = make_provision(make_instrument("law-a", short_title_en="Law A"))
    instrument = provision.instrument
    version = question.version_id
    prefix = f"provision-{provision.pk}"

    listed = client.get(page("editor_instruments", version), {"q": "law-a"}, **HTMX)
    opened = client.get(page("editor_part", version, "instrument", instrument.pk), **HTMX)
    saved = client.post(
        page("editor_card", version, "provision", provision.pk, "superseded_by"),
        {f"{prefix}-superseded_by": question.provisions.get().key, f"{prefix}-seen": 1},
        **HTMX,
    )
    itself = client.post(
        page("editor_card", version, "provision", provision.pk, "superseded_by"),
        {f"{prefix}-superseded_by": provision.key, f"{prefix}-seen": 2},
        **HTMX,
    )

    assert [row.slug for row in listed.context["instruments"]] == ["law-a"]
    assert opened.context["panel"].provisions == [provision]
    assert Provision.objects.get(pk=provision.pk).superseded_by == question.provisions.get()
    assert (saved.status_code, itself.status_code) == (200, 422)
    assert Edit.objects.get().instrument == Instrument.objects.get(slug="law-a")


def test_report_of_a_draft_is_a_sample_and_leaves_nothing(client, editor, question):
    content = client.get(page("editor_report", question.version_id)).content.decode()

    assert "Sample: the organisation, the facts and all answers are invented." in content
    assert "Is topic.q1 done?" in content
    assert Assessment.objects.count() == 0


def test_report_of_what_asks_nothing_says_why(client, editor):
    draft = make_draft()

    empty = client.get(page("editor_report", draft.pk)).content.decode()
    make_question(make_section(draft))
    draft.scales.get().levels.all().delete()
    bare = client.get(page("editor_report", draft.pk)).content.decode()

    assert "The version asks nothing." in empty
    assert "Scale “yes-partly-no” has no level yet." in bare


def test_version_page_leads_to_the_editor(client, editor, question):
    content = client.get(page("version_change", question.version_id)).content.decode()

    assert f'href="{page("editor", question.version_id)}">Open the editor</a>' in content
