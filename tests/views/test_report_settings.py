"""How an organisation's reports look: who may say so, what is refused, and what a report keeps of it."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image, ImageFile

from frcheck.accounts.models import Membership
from questionnaires.models import Logo, OptionalPart, ReportSettings
from questionnaires.models.report_settings import logo_bytes
from tests import factories as f
from tests.views.browsing import address, query_count, read, text, texts

pytestmark = pytest.mark.django_db
ALL_PARTS = list(OptionalPart.values)


def image(kind="PNG", size=(300, 100), mode="RGB", **options):
    written = BytesIO()
    Image.new(mode, size, "navy" if mode != "1" else 0).save(written, kind, **options)
    return written.getvalue()


def url(organisation):
    return reverse("report-settings", args=[organisation.uuid])


def typed(**changes):
    return {
        "cover_text_en": "",
        "cover_text_zh_hans": "",
        "confidentiality": "confidential",
        "parts": ALL_PARTS,
    } | changes


def upload(content, name="logo.png"):
    return SimpleUploadedFile(name, content, content_type="image/png")


@pytest.fixture
def organisation(client):
    organisation = f.make_organisation()
    client.force_login(organisation.members.get())
    return organisation


# --- who --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["get", "post"])
@pytest.mark.parametrize("role", ["respondent", "reviewer", "viewer", None])
def test_settings_are_for_owners_and_managers_only(client, organisation, role, method):
    user = f.make_member(organisation, role) if role else f.make_organisation("Other").members.get()
    client.force_login(user)

    response = getattr(client, method)(url(organisation), typed(cover_text_en="Mine"))

    assert (response.status_code, ReportSettings.objects.count()) == (404, 0)
    assert url(organisation) not in client.get(reverse("questionnaires:assessment-list")).content.decode()


def test_manager_finds_the_settings_from_the_list(client, organisation):
    client.force_login(f.make_member(organisation, Membership.Role.MANAGER))

    page = read(client.get(reverse("questionnaires:assessment-list")))

    assert page.select_one(f'main a[href="{url(organisation)}"]') is not None


def test_signed_out_person_is_asked_to_sign_in(client):
    response = client.get(url(f.make_organisation()))

    assert (response.status_code, reverse("account_login") in response["Location"]) == (302, True)


# --- what -------------------------------------------------------------------------------------------------------------


def test_settings_are_stored_shown_and_frozen_with_the_next_report(client, organisation):
    earlier = f.make_submitted(organisation=organisation)
    data = typed(
        cover_text_en="For the board & <b>nobody</b> else",
        cover_text_zh_hans="仅供董事会",
        confidentiality="strict",
        parts=[part for part in ALL_PARTS if part != "answers"],
        new_logo=upload(image("JPEG")),
    )

    page = read(client.post(url(organisation), data, follow=True))

    stored = ReportSettings.objects.get()
    assert (stored.left_out, stored.changed_by) == (["answers"], organisation.members.get())
    assert "For the board & <b>nobody</b> else" in text(page.select_one(".cover-preview"))
    assert "Strictly confidential" in text(page.select_one(".cover-preview"))
    assert "Left out: Answers" in text(page)
    later = f.make_submitted(organisation=organisation)
    assert later.report.content["settings"] == {
        "logo": {"digest": stored.logo.digest, "width": 300, "height": 100},
        "cover_text": {"en": data["cover_text_en"], "zh": "仅供董事会"},
        "confidentiality": "strict",
        "left_out": ["answers"],
    }
    assert earlier.report.content["settings"] == {
        "logo": None,
        "cover_text": {"en": "", "zh": ""},
        "confidentiality": "confidential",
        "left_out": [],
    }


def test_part_left_out_is_named_and_nothing_leads_to_it(client, organisation):
    ReportSettings.objects.create(organisation=organisation, left_out=ALL_PARTS)
    assessment = f.make_submitted(organisation=organisation, level="no")

    page = read(client.get(address("assessment-report", assessment)))

    article = page.select_one("article.report")
    shown = [section["id"] for section in article.select("section.part")]
    assert shown == ["summary", "register", "results", "method"]
    assert "Left out by the organisation's settings: Duty calendar, Coming up, Answers" in text(article)
    targets = {a["href"][1:] for a in article.select('a[href^="#"]')}
    assert targets - {element["id"] for element in article.select("[id]")} == set()
    assert len(article.select("#summary .first li")) == 3  # binding gaps cannot be left out


def test_settings_page_costs_the_same_with_other_organisations(client, organisation):
    first = query_count(lambda: client.get(url(organisation)))
    for _number in range(3):
        ReportSettings.objects.create(organisation=f.make_organisation())

    assert query_count(lambda: client.get(url(organisation))) == first


# --- logos ------------------------------------------------------------------------------------------------------------

SVG = b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'


@pytest.fixture(params=[False, True], ids=["alone", "with WeasyPrint"])
def _pillow_as_in(request, monkeypatch):
    """Once WeasyPrint is imported, Pillow opens what is cut off."""
    monkeypatch.setattr(ImageFile, "LOAD_TRUNCATED_IMAGES", request.param)


@pytest.mark.usefixtures("_pillow_as_in")
@pytest.mark.parametrize(
    ("content", "says"),
    [
        pytest.param(image(size=(10_000, 10_000), mode="1"), "too many pixels", id="100 megapixels"),
        pytest.param(image(size=(14_000, 14_000), mode="1"), "too many pixels", id="196 megapixels"),
        pytest.param(image(size=(5_001, 5_000), mode="1"), "too many pixels", id="25 megapixels"),
        pytest.param(SVG, "An SVG can carry scripts", id="svg"),
        pytest.param(b"\x89PNG\r\n\x1a\n" + b"\0" * (2 * 1024 * 1024), "more than 2 MB", id="heavy"),
        pytest.param(image()[:-30], "cannot be read", id="PNG cut off"),
        pytest.param(image("JPEG")[:-30], "cannot be read", id="JPEG cut off"),
        pytest.param(image("WEBP")[:-30], "cannot be read", id="WebP cut off"),
        pytest.param(image("GIF"), "cannot be read", id="gif"),
        pytest.param(b"MZ\x90 no picture", "cannot be read", id="other"),
    ],
)
def test_unusable_logo_is_refused_and_what_was_typed_stays(client, organisation, content, says):
    data = typed(cover_text_en="Kept words", confidentiality="internal", parts=["facts"], new_logo=upload(content))

    page = read(client.post(url(organisation), data))

    (error,) = texts(page, ".invalid-feedback")
    assert says in error
    assert page.select_one("[name=cover_text_en]").get_text().strip() == "Kept words"
    assert page.select_one("[name=confidentiality] option[selected]")["value"] == "internal"
    assert [box["value"] for box in page.select("[name=parts][checked]")] == ["facts"]
    assert (ReportSettings.objects.count(), Logo.objects.count()) == (0, 0)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_logo_is_kept_as_a_png_of_our_own(client, organisation, kind):
    exif = Image.Exif()
    exif[0x010E] = "secret"
    content = image(kind, (3000, 1000), exif=exif)

    for _again in range(2):
        client.post(url(organisation), typed(new_logo=upload(content)))

    logo = Logo.objects.get()
    assert ReportSettings.objects.get().logo == logo
    with Image.open(BytesIO(logo_bytes(logo.digest))) as kept:
        assert (kept.format, kept.size, kept.info.get("exif")) == ("PNG", (1200, 400), None)
    assert (logo.width, logo.height) == (1200, 400)


def test_logo_can_be_taken_away_again(client, organisation):
    client.post(url(organisation), typed(new_logo=upload(image())))
    assessment = f.make_submitted(organisation=organisation)

    client.post(url(organisation), typed(no_logo="on"))

    assert ReportSettings.objects.get().logo is None
    digest = assessment.report.content["settings"]["logo"]["digest"]
    response = client.get(address("report-logo", assessment, digest))
    assert (response["Content-Type"], response.content) == ("image/png", logo_bytes(digest))


def test_logo_of_a_report_is_for_those_who_see_the_report(client, organisation):
    client.post(url(organisation), typed(new_logo=upload(image())))
    assessment = f.make_submitted(organisation=organisation)
    page = read(client.get(address("assessment-report", assessment)))
    logo = address("assessment-report", assessment) + page.select_one(".house-logo img")["src"]
    assert client.get(logo).status_code == 200
    assert client.get(address("report-logo", assessment, "0" * 64)).status_code == 404

    client.force_login(f.make_organisation("Other").members.get())

    assert (client.get(logo).status_code, client.get(url(organisation) + "logo.png").status_code) == (404, 404)


def test_cover_text_that_is_too_long_is_refused(client, organisation):
    page = read(client.post(url(organisation), typed(cover_text_en="x" * 601)))

    assert "601" in " ".join(texts(page, ".invalid-feedback"))
    assert page.select_one("[name=cover_text_en]").get_text().strip() == "x" * 601
    assert ReportSettings.objects.count() == 0
