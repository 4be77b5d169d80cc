"""Whatever the admin's own pages do to content is in its history, and overwrites nothing silently."""

import pytest

from questionnaires.models import Edit, Instrument, Question
from tests.admin.editors import filled, page, save, sign_in_editor, texts
from tests.factories import make_draft, make_duty, make_instrument, make_provision, make_question, make_section

pytestmark = pytest.mark.django_db


def history():
    return [(e.action, e.kind, e.ref, e.field) for e in Edit.objects.all()]


def test_a_page_with_rows_is_one_step(client):
    editor = sign_in_editor(client)
    question = make_question(make_section(make_draft()), "topic.q1", provisions=[make_provision(), make_provision()])
    old, kept = (citation.provision for citation in question.citations.all())
    new = make_provision()
    rows = {"citations-0-DELETE": "on", "citations-1-position": "5", "citations-2-provision": new.pk}

    save(client, page("question_change", question.pk), text_en="Reworded?", **rows)

    assert history() == [
        ("change", "question", "topic.q1", "text_en"),
        ("remove", "citation", old.key, ""),
        ("change", "citation", kept.key, "position"),
        ("add", "citation", new.key, ""),
    ]
    assert len(set(Edit.objects.values_list("batch", "by", "version"))) == 1
    assert (Edit.objects.first().by, Edit.objects.first().version) == (editor, question.version)


def test_added_listed_and_deleted_rows_are_recorded(client):
    sign_in_editor(client)
    draft = make_draft()
    save(client, page("section_add", version=draft.pk), ref="first", **texts(title="First"))
    section = draft.sections.get()
    formset = client.get(page("section_changelist")).context["cl"].formset
    data = {bound.html_name: bound.value() for form in [formset.management_form, *formset] for bound in form}

    client.post(page("section_changelist"), data | {"form-0-position": 7, "_save": "Save"})
    client.post(page("section_delete", section.pk), {"post": "yes"})
    duty = make_duty(draft, "report", provisions=[])
    client.post(page("duty_changelist"), {"action": "delete_selected", "_selected_action": [duty.pk], "post": "yes"})

    assert history() == [
        ("add", "section", "first", ""),
        ("change", "section", "first", "position"),
        ("remove", "section", "first", ""),
        ("remove", "duty", "report", ""),
    ]
    assert (draft.sections.count(), draft.duties.count()) == (0, 0)


def test_version_set_and_instrument_are_recorded(client):
    sign_in_editor(client)
    draft, instrument = make_draft("set"), make_instrument("law")

    save(client, page("version_change", draft.pk), weight_low="3")
    save(client, page("questionset_change", draft.question_set_id), title_en="Renamed")
    save(client, page("instrument_change", instrument.pk), number_en="No. 1", number_zh_hans="1号")
    client.post(page("instrument_delete", instrument.pk), {"post": "yes"})

    assert history() == [
        ("change", "version", "1", "weight_low"),
        ("change", "questionset", "set", "title_en"),
        ("remove", "instrument", "law", ""),
    ]
    assert Instrument.objects.count() == 0


def test_page_opened_before_another_saved_keeps_what_was_typed_and_replaces_it_knowingly(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))
    url = page("question_change", question.pk)
    mine = filled(client.get(url)) | {"seen": 1, "why_en": "Mine"}
    save(client, url, text_en="Theirs")

    refused = client.post(url, mine)
    stored = Question.objects.get()
    again = client.post(url, mine | {"seen": 2})

    assert "Somebody changed this in the meantime." in refused.content.decode()
    assert refused.context["adminform"].form["why_en"].value() == "Mine"
    assert '<input type="hidden" name="seen" value="2">' in refused.content.decode()
    assert (stored.text_en, stored.why_en) == ("Theirs", "Because.")
    assert (again.status_code, Question.objects.get().why_en) == (302, "Mine")
