"""The addresses of a report's PDF: its download with all its headers, and the page that shows how far it is."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from questionnaires.models import Rendering, ReportFile
from questionnaires.reporting.files import ask_for
from tests.factories import keep_pdf, make_member, make_organisation, make_submitted, make_version
from tests.views.browsing import HTMX, address, query_count, read, start, text, texts, typed

pytestmark = pytest.mark.django_db
BODY = b"%PDF-1.7 " + bytes(range(91))


@pytest.fixture
def submitted(client):
    assessment = make_submitted(make_version(questions=2), level="no", name="Gate 1")
    client.force_login(assessment.created_by)
    return assessment


@pytest.fixture
def kept(submitted):
    return keep_pdf(submitted, content=BODY)


def pdf(client, assessment, language="en", **headers):
    return client.get(address("report-pdf", assessment, language), headers=headers)


def progress(client, assessment, language="en", **headers):
    return client.get(address("report-pdf-progress", assessment, language), headers=headers)


# --- the file -----------------------------------------------------------------------------------------------------


def test_kept_pdf_is_sent_whole_with_its_headers(client, submitted, kept):
    response = pdf(client, submitted)

    assert (response.status_code, response.getvalue()) == (200, BODY)
    expected = {
        "Content-Type": "application/pdf",
        "Content-Disposition": 'attachment; filename="frcheck-gate-1-r1-en.pdf"',
        "Content-Length": "100",
        "ETag": f'"{kept.sha256}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "private, no-cache",
    }
    assert {name: response[name] for name in expected} == expected


def test_head_says_the_same_without_the_body(client, submitted, kept):
    whole = pdf(client, submitted)

    head = client.head(address("report-pdf", submitted, "en"))

    assert (head.status_code, head.content, whole.getvalue()) == (200, b"", BODY)
    assert dict(head.headers) == dict(whole.headers)


def test_file_that_the_browser_has_is_not_sent_again(client, submitted, kept):
    response = pdf(client, submitted, if_none_match=f'"other", "{kept.sha256}"')

    assert (response.status_code, response.content, response["ETag"]) == (304, b"", f'"{kept.sha256}"')
    assert pdf(client, submitted, if_none_match='"other"').getvalue() == BODY
    assert pdf(client, submitted, if_match='"other"').status_code == 412


@pytest.mark.parametrize(
    ("asked", "part"),
    [
        ("bytes=0-9", range(0, 10)),
        ("bytes=90-", range(90, 100)),
        ("bytes=95-1000", range(95, 100)),
        ("bytes=-3", range(97, 100)),
        ("bytes=-1000", range(0, 100)),
    ],
)
def test_part_of_the_file_is_sent(client, submitted, kept, asked, part):
    response = pdf(client, submitted, range=asked, if_range=f'"{kept.sha256}"')

    assert (response.status_code, response.content) == (206, BODY[part.start : part.stop])
    assert response["Content-Range"] == f"bytes {part.start}-{part.stop - 1}/100"
    assert (response["Content-Length"], response["ETag"]) == (str(len(part)), f'"{kept.sha256}"')


@pytest.mark.parametrize("asked", ["bytes=100-", "bytes=1000-2000", "bytes=-0"])
def test_part_beyond_the_file_is_refused(client, submitted, kept, asked):
    response = pdf(client, submitted, range=asked)

    assert (response.status_code, response["Content-Range"], response.content) == (416, "bytes */100", b"")


@pytest.mark.parametrize("asked", ["bytes=", "bytes=-", "bytes=9-3", "bytes=0-1,5-6", "lines=0-1", "bytes=١-٢"])
def test_range_that_is_not_understood_gives_the_whole_file(client, submitted, kept, asked):
    response = client.get(address("report-pdf", submitted, "en"), HTTP_RANGE=asked)

    assert (response.status_code, response.getvalue()) == (200, BODY)


def test_part_of_another_file_is_not_mixed_in(client, submitted, kept):
    response = pdf(client, submitted, range="bytes=0-9", if_range='"other"')

    assert (response.status_code, response.getvalue()) == (200, BODY)


def test_viewer_downloads_the_pdf(client, submitted, kept):
    client.force_login(make_member(submitted.organisation))

    assert pdf(client, submitted).getvalue() == BODY


def test_stranger_gets_no_pdf_even_where_one_is_kept(client, submitted, kept):
    client.force_login(make_organisation("Other").members.get())

    responses = [pdf(client, submitted), progress(client, submitted)]

    assert [(r.status_code, b"%PDF-" in r.content, "Gate 1" in r.content.decode()) for r in responses] == [
        (404, False, False)
    ] * 2


@pytest.mark.parametrize("language", ["de", "EN", "%00", "en.pdf%2F..%2F.."])
def test_pdf_in_an_unknown_language_is_not_found(client, submitted, language):
    url = address("report-pdf", submitted, "en").replace("en.pdf", f"{language}.pdf")

    response = client.get(url)

    assert (response.status_code, Rendering.objects.count()) == (404, 0)


def test_open_assessment_has_no_pdf_although_its_predecessor_has(client, submitted, kept):
    revision = submitted.reopen(by=submitted.created_by)

    statuses = [pdf(client, revision).status_code, progress(client, revision).status_code]

    assert (statuses, Rendering.objects.count()) == ([404, 404], 0)


def test_file_that_is_missing_from_the_storage_is_made_again(client, submitted, kept):
    Path(kept.file.path).unlink()

    response = pdf(client, submitted)

    kept.refresh_from_db()
    assert response.url == address("report-pdf-progress", submitted, "en")
    assert kept.lost_at is not None
    progress(client, submitted)
    assert Rendering.objects.get().language == "en"


def test_download_costs_three_queries_beside_the_session_whatever_else_there_is(client, submitted, kept):
    assert query_count(lambda: pdf(client, submitted).getvalue()) == 3
    for language in ("zh-hans", "both"):
        keep_pdf(submitted, language)
    make_submitted(submitted.version, organisation=submitted.organisation)

    assert query_count(lambda: pdf(client, submitted).getvalue()) == 3


# --- how far it is ------------------------------------------------------------------------------------------------


def test_pdf_that_is_not_there_yet_is_asked_for_once_and_shown_as_waiting(client, submitted):
    assert pdf(client, submitted, "both").url == address("report-pdf-progress", submitted, "both")
    assert Rendering.objects.count() == 0  # a link checker that follows no redirect causes nothing

    pages = [read(progress(client, submitted, "both")) for _ in range(2)]

    assert text(pages[1].select_one("[aria-current=step]")).startswith("Waiting for its turn")
    assert pages[1].select_one("#preparing")["hx-get"] == address("report-pdf-progress", submitted, "both")
    assert pages[1].select("noscript meta")[0]["content"] == "4"
    assert (Rendering.objects.get().language, DBTaskResult.objects.count()) == ("both", 1)


def test_page_follows_the_rendering_to_the_download(client, submitted):
    progress(client, submitted)
    rendering = Rendering.objects.get()
    rendering.take()
    under_way = read(progress(client, submitted, **HTMX))
    rendering.finish()
    keep_pdf(submitted)

    ready = read(progress(client, submitted, **HTMX))

    assert [text(step)[:20] for step in under_way.select("[aria-current=step]")] == ["Laying out the pages"]
    assert (under_way.select("main"), under_way.select_one("#preparing").has_attr("hx-get")) == ([], True)
    assert [a["href"] for a in ready.select("a")] == [address("report-pdf", submitted, "en")]
    assert (ready.select_one("#preparing").has_attr("hx-get"), ready.select("meta")) == (False, [])


def test_failure_is_told_and_can_be_tried_again(client, submitted):
    progress(client, submitted)
    Rendering.objects.update(failure="memory", attempts=3)

    page = read(progress(client, submitted))

    assert texts(page, ".message-error") == ["The PDF could not be made. It needed too much memory."]
    assert (page.select("noscript meta"), page.select_one("#preparing").has_attr("hx-get")) == ([], False)
    form = page.select_one("main form")
    assert client.post(form["action"]).url == address("report-pdf-progress", submitted, "en")
    assert (Rendering.objects.get().failure, DBTaskResult.objects.count()) == ("", 2)
    client.post(form["action"])
    assert DBTaskResult.objects.count() == 2


def test_rendering_of_a_worker_that_died_is_taken_up_by_looking(client, submitted):
    progress(client, submitted)
    Rendering.objects.get().take()
    Rendering.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))

    progress(client, submitted)

    assert (Rendering.objects.get().claim, DBTaskResult.objects.count()) == (None, 2)


@pytest.mark.parametrize("is_kept", [False, True])
def test_progress_costs_the_same_with_more_reports(client, submitted, is_kept):
    counts = []
    for _ in range(2):
        other = make_submitted(submitted.version, organisation=submitted.organisation)
        ask_for(other.report, "en")
        if is_kept:
            keep_pdf(other)
            Rendering.objects.all().delete()
        counts.append(query_count(lambda a=other: progress(client, a)))

    assert counts[0] == counts[1] <= 6


def test_submitting_asks_for_the_pdf_in_the_language_of_the_page(client):
    assessment = start(client, make_version(questions=1))
    client.cookies["django_language"] = "zh-hans"
    client.post(
        reverse("questionnaires:assessment-section", args=[assessment.uuid, "first"]), typed(assessment, level="no")
    )

    client.post(address("assessment-submit", assessment), {"accept_unanswered": "on"})

    rendering = Rendering.objects.get()
    assert (rendering.report.assessment, rendering.language) == (assessment, "zh-hans")
    assert (DBTaskResult.objects.count(), ReportFile.objects.count()) == (1, 0)
