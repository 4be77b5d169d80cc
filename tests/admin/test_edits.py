"""The page of a version's edits, and going back to an earlier state."""

import pytest

from questionnaires.models import QuestionSet, editing
from tests.admin.editors import logged, make_editor, make_reviewer, page, said, sign_in_editor
from tests.factories import make_draft, make_organisation, make_question, make_section

pytestmark = pytest.mark.django_db
LONG = "Is the notice at every entrance written in plain words that visitors can read before they are seen?"


@pytest.fixture
def draft():
    version = make_draft("gate")
    make_question(make_section(version, "first"), "topic.q1", text_en=LONG)
    return version


def change(draft, by, **values):
    question = draft.questions.get()
    return editing.change(question, values, by=by, seen=question.revision)[-1].pk


def test_page_tells_who_did_what_from_which_value_to_which(client, draft):
    editor = sign_in_editor(client)
    change(draft, editor, severity="low")
    change(draft, editor, text_en=LONG.replace("plain", "simple"))
    client.post(page("version_submit", draft.pk))

    response = client.get(page("version_edits", draft.pk))

    steps = response.context["steps"]
    told = [(step.by, edit.action, edit.kind, edit.ref, edit.field) for step in steps for edit in step.edits]
    assert told == [
        (editor, "Changed", "Question", "first › topic.q1", "Text (English)"),
        (editor, "Changed", "Question", "first › topic.q1", "Severity"),
    ]
    assert (steps[1].edits[0].before, steps[1].edits[0].after) == ("High", "Low")
    changed = [(piece.operation, piece.text) for piece in steps[0].edits[0].pieces if piece.operation != "kept"]
    assert changed == [("removed", "plain"), ("added", "simple")]
    assert "Handed in for review." in response.content.decode()
    assert page("version_revert", draft.pk, 0) not in response.content.decode()


def test_page_filters_by_part_and_person_and_costs_the_same_with_more(client, draft, django_assert_num_queries):
    editor, other = sign_in_editor(client), make_editor()
    section = draft.sections.get()
    change(draft, editor, text_en="One")
    editing.change(section, {"title_en": "Renamed"}, by=other, seen=section.revision)
    url = page("version_edits", draft.pk)
    client.get(url)
    with django_assert_num_queries(30, exact=False) as counted:
        client.get(url)
    for number in range(60):
        change(draft, other, text_en=f"Number {number}")

    with django_assert_num_queries(len(counted)):
        first = client.get(url)
    last = client.get(url, {"page": 2})
    by_part = client.get(url, {"part": f"section-{section.pk}"}).context["steps"]
    by_person = client.get(url, {"by": editor.pk}).context["steps"]
    nothing = client.get(url, {"part": "x", "by": "y"}).context["steps"]

    assert [len(response.context["page"].object_list) for response in (first, last)] == [50, 12]
    assert [edit.after for step in by_part for edit in step.edits] == ["Renamed"]
    assert [step.by for step in by_person] == [editor]
    assert nothing == []


def test_draft_goes_back_after_a_trial(client, draft):
    editor = sign_in_editor(client)
    kept = change(draft, editor, severity="low")
    change(draft, editor, text_en="Wrong")
    url = page("version_revert", draft.pk, kept)

    trial = client.get(url)
    unchanged = draft.questions.get().text_en
    posted = client.post(url, {"seen": trial.context["seen"]}, follow=True)

    question = draft.questions.get()
    assert unchanged == "Wrong"
    assert [(edit.field, edit.action) for edit in trial.context["edits"]] == [("Text (English)", "Changed")]
    assert said(posted) == ["Set gate, version 1 is as it was: 1 edit."]
    assert (question.text_en, question.severity) == (LONG, "low")
    assert posted.context["steps"][0].note.startswith("Back to the state of ")
    assert logged(editor) == []


def test_back_is_refused_when_edited_meanwhile_or_closed_or_not_theirs(client, draft):
    editor = sign_in_editor(client)
    kept = change(draft, editor, severity="low")
    change(draft, editor, text_en="Wrong")
    url = page("version_revert", draft.pk, kept)
    seen = client.get(url).context["seen"]
    change(draft, make_editor(), why_en="Later")

    stale = client.post(url, {"seen": seen}, follow=True)
    unknown = client.get(page("version_revert", draft.pk, 999_999))
    client.force_login(make_reviewer())
    reviewer = client.post(url, {"seen": seen})
    client.force_login(editor)
    draft.submit_for_review(by=editor)
    closed = client.get(url, follow=True)
    QuestionSet.objects.update(organisation=make_organisation())
    private = [client.get(u).status_code for u in (url, page("version_edits", draft.pk))]

    assert said(stale)[0].startswith("Nothing was changed: somebody edited it in the meantime.")
    assert (unknown.status_code, reviewer.status_code) == (404, 403)
    assert said(closed) == ["Only a draft can go back: this version is in review or published."]
    assert private == [404, 404]
    assert draft.questions.get().text_en == "Wrong"


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_kind_of_edit_is_told_in_both_languages(client, draft, language):
    editor = sign_in_editor(client)
    client.cookies["django_language"] = language
    question, section = draft.questions.get(), draft.sections.get()
    other = make_question(section, "topic.q2")
    editing.move(other, by=editor, before=question)
    editing.set_citations(question, [], by=editor)
    editing.remove(other, by=editor)
    editing.add(draft.sections.model(version=draft, ref="new", position=None, title_en="New"), by=editor)

    steps = client.get(page("version_edits", draft.pk)).context["steps"]

    told = [(edit.action, edit.ref, edit.before, edit.after) for step in steps for edit in step.edits]
    place = ("first · place 2", "first · place 1") if language == "en" else ("first · 第2位", "first · 第1位")
    words = {"en": ("Added", "Removed", "Moved"), "zh-hans": ("新增", "删除", "移动")}[language]
    assert told[0] == (words[0], "new", "", "New")
    assert told[-1] == (words[2], "first › topic.q2", *place)
    assert (words[1], "first › topic.q2", other.text_en, "") in told
