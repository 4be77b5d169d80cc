"""A report's PDF signed with the installation's certificate, judged by pyHanko's validator, whole and altered."""

from datetime import UTC, datetime, timedelta
from io import BytesIO, StringIO

import pdfua
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, pkcs12
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from pyhanko.keys import load_cert_from_pemder
from pyhanko.pdf_utils.generic import pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from questionnaires.checks import certificate_can_sign
from questionnaires.models import Rendering
from questionnaires.reporting.embedding import data_of
from questionnaires.reporting.files import ask_for
from questionnaires.reporting.signing import signatures, signed
from tests.factories import make_submitted, make_version
from tests.tasks import work_off
from tests.views.test_verifying import small_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.once]
PASSWORD = "opens it"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """Paths of a PKCS#12 file and of its certificate, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "Lantern reports")])
    now = datetime.now(UTC)
    usage = dict.fromkeys(
        ["key_encipherment", "data_encipherment", "key_agreement", "key_cert_sign", "crl_sign", "encipher_only"], False
    )
    made = (
        x509.CertificateBuilder(subject_name=name, issuer_name=name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(
            x509.KeyUsage(digital_signature=True, content_commitment=True, decipher_only=False, **usage), critical=True
        )
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("certificate")
    locked = BestAvailableEncryption(PASSWORD.encode())
    (folder / "own.p12").write_bytes(pkcs12.serialize_key_and_certificates(b"own", key, made, None, locked))
    (folder / "own.pem").write_bytes(made.public_bytes(Encoding.PEM))
    return folder / "own.p12", folder / "own.pem"


@pytest.fixture
def _signing(settings, certificate):
    settings.SIGNING_PKCS12, settings.SIGNING_PASSWORD = str(certificate[0]), PASSWORD


@pytest.fixture
def report():
    return make_submitted(make_version(questions=1)).report


def judged(pdf, certificate):
    """What pyHanko's validator says, for which the certificate is one to trust."""
    trusted = ValidationContext(trust_roots=[load_cert_from_pemder(str(certificate[1]))], allow_fetching=False)
    (embedded,) = PdfFileReader(BytesIO(pdf)).embedded_signatures
    return embedded, validate_pdf_signature(embedded, trusted)


@pytest.fixture
def made(report, certificate):
    return signed(small_pdf(report.payload.encode(), report.digest[:32]), str(certificate[0]), PASSWORD)


def test_signature_is_valid_and_covers_the_whole_file(report, made, certificate):
    embedded, status = judged(made, certificate)

    assert (status.bottom_line, status.intact, status.valid, status.trusted, status.docmdp_ok) == (True,) * 5
    assert (embedded.sig_object["/SubFilter"], status.coverage.name) == ("/ETSI.CAdES.detached", "ENTIRE_FILE")
    before = small_pdf(report.payload.encode(), report.digest[:32])
    assert (made[: len(before)], data_of(made)) == (before, report.payload.encode())


def test_changed_byte_breaks_the_signature(made, certificate):
    changed = bytearray(made)
    changed[made.index(b"stream") + 20] ^= 1

    _embedded, status = judged(bytes(changed), certificate)

    assert (status.bottom_line, status.intact) == (False, False)


def test_what_is_added_after_the_signature_breaks_it(made):
    writer, out = IncrementalPdfFileWriter(BytesIO(made)), BytesIO()
    writer.root["/Lang"] = pdf_string("zh")
    writer.update_root()
    writer.write(out)

    assert [signature.is_intact for signature in signatures(made)] == [True]
    assert [signature.is_intact for signature in signatures(out.getvalue())] == [False]
    with pytest.raises(ValueError, match="marker not found"):
        signatures(made[:3000])


def test_report_is_signed_kept_and_verified(client, report, certificate, _signing, tmp_path):
    ask_for(report, "en")
    work_off()

    with report.files.get().file.open("rb") as file:
        made = file.read()
    assert judged(made, certificate)[1].bottom_line
    (tmp_path / "x.pdf").write_bytes(made)
    assert [finding.message for finding in pdfua.validate(str(tmp_path / "x.pdf")).findings] == []
    out = StringIO()
    call_command("verify_report", str(tmp_path / "x.pdf"), stdout=out)
    assert "signature   ok: by Common Name: Lantern reports; nothing was changed since" in out.getvalue()
    page = client.post("/verify/", {"file": SimpleUploadedFile("x.pdf", made)}).content.decode()
    assert "byte for byte" in page


@pytest.mark.parametrize("wrong", [{"SIGNING_PASSWORD": "wrong"}, {"SIGNING_PKCS12": "/nowhere.p12"}])
def test_certificate_that_cannot_be_used_is_told_by_the_checks_and_gives_no_file(report, settings, _signing, wrong):
    assert certificate_can_sign(None) == []
    for name, value in wrong.items():
        setattr(settings, name, value)

    ask_for(report, "en")
    Rendering.objects.update(attempts=2)
    work_off()

    assert [error.id for error in certificate_can_sign(None)] == ["questionnaires.E003"]
    assert (Rendering.objects.get().failure, report.files.count()) == ("fault", 0)


def test_without_a_certificate_nothing_is_signed(settings):
    assert (settings.SIGNING_PKCS12, certificate_can_sign(None)) == ("", [])
