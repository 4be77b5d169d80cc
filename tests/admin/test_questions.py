import json

import pytest

from questionnaires.models import AnswerScale, Question, Section
from tests.admin.editors import filled, page, save, sign_in_editor, texts
from tests.factories import (
    make_contradiction,
    make_draft,
    make_duty,
    make_instrument,
    make_provision,
    make_question,
    make_section,
    publish,
)

GUIDANCE = texts(text="Is it done?", why="Because.", evidence="A record.", remediation="Do it.")


def errors(response):
    return {name: [str(e) for e in found] for name, found in response.context["adminform"].form.errors.items()}


def make_two_drafts():
    mine, other = make_draft(), make_draft()
    return make_section(mine), make_section(other)


@pytest.mark.django_db
def test_choices_of_section_and_scale_are_those_of_the_version(client):
    sign_in_editor(client)
    mine, _other = make_two_drafts()

    form = client.get(page("question_add", version=mine.version_id)).context["adminform"].form

    assert list(form.fields["section"].queryset) == [mine]
    assert list(form.fields["scale"].queryset) == [mine.version.scales.get()]
    assert form["scale"].value() == mine.version.scales.get().pk


@pytest.mark.django_db
def test_new_question_of_a_section_goes_to_its_end(client):
    sign_in_editor(client)
    section = make_section(make_draft())
    make_question(section, position=4)
    url = page("question_add", version=section.version_id, section=section.pk)

    save(client, url, ref="topic.last", severity="low", **GUIDANCE)

    question = Question.objects.get(ref="topic.last")
    assert (question.section, question.position, question.version) == (section, 5, section.version)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["section", "scale"])
def test_section_or_scale_of_another_version_is_an_error_beside_the_field(client, name):
    sign_in_editor(client)
    mine, other = make_two_drafts()
    question = make_question(mine)
    foreign = {"section": other, "scale": other.version.scales.get()}[name]

    response = save(client, page("question_change", question.pk), **{name: foreign.pk})

    assert list(errors(response)) == [name]
    question.refresh_from_db()
    assert getattr(question, name).version == mine.version


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("children == yes", "unknown fact “children”; known are: minors, size"),
        ("minors ==", "a value expected at the end"),
        ("size == huge", "“huge” is no value of “size”: small, medium, large"),
    ],
)
def test_expression_that_cannot_be_used_is_an_error_beside_the_field(client, expression, message):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))

    response = save(client, page("question_change", question.pk), applies_if=expression)

    assert errors(response) == {"applies_if": [message]}
    assert response.context["adminform"].form["applies_if"].value() == expression


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["section", "question", "answerscale", "fact", "duty", "contradiction"])
def test_ref_taken_in_the_version_is_an_error_beside_the_field(client, name):
    sign_in_editor(client)
    draft = make_draft()
    section = make_section(draft, "taken")
    question = make_question(section, "taken")
    make_duty(draft, "taken")
    make_contradiction(draft, "taken")
    models = {"section": draft.sections, "question": draft.questions, "answerscale": draft.scales, "fact": draft.facts}
    models |= {"duty": draft.duties, "contradiction": draft.contradictions}
    AnswerScale.objects.filter(version=draft).update(ref="taken")
    draft.facts.filter(ref="size").update(ref="taken")
    data = {"ref": "taken", "kind": "yes_no", "severity": "low", "section": section.pk, "scale": question.scale_id}
    data |= {"rhythm": "on", "day": "2026-06-30", "holds_if": "minors == yes"}

    response = save(client, page(f"{name}_add", version=draft.pk), **data, **texts(title="New"), **GUIDANCE)

    assert errors(response) == {"ref": ["“taken” is taken in this version."]}
    assert models[name].filter(ref="taken").count() == 1


@pytest.mark.django_db
@pytest.mark.parametrize("ref", ["Has space", "中文", "-first", "UPPER", "a\nb"])
def test_ref_that_expressions_and_addresses_cannot_hold_is_refused(client, ref):
    sign_in_editor(client)
    draft = make_draft()

    response = save(client, page("section_add", version=draft.pk), ref=ref, **texts(title="New"))

    assert list(errors(response)) == ["ref"]
    assert list(draft.sections.all()) == []


@pytest.mark.django_db
def test_ref_of_another_version_may_be_used_again(client):
    sign_in_editor(client)
    make_section(make_draft(), "same")
    draft = make_draft()

    save(client, page("section_add", version=draft.pk), ref="same", **texts(title="New"))

    assert Section.objects.filter(ref="same").count() == 2


@pytest.mark.django_db
@pytest.mark.parametrize("query", [{}, {"version": "x"}, {"version": "9" * 30}, {"version": "²"}])
@pytest.mark.parametrize("name", ["section", "question", "answerscale", "fact", "duty", "contradiction"])
def test_adding_without_a_draft_leads_to_the_versions(client, name, query):
    sign_in_editor(client)

    response = client.get(page(f"{name}_add", **query))

    assert (response.status_code, response.url) == (302, page("version_changelist"))


@pytest.mark.django_db
def test_version_in_the_posted_form_is_not_believed(client):
    sign_in_editor(client)
    mine, other = make_two_drafts()
    question = make_question(mine)

    save(client, page("question_change", question.pk), version=other.version_id)

    question.refresh_from_db()
    assert question.version == mine.version


@pytest.mark.django_db
def test_citation_given_twice_is_an_error(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()), provisions=[])
    provision = make_provision()
    twice = {f"citations-{at}-provision": provision.pk for at in range(2)}

    response = save(
        client,
        page("question_change", question.pk),
        **{"citations-TOTAL_FORMS": "2", "citations-1-position": "0"},
        **twice,
    )

    assert response.context["errors"] == [
        "Please correct the duplicate data for provision.",
        ["Please correct the duplicate values below."],
    ]
    assert list(question.citations.all()) == []


@pytest.mark.django_db
@pytest.mark.parametrize("term", ["Data Act", "Art. 99", "purpose", "数据"])
def test_provisions_are_found_by_instrument_reference_and_statement(client, term):
    sign_in_editor(client)
    make_provision()
    instrument = make_instrument(short_title_en="Data Act", short_title_zh_hans="数据法")
    wanted = make_provision(instrument, ref="Art. 99", statement_en="State the purpose.", verification="unverified")
    query = {"term": term, "app_label": "questionnaires", "model_name": "citation", "field_name": "provision"}

    results = json.loads(client.get(page("provision_search"), query).content)["results"]

    assert results == [{"id": str(wanted.pk), "text": "Data Act Art. 99 (To be verified) – State the purpose."}]


@pytest.mark.django_db
def test_level_with_a_score_above_one_is_an_error_beside_the_field(client):
    sign_in_editor(client)
    scale = make_draft().scales.get()

    response = save(client, page("answerscale_change", scale.pk), **{"levels-0-score": "1.5"})

    formset = response.context["inline_admin_formsets"][0].formset
    assert [list(found) for found in formset.errors] == [["score"], [], []]


@pytest.mark.django_db
def test_scale_in_use_cannot_be_deleted_and_says_by_what(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()), "topic.q1")

    response = client.post(page("answerscale_delete", question.scale_id), {"post": "yes"})

    assert "topic.q1" in response.content.decode()
    assert AnswerScale.objects.filter(pk=question.scale_id).exists() is True


@pytest.mark.django_db
def test_list_filters_by_version_and_by_missing_translation(client):
    sign_in_editor(client)
    mine, other = make_two_drafts()
    whole, part = make_question(mine), make_question(mine, evidence_zh_hans="")
    heading = make_question(mine, group_en="Only English")
    make_question(other)
    url = page("question_changelist")

    of_version = client.get(url, {"version": mine.version_id}).context["cl"].result_list
    missing = client.get(url, {"translation": "missing"}).context["cl"].result_list
    nonsense = client.get(url, {"version": "x"}).context["cl"].result_list

    assert list(of_version) == [whole, part, heading]
    assert list(missing) == [part, heading]
    assert list(nonsense) == []


def publish_parts(number):
    draft = make_draft()
    section = make_section(draft)
    for _ in range(number):
        make_question(section)
        make_duty(draft)
        make_contradiction(draft)
    publish(draft)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "name",
    ["section", "question", "answerscale", "fact", "duty", "contradiction", "provision", "instrument", "questionset"],
)
def test_list_costs_the_same_with_more_rows(client, name, django_assert_num_queries):
    sign_in_editor(client)
    publish_parts(1)
    url = page(f"{name}_changelist")
    client.get(url)
    with django_assert_num_queries(40, exact=False) as counted:
        client.get(url)
    publish_parts(3)

    with django_assert_num_queries(len(counted)):
        client.get(url)


@pytest.mark.django_db
def test_list_takes_the_position_of_a_question_that_is_not_sound_yet(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()), applies_if="age == old")
    url = page("question_changelist")
    formset = client.get(url).context["cl"].formset
    data = {bound.html_name: bound.value() for form in [formset.management_form, *formset] for bound in form}

    response = client.post(url, data | {"form-0-position": 7, "_save": "Save"})

    question.refresh_from_db()
    assert (response.status_code, response.url, question.position) == (302, url, 7)


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["<script>alert(1)</script>", "中" * 10_000, "😀"])
def test_any_text_is_kept_and_shown_as_text(client, text):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))

    save(client, page("question_change", question.pk), why_en=text)

    question.refresh_from_db()
    assert question.why_en == text
    shown = client.get(page("question_change", question.pk)).content.decode()
    assert "<script>alert(1)" not in shown


@pytest.mark.django_db
def test_nul_in_a_text_is_an_error_beside_the_field(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))
    url = page("question_change", question.pk)

    response = client.post(url, filled(client.get(url)) | {"why_en": "a\0b"})

    assert list(errors(response)) == ["why_en"]
