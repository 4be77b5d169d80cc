"""Duties and contradictions of a draft: added, checked beside their fields, copied and shown."""

import json
from datetime import date

import pytest

from questionnaires.models import Contradiction, Duty
from tests.admin.editors import filled, logged, page, save, sign_in_administrator, sign_in_editor, texts
from tests.factories import (
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
)

REPORT = {"ref": "report"} | texts(title="Report", text="It is reported.")
UNKNOWN = "unknown fact “age”; known are: minors, size"


def errors(response):
    return {name: [str(e) for e in found] for name, found in response.context["adminform"].form.errors.items()}


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("timing", "stored"),
    [
        ({"rhythm": "on", "day": "2026-06-30"}, {"day": date(2026, 6, 30)}),
        (
            {"rhythm": "within", "count": "30", "unit": "working_days", **texts(event="growing")},
            {"count": 30, "unit": "working_days", "event_zh_hans": "growing中文"},
        ),
        ({"rhythm": "yearly", "month": "1", "day_of_month": "31"}, {"month": 1, "day_of_month": 31}),
        ({"rhythm": "every", "count": "2", "unit": "years"}, {"count": 2, "unit": "years"}),
        ({"rhythm": "keep", "count": "3", "unit": "years"}, {"count": 3, "unit": "years"}),
    ],
    ids=lambda fields: fields.get("rhythm", ""),
)
def test_duty_of_each_rhythm_is_added_to_the_end_with_its_citation(client, timing, stored):
    editor = sign_in_editor(client)
    draft, provision = make_draft(), make_provision()
    make_duty(draft, position=4)
    data = {"applies_if": "minors == yes", "citations-0-provision": provision.pk}

    response = save(client, page("duty_add", version=draft.pk), **REPORT, **timing, **data)

    duty = Duty.objects.get(ref="report")
    assert response.url == f"{page('version_change', draft.pk)}#duty-{duty.pk}"
    assert (duty.version, duty.position, duty.rhythm, duty.applies_if) == (draft, 5, timing["rhythm"], "minors == yes")
    assert {name: getattr(duty, name) for name in stored} == stored
    assert (duty.title_en, duty.title_zh_hans) == ("Report", "Report中文")
    assert [(c.provision, c.position) for c in duty.citations.all()] == [(provision, 0)]
    assert len(logged(editor)) == 1


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"rhythm": "on"}, {"day": ["“day” is missing for this rhythm."]}),
        ({"rhythm": "yearly"}, ["day_of_month", "month"]),
        ({"rhythm": "within", "count": "3", "unit": "days"}, {"event_en": ["“event” is missing for this rhythm."]}),
        (
            {"rhythm": "keep", "count": "3", "unit": "years", "day": "2026-06-30"},
            {"day": ["“day” does not go with this rhythm."]},
        ),
        (
            {"rhythm": "yearly", "month": "2", "day_of_month": "29"},
            {"day_of_month": ["No such day in every year."]},
        ),
        (
            {"rhythm": "every", "count": "0", "unit": "years"},
            {"count": ["Give a number from 1 to 999."]},
        ),
        (
            {"rhythm": "every", "count": "1000", "unit": "years"},
            {"count": ["Give a number from 1 to 999."]},
        ),
        ({"rhythm": "every", "count": "99999999999999999999", "unit": "years"}, ["count"]),
        ({"rhythm": "daily"}, ["rhythm"]),
        ({"rhythm": "on", "day": "30 June"}, ["day"]),
    ],
)
def test_timing_that_does_not_go_with_the_rhythm_is_an_error_beside_the_field(client, fields, expected):
    sign_in_editor(client)
    draft = make_draft()

    response = save(client, page("duty_add", version=draft.pk), **REPORT, **fields)

    found = errors(response)
    assert (sorted(found) if isinstance(expected, list) else found) == expected
    assert list(draft.duties.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("age == old", UNKNOWN),
        ("minors ==", "a value expected at the end"),
        ("topic.q1 == met", "unknown fact “topic.q1”; known are: minors, size"),
    ],
)
def test_expression_of_a_duty_is_checked_beside_its_field(client, expression, message):
    sign_in_editor(client)
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    duty = make_duty(draft)

    response = save(client, page("duty_change", duty.pk), applies_if=expression)

    assert errors(response) == {"applies_if": [message]}
    assert response.context["adminform"].form["applies_if"].value() == expression


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("", "This field is required."),
        ("  ", "This field is required."),
        ("age == old", "unknown fact “age”; known are: minors, size, topic.q1"),
        ("topic.q1 == yes", "“yes” is no value of “topic.q1”: not_met, partly_met, met, not_applicable"),
        ("topic.q1 == unanswered", "“unanswered” is no value of “topic.q1”: not_met, partly_met, met, not_applicable"),
        ("minors == yes and", "a fact expected at the end"),
    ],
)
def test_expression_of_a_contradiction_is_checked_beside_its_field(client, expression, message):
    sign_in_editor(client)
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    make_question(make_section(make_draft()), "topic.elsewhere")
    contradiction = make_contradiction(draft)

    response = save(client, page("contradiction_change", contradiction.pk), holds_if=expression)

    assert errors(response) == {"holds_if": [message]}


@pytest.mark.django_db
def test_contradiction_over_a_fact_and_a_question_is_added(client):
    sign_in_editor(client)
    draft = make_draft()
    make_question(make_section(draft), "topic.q1")
    expression = "minors == no and topic.q1 in (met, partly_met)"

    save(
        client,
        page("contradiction_add", version=draft.pk),
        ref="clash",
        holds_if=expression,
        **texts(text="Not both."),
    )

    contradiction = Contradiction.objects.get()
    assert (contradiction.version, contradiction.ref, contradiction.holds_if) == (draft, "clash", expression)
    assert (contradiction.text_en, contradiction.text_zh_hans) == ("Not both.", "Not both.中文")


@pytest.mark.django_db
def test_help_names_the_facts_of_the_version(client):
    sign_in_editor(client)
    draft = make_draft()

    duty = client.get(page("duty_add", version=draft.pk)).context["adminform"].form
    contradiction = client.get(page("contradiction_add", version=draft.pk)).context["adminform"].form

    assert duty.fields["applies_if"].help_text.endswith("Facts: minors, size.")
    assert contradiction.fields["holds_if"].help_text.endswith("Facts: minors, size.")


@pytest.mark.django_db
def test_provisions_are_found_for_a_duty(client):
    sign_in_editor(client)
    make_provision()
    wanted = make_provision(make_instrument(short_title_en="Audit Measures"), ref="Art. 4")
    query = {"term": "Audit", "app_label": "questionnaires", "model_name": "dutycitation", "field_name": "provision"}

    results = json.loads(client.get(page("provision_search"), query).content)["results"]

    assert [result["id"] for result in results] == [str(wanted.pk)]


@pytest.mark.django_db
def test_citation_given_twice_is_an_error(client):
    sign_in_editor(client)
    duty, provision = make_duty(make_draft(), provisions=[]), make_provision()
    data = filled(client.get(page("duty_change", duty.pk)))
    data |= {"citations-TOTAL_FORMS": "2", "citations-1-position": "0"}
    data |= {f"citations-{at}-provision": provision.pk for at in range(2)}

    response = client.post(page("duty_change", duty.pk), data)

    assert "Please correct the duplicate data for provision." in response.context["errors"]
    assert list(duty.citations.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(("name", "make"), [("duty", make_duty), ("contradiction", make_contradiction)])
def test_list_filters_by_version_and_by_missing_translation(client, name, make):
    sign_in_editor(client)
    mine, other = make_draft(), make_draft()
    whole, part = make(mine), make(mine, text_zh_hans="")
    make(other)
    url = page(f"{name}_changelist")

    assert list(client.get(url, {"version": mine.pk}).context["cl"].result_list) == [whole, part]
    assert list(client.get(url, {"translation": "missing"}).context["cl"].result_list) == [part]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "中" * 10_000, "😀"])
def test_any_text_is_kept_and_shown_as_text(client, text):
    sign_in_editor(client)
    duty, contradiction = make_duty(make_draft()), make_contradiction(make_draft())

    for name, row in (("duty", duty), ("contradiction", contradiction)):
        save(client, page(f"{name}_change", row.pk), text_en=text)
        row.refresh_from_db()
        shown = client.get(page(f"{name}_change", row.pk)).content.decode()
        overview = client.get(page("version_change", row.version_id)).content.decode()

        assert row.text_en == text
        assert "<script>alert(1)" not in shown + overview


@pytest.mark.django_db
def test_draft_with_a_faulty_duty_is_not_published(client):
    sign_in_administrator(client)
    draft = make_draft()
    make_question(make_section(draft))
    make_duty(draft, "report", applies_if="age == old")

    posted = client.post(page("version_publish", draft.pk))

    draft.refresh_from_db()
    assert draft.is_published is False
    assert f"“report”: {UNKNOWN}" in posted.content.decode()


@pytest.mark.django_db
def test_list_takes_the_position_of_what_is_not_sound_yet(client):
    sign_in_editor(client)
    draft = make_draft()
    rows = {
        "duty": make_duty(draft, applies_if="age == old"),
        "contradiction": make_contradiction(draft, holds_if="age == old"),
    }

    for name, row in rows.items():
        url = page(f"{name}_changelist")
        formset = client.get(url).context["cl"].formset
        data = {bound.html_name: bound.value() for form in [formset.management_form, *formset] for bound in form}
        response = client.post(url, data | {"form-0-position": 7, "_save": "Save"})

        row.refresh_from_db()
        assert (response.status_code, response.url, row.position) == (302, url, 7)
