import pytest

from questionnaires.models import Instrument, Provision
from tests.admin.editors import page, save, sign_in_editor, texts
from tests.factories import make_draft, make_duty, make_instrument, make_provision, make_question, make_section

INSTRUMENT = {
    "slug": "ai-act",
    "legal_force": "law",
    "jurisdiction": "eu",
    "stage": "adopted",
    "verification": "verified",
}
INSTRUMENT |= texts(title="AI Act", short_title="AI Act", issuer="EU", source="OJ")


def errors(response):
    return {name: [str(e) for e in found] for name, found in response.context["adminform"].form.errors.items()}


@pytest.mark.django_db
def test_instrument_and_provision_are_added(client):
    sign_in_editor(client)

    save(client, page("instrument_add"), in_force_from="2024-08-01", **INSTRUMENT)
    instrument = Instrument.objects.get()
    saved = texts(ref="Art. 5", statement="Do not scrape.", binds="Everyone")
    save(
        client,
        page("provision_add", instrument=instrument.pk),
        key="ai-act/5",
        verification="verified",
        **saved,
    )

    provision = Provision.objects.get()
    assert (instrument.slug, instrument.jurisdiction, instrument.title_zh_hans) == ("ai-act", "eu", "AI Act中文")
    assert (provision.instrument, provision.key, provision.ref_en) == (instrument, "ai-act/5", "Art. 5")


@pytest.mark.django_db
def test_dates_out_of_order_are_an_error_beside_the_field(client):
    sign_in_editor(client)

    response = save(
        client, page("instrument_add"), in_force_from="2025-01-01", in_force_until="2024-01-01", **INSTRUMENT
    )

    assert errors(response) == {"in_force_until": ["The last day in force is before the first."]}


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["instrument", "provision"])
def test_superseding_itself_is_an_error_beside_the_field(client, name):
    sign_in_editor(client)
    row = make_provision() if name == "provision" else make_instrument()

    response = save(client, page(f"{name}_change", row.pk), superseded_by=row.pk)

    assert errors(response) == {"superseded_by": ["It cannot supersede itself."]}


@pytest.mark.django_db
def test_key_of_another_instrument_is_an_error_beside_the_field(client):
    sign_in_editor(client)
    instrument = make_instrument("ai-act")

    response = save(
        client,
        page("provision_add", instrument=instrument.pk),
        key="csl-2025/5",
        verification="verified",
        **texts(ref="Art. 5", statement="Do not scrape.", binds="Everyone"),
    )

    assert errors(response) == {"key": ["Begin the key with “ai-act/”."]}


@pytest.mark.django_db
def test_slug_and_key_stay_and_the_files_are_mentioned(client):
    sign_in_editor(client)
    provision = make_provision()

    instrument_page = client.get(page("instrument_change", provision.instrument_id))
    provision_page = client.get(page("provision_change", provision.pk))

    assert "slug" not in instrument_page.context["adminform"].form.fields
    assert "key" not in provision_page.context["adminform"].form.fields
    for response in (instrument_page, provision_page):
        assert "follows them: when they are loaded again" in response.content.decode()
    assert page("provision_change", provision.pk) in instrument_page.content.decode()


@pytest.mark.django_db
def test_verification_is_listed_and_filtered(client):
    sign_in_editor(client)
    make_provision()
    withheld = make_provision(verification="withheld")

    response = client.get(page("provision_changelist"), {"verification__exact": "withheld"})

    assert list(response.context["cl"].result_list) == [withheld]
    assert '<td class="field-verification">Withheld</td>' in response.content.decode()


@pytest.mark.django_db
def test_jurisdiction_is_listed_and_filtered(client):
    sign_in_editor(client)
    make_instrument()
    abroad = make_instrument(jurisdiction="us-il")

    response = client.get(page("instrument_changelist"), {"jurisdiction__exact": "us-il"})

    assert list(response.context["cl"].result_list) == [abroad]
    assert '<td class="field-jurisdiction">Illinois</td>' in response.content.decode()


@pytest.mark.django_db
def test_normative_document_is_a_legal_force(client):
    sign_in_editor(client)

    save(client, page("instrument_add"), **INSTRUMENT | {"legal_force": "normative_document"})

    assert Instrument.objects.get().is_binding is True


@pytest.mark.django_db
def test_provision_that_a_duty_cites_cannot_be_deleted(client):
    sign_in_editor(client)
    provision = make_duty(make_draft()).provisions.get()

    client.post(page("provision_delete", provision.pk), {"post": "yes"})

    assert Provision.objects.filter(pk=provision.pk).exists() is True


@pytest.mark.django_db
def test_cited_provision_cannot_be_deleted(client):
    sign_in_editor(client)
    question = make_question(make_section(make_draft()))
    provision = question.provisions.get()

    client.post(page("provision_delete", provision.pk), {"post": "yes"})

    assert Provision.objects.filter(pk=provision.pk).exists() is True
