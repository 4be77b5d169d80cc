"""The public verify page: genuine, altered or unknown, and nothing else; whatever is dropped on it."""

import json
import zlib
from io import BytesIO

import pikepdf
import pytest
import weasyprint
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from questionnaires.models import Report
from questionnaires.reporting import inspecting
from questionnaires.reporting.embedding import FILE_NAME
from tests.factories import keep_pdf, make_submitted, make_version
from tests.views.browsing import query_count, read, texts

pytestmark = pytest.mark.django_db
URL = "/verify/"
ELSEWHERE = "0" * 64


@pytest.fixture(autouse=True)
def _nobody_asked_before():
    cache.clear()


@pytest.fixture
def report():
    assessment = make_submitted(make_version(questions=1), name="Secret gate", subject="Secret doors")
    return Report.objects.select_related("assessment__organisation").get(assessment=assessment)


def small_pdf(payload, identifier):
    """Data and identifier as a report's PDF has them, on one page."""
    html = weasyprint.HTML(string="<html lang=en><title>Report</title><h1>Report</h1><p>Score 100 %</p>" * 3)

    def complete(document):
        document.trailer.ID = pikepdf.Array([pikepdf.String(bytes.fromhex(identifier))] * 2)
        file = pikepdf.AttachedFileSpec(document, payload, filename=FILE_NAME)
        document.attachments[FILE_NAME] = file
        document.Root.AF = pikepdf.Array([file.obj])

    return rewritten(html.write_pdf(), complete, deterministic_id=True)


@pytest.fixture
def kept(report):
    content = small_pdf(report.payload.encode(), report.digest[:32])
    keep_pdf(report.assessment, content=content)
    return content


def check(client, *, file=None, code=None):
    data = {"file": SimpleUploadedFile("any name.bin", file)} if file is not None else {"code": code}
    response = client.post(URL, data)
    assert "Secret" not in response.content.decode()
    return response


def verdict(client, **asked):
    response = check(client, **asked)
    assert response.status_code == 200
    (heading,) = texts(read(response), ".finding h2")
    return heading.split(" ", 1)[1]


def flipped(content, at):
    changed = bytearray(content)
    changed[at] ^= 1
    return bytes(changed)


def rewritten(pdf, change=lambda document: None, **options):
    with pikepdf.Pdf.open(BytesIO(pdf)) as document:
        change(document)
        out = BytesIO()
        document.save(out, **options)
    return out.getvalue()


def test_page_needs_no_account_and_says_what_is_proved(client):
    page = read(client.get(URL))

    assert texts(page, "h1") == ["Verify a report"]
    assert len(page.select("dt")) == 4
    assert [form.get("action") for form in page.select("main form")] == [None, None]
    assert client.put(URL)["Allow"] == "GET, POST"


# --- files --------------------------------------------------------------------------------------------------------


def test_file_as_it_was_made_is_genuine(client, kept, report):
    assert verdict(client, file=kept) == "Genuine"
    report.files.update(lost_at=report.created_at)
    assert verdict(client, file=kept) == "Genuine"


def test_file_with_any_byte_changed_is_altered(client, kept):
    verdicts = {at: verdict(client, file=flipped(kept, at)) for at in range(1100, len(kept), len(kept) // 9)}

    assert set(verdicts.values()) == {"Altered"}


def test_file_saved_anew_or_with_other_data_is_altered(client, kept, report):
    data = report.content
    data["result"]["overall"]["value"] = "1"

    made = [
        rewritten(kept),
        kept + b"\n",
        small_pdf(json.dumps(data).encode(), report.digest[:32]),
        small_pdf(json.dumps(data).encode(), ELSEWHERE[:32]),
        small_pdf(report.payload.encode(), ELSEWHERE[:32]),
    ]

    assert [verdict(client, file=content) for content in made] == ["Altered"] * 5


def test_file_that_claims_nothing_is_unknown(client, kept):
    other = small_pdf(b'{"format": "something else"}', ELSEWHERE[:32])

    for content in [other, b"%PDF-1.7", b"%PDF-1.7\n" + b"\xff" * 5000, b"", b"\x00\x01", b"PK\x03\x04", kept[:600]]:
        assert verdict(client, file=content) == "Unknown"


def test_data_are_genuine_in_whatever_notation_and_altered_with_another_value(client, report):
    data = report.content
    reordered = json.dumps(dict(reversed(data.items())), indent=2)
    data["result"]["overall"]["value"] = "0.5"
    doubled = report.payload.replace('"format":', '"format":"x","format":', 1)

    assert verdict(client, file=report.payload.encode()) == "Genuine"
    assert verdict(client, file=reordered.encode()) == "Genuine"
    assert verdict(client, file=json.dumps(data).encode()) == "Altered"
    assert verdict(client, file=doubled.encode()) == "Unknown"
    for other in ["{}", "[]", "null", '{"format": "frcheck-report"}', '{"format": "frcheck-report", "assessment": 1}']:
        assert verdict(client, file=other.encode()) == "Unknown"


def unfolding(report):
    """A PDF of a few hundred kilobytes whose attachment unfolds to more than is read of it."""

    def bomb(document):
        zeros, folder = bytes(2**24), zlib.compressobj(1)
        folded = b"".join(folder.compress(zeros) for _ in range(8)) + folder.flush()
        document.Root.AF[0].EF.F.write(folded, filter=pikepdf.Name.FlateDecode)

    return rewritten(small_pdf(report.payload.encode(), report.digest[:32]), bomb)


def test_bombs_end_in_a_verdict(client, report, kept):
    nested = b'{"format": "frcheck-report", "x": ' + b"[" * 500_000

    assert verdict(client, file=unfolding(report)) == "Altered"
    assert verdict(client, file=nested) == "Unknown"


def test_file_that_takes_too_long_to_read_is_judged_by_what_is_written_in_it(client, kept, monkeypatch):
    monkeypatch.setattr(inspecting, "SECONDS", 0.05)

    assert verdict(client, file=flipped(kept, 1500)) == "Altered"
    assert verdict(client, file=b"%PDF-1.7\n") == "Unknown"


def test_file_that_is_too_large_is_refused_before_it_is_read(client):
    response = client.post(URL, {"code": "x"}, headers={"content-length": str(21 * 2**20)})

    assert response.status_code == 413
    assert texts(read(response), ".message-error") == ["The file is larger than 20 MB: no report is."]


# --- codes --------------------------------------------------------------------------------------------------------


def fullwidth(text):
    """As a Chinese keyboard may write it."""
    return "".join(chr(ord(letter) + 0xFEE0) for letter in text)


def test_code_and_digest_say_that_a_report_exists(client, report):
    code = report.digest[:12]

    for typed in [
        code,
        f" {code[:4]} {code[4:8]} {code[8:]}\t",
        code.upper(),
        f"{code[:4]}-{code[4:8]}-{code[8:]}",
        fullwidth(code),
    ]:
        assert verdict(client, code=typed) == "A report with this code exists"
    assert verdict(client, code=report.digest) == "A report with this digest exists"
    for typed in [flipped(code.encode(), 3).hex()[:12], report.digest[1:13], ELSEWHERE, "f" * 12]:
        assert verdict(client, code=typed) == "Unknown"


@pytest.mark.parametrize("typed", ["abc", "x" * 12, "0" * 13, "0" * 63, "' OR 1=1 --12", "%" * 12])
def test_code_that_can_be_none_is_refused_with_what_was_typed(client, typed):
    response = check(client, code=typed)

    page = read(response)
    assert response.status_code == 422
    assert page.select_one("#id_code")["value"] == typed
    assert len(page.select("#code-error")) == 1


def test_nothing_and_both_are_refused(client, report):
    nothing = client.post(URL, {})
    both = client.post(URL, {"file": SimpleUploadedFile("a.json", b"{}"), "code": report.digest})

    told = ["Choose a file or enter a code: one of the two."]
    assert (nothing.status_code, both.status_code) == (422, 422)
    assert [texts(read(response), ".message-error") for response in (nothing, both)] == [told, told]


# --- limits -------------------------------------------------------------------------------------------------------


def test_asking_too_often_is_refused_for_a_while(client, settings, report):
    settings.ACCOUNT_RATE_LIMITS = {"verify_report": "3/m/ip"}
    statuses = [check(client, code=report.digest).status_code for _ in range(4)]

    assert statuses == [200, 200, 200, 429]
    assert texts(read(check(client, code=report.digest)), ".message-error")[0].startswith("Too many files")
    assert client.get(URL).status_code == 200


def test_cost_does_not_grow_with_the_reports(client, report, kept):
    def cost():
        return [
            query_count(lambda asked=asked: check(client, **asked)) for asked in ({"file": kept}, {"code": "0" * 12})
        ]

    before = cost()
    keep_pdf(make_submitted(report.assessment.version))

    assert cost() == before == [1, 1]


def test_footer_leads_here(client):
    assert reverse("verify") == URL
    assert URL in [a["href"] for a in read(client.get("/")).select("footer a")]
