"""From asking for a PDF to having it verified, in a browser."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests import factories


@pytest.fixture
def submitted(respondent):
    organisation = respondent.organisations.get()
    version = factories.make_version(questions=1)
    return factories.make_submitted(version, organisation=organisation, by=respondent, name="Office turnstiles")


def verdict(page, live_server, path):
    """What the public page says of the file."""
    page.goto(f"{live_server.url}/verify/")
    page.get_by_label("The PDF, or its data as JSON").set_input_files(path)
    page.get_by_role("button", name="Check the file").click()
    return page.locator(".finding h2")


def test_pdf_is_asked_for_downloaded_and_verified(
    page, live_server, submitted, respondent, rendering, sign_in, violations, complaints, tmp_path
):
    sign_in(respondent)
    page.goto(f"{live_server.url}/assessments/{submitted.uuid}/report/")
    with page.expect_navigation() as navigation:
        page.get_by_role("link", name="Download PDF (English)", exact=True).click()
    assert "Waiting for its turn" in navigation.value.text()
    link = page.get_by_role("link", name="Download PDF (English)")
    expect(link).to_be_visible(timeout=180_000)
    assert violations() == []
    with page.expect_download() as download:
        link.click()
    original = tmp_path / download.value.suggested_filename
    download.value.save_as(original)
    content = original.read_bytes()
    altered, other = tmp_path / "altered.pdf", tmp_path / "other.pdf"
    altered.write_bytes(content[:2000] + bytes([content[2000] ^ 1]) + content[2001:])
    other.write_bytes(b"%PDF-1.7\n%%EOF\n")
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url(f"{live_server.url}/")

    assert (original.name, content[:5]) == ("frcheck-office-turnstiles-r1-en.pdf", b"%PDF-")
    expect(verdict(page, live_server, original)).to_have_text("✓ Genuine")
    assert violations() == []
    expect(verdict(page, live_server, altered)).to_have_text("✕ Altered")
    expect(verdict(page, live_server, other)).to_have_text("? Unknown")
    page.get_by_label("Code or digest").fill(submitted.report.digest[:12])
    page.get_by_role("button", name="Check the code").click()
    expect(page.locator(".finding h2")).to_have_text("○ A report with this code exists")
    assert Path(submitted.report.files.get().file.path).read_bytes() == content
    assert complaints == []
