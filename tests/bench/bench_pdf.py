"""P1 to P3: a report's PDF as a task makes it, against headless Chromium that prints the same HTML; larger; and again.

Ours is all from the frozen data to the file: the context, the templates, the parts in as many processes as there are
cores, the file linked. A worker that has made a report has the process for its next one ready; a row of its own says
what its first takes. Chromium is cold: a new process and a new profile, the HTML ready on disk with the same fonts and
the same style sheet. Memory is the resident size of all processes, at its highest.
"""

import copy
import json
import os
import shutil
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.bench.measure import heading, line
from tests.bench.scratch import IS_TINY, scratch_database

QUESTIONS, MANY = (4, 8) if IS_TINY else (200, 1000)
ROUNDS = 1 if IS_TINY else 3
INSTRUMENTS = 2 if IS_TINY else 12
TIME, MEMORY, SIZE = 1.0, 0.6, 0.5
GROWTH, MOST_MEMORY = MANY / QUESTIONS, 300
AGAIN, UNCHANGED = 0.25, 0.02
EVERY = 0.02  # seconds between two looks at the processes
READY_AFTER = 3 if not IS_TINY else 0  # seconds in which a process gets ready for its report
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
SENTENCE = "在采集人脸信息之前是否已告知本人采集的目的、方式和保存期限，并由谁保管特征模板，"


@dataclass(frozen=True)
class Cost:
    seconds: float
    processor: float  # seconds of all processes
    megabytes: float  # of all processes together
    largest: float  # of one process
    made: bytes


def run() -> None:
    heading("P1  PDF of a report, against Chromium printing the same HTML")
    content = frozen(QUESTIONS)
    with files() as folder:
        first_and_again(content, folder)
    heading("P2  a larger report")
    larger(content)
    heading("P3  the same report again, against making it whole")
    again(content)


# --- the rows ---------------------------------------------------------------------------------------------------------


def first_and_again(content: dict, folder: Path) -> None:
    page = folder / "report.html"
    page.write_text(html_for_browser(content), encoding="utf-8")
    ours, firsts, theirs = [], [], []
    for _ in range(ROUNDS):
        ours.append(measured_ready(content))
        theirs.append(measured(lambda: printed_by_chromium(page, folder)))
        firsts.append(measured(lambda: made(content)))
    pages = f"{QUESTIONS} items, {number_of_pages(ours[0].made)} pages"
    row(f"time, {pages}", seconds(ours), seconds(theirs), at_most=TIME, unit="s")
    row("time of a worker's first report", seconds(firsts), seconds(theirs), at_most=TIME, unit="s")
    row("processor time of all processes", processor(ours), processor(theirs), at_most=None, unit="s")
    row("memory of all processes", megabytes(ours), megabytes(theirs), at_most=MEMORY, unit="MB")
    row("file", len(ours[0].made) / 1000, len(theirs[0].made) / 1000, at_most=SIZE, unit="kB")


def larger(content: dict) -> None:
    small = [measured(lambda: made(content)) for _ in range(ROUNDS)]
    many = frozen(MANY)
    large = [measured(lambda: made(many)) for _ in range(1 if IS_TINY else 2)]
    pages = f"{MANY} against {QUESTIONS} items, {number_of_pages(large[0].made)} pages"
    row(f"time, {pages}", seconds(large), seconds(small), at_most=GROWTH, unit="s")
    row("processor time", processor(large), processor(small), at_most=None, unit="s")
    most = max(cost.largest for cost in large)
    name = f"memory of the largest process, {MANY} items"
    line(name, f"{most:.0f} MB", "-", ratio=None, target=f"<= {MOST_MEMORY} MB", is_met=most <= MOST_MEMORY)


def again(content: dict) -> None:
    whole, changed = [], []
    for number in range(ROUNDS):
        with parts_kept():
            whole.append(measured_ready(content))
            other = one_answer_changed(content, number)
            changed.append(measured_ready(other))
    row("one answer changed", seconds(changed), seconds(whole), at_most=AGAIN, unit="s")
    row("processor time", processor(changed), processor(whole), at_most=None, unit="s")
    row(
        "nothing changed: from the storage",
        seconds(kept(content, whole[0].made)),
        seconds(whole),
        at_most=UNCHANGED,
        unit="s",
    )


def row(name: str, ours: float, yardstick: float, *, at_most: float | None, unit: str) -> None:
    digits = 3 if unit == "s" else 0
    line(
        name,
        f"{ours:.{digits}f} {unit}",
        f"{yardstick:.{digits}f} {unit}",
        ratio=ours / yardstick,
        target=f"<= {at_most:g} x" if at_most else "-",
        is_met=ours / yardstick <= at_most if at_most else None,
    )


def seconds(costs: list[Cost]) -> float:
    return median(cost.seconds for cost in costs)


def processor(costs: list[Cost]) -> float:
    return median(cost.processor for cost in costs)


def megabytes(costs: list[Cost]) -> float:
    return median(cost.megabytes for cost in costs)


# --- what is measured -------------------------------------------------------------------------------------------------


def measured_ready(content: dict) -> Cost:
    """Of a worker that has made a report before."""
    from questionnaires.reporting import rendering

    if os.environ.get("PDF_PARTS_ROOT"):
        rendering.keep_ready()
        time.sleep(READY_AFTER)
        return measured(lambda: made(content))
    with parts_kept():
        return measured_ready(content)


def made(content: dict) -> bytes:
    from questionnaires.reporting.rendering import rendered

    payload = json.dumps(content, ensure_ascii=False)
    if os.environ.get("PDF_PARTS_ROOT"):
        return rendered(payload, language="both", digest=digest(payload))
    with parts_kept():
        return rendered(payload, language="both", digest=digest(payload))


def printed_by_chromium(page: Path, folder: Path) -> bytes:
    with tempfile.TemporaryDirectory(prefix="frcheck-profile-", ignore_cleanup_errors=True) as profile:
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        command += [f"--user-data-dir={profile}", "--allow-file-access-from-files"]
        target = folder / "chromium.pdf"
        target.unlink(missing_ok=True)
        subprocess.run([*command, f"--print-to-pdf={target}", page.as_uri()], check=True, capture_output=True)
        return target.read_bytes()


def kept(content: dict, pdf: bytes) -> list[Cost]:
    """What a download does when the report was made before: see that it is there, and read it."""
    from django.core.files.base import ContentFile
    from django.test import override_settings

    from questionnaires.models import Report, ReportFile
    from questionnaires.reporting.files import ask_for

    with files() as folder, override_settings(MEDIA_ROOT=folder):
        report = Report.objects.latest("pk")
        stored = ReportFile(report=report, language="both", sha256="0" * 64, size=len(pdf))
        stored.file.save("", ContentFile(pdf), save=False)
        stored.save(force_insert=True)

        def download() -> bytes:
            assert ask_for(report, "both") is None
            with report.files.kept().get(language="both").file.open() as file:
                return file.read()

        return [measured(download) for _ in range(ROUNDS)]


def measured(call: Callable[[], bytes]) -> Cost:
    peak = {"all": 0.0, "one": 0.0}
    ticks: dict[int, int] = {}
    is_over = threading.Event()

    def watch() -> None:
        while not is_over.wait(EVERY):
            processes = list(descendants(os.getpid()))
            ticks.update((process, used) for process in processes if (used := processor_ticks(process)))
            sizes = [resident(process) for process in processes]
            peak["all"] = max(peak["all"], sum(sizes))
            peak["one"] = max(peak["one"], max(sizes, default=0))

    watcher = threading.Thread(target=watch)
    watcher.start()
    began = time.perf_counter()
    try:
        result = call()
    finally:
        took = time.perf_counter() - began
        is_over.set()
        watcher.join()
    processor = sum(ticks.values()) / os.sysconf("SC_CLK_TCK")
    return Cost(took, processor, peak["all"], peak["one"], result)


def descendants(process: int) -> Iterator[int]:
    try:
        threads = list(Path(f"/proc/{process}/task").iterdir())
    except OSError:
        return  # it ended meanwhile
    for thread in threads:
        for child in map(int, _read(thread / "children").split()):
            yield child
            yield from descendants(child)


def resident(process: int) -> float:
    pages = _read(Path(f"/proc/{process}/statm")).split()
    return int(pages[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6 if len(pages) > 1 else 0


def processor_ticks(process: int) -> int:
    """Of the process alone, in user and system mode, as far as it was seen."""
    fields = _read(Path(f"/proc/{process}/stat")).rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12]) if len(fields) > 12 else 0


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except OSError:
        return ""  # it ended meanwhile


# --- the data ---------------------------------------------------------------------------------------------------------


def frozen(questions: int) -> dict:
    from tests.bench import data

    assessment = data.answered_assessment(data.version_of(questions, instruments=INSTRUMENTS))
    return in_chinese(assessment.submit(by=assessment.created_by).content)


def in_chinese(value):
    """Chinese is written in Chinese, in a third of the characters: the bench's data repeat the English."""
    match value:
        case {"en": str(english), "zh": str(chinese)} if chinese:
            length = max(2, len(english) // 3)
            return {**value, "zh": (SENTENCE * (length // len(SENTENCE) + 1))[:length]}
        case dict():
            return {key: in_chinese(entry) for key, entry in value.items()}
        case list():
            return [in_chinese(entry) for entry in value]
    return value


def one_answer_changed(content: dict, number: int) -> dict:
    """As a new revision: another number, another note."""
    changed = copy.deepcopy(content)
    changed["assessment"]["revision"] += 1 + number
    changed["sections"][0]["questions"][1]["answer"]["note"] = f"The notice was put up again ({number})."
    return changed


def digest(payload: str) -> str:
    import hashlib

    return hashlib.sha256(payload.encode()).hexdigest()


def html_for_browser(content: dict) -> str:
    """Front and body in one, with the fonts and the style sheet of print."""
    from django.template.loader import render_to_string

    from questionnaires.reporting import pdf
    from questionnaires.reporting.context import report_context

    context = report_context(content, language="both", digest="0" * 64)
    contents = [(entry, 10) for entry in context.contents]
    front = render_to_string("reports/print.html", {"report": context, "contents": contents})
    body = render_to_string("reports/_body.html", {"report": context})
    stylesheet, fonts = pdf._found(pdf.STYLESHEET), pdf._found(pdf.FONTS).parent
    faces = (fonts / "fonts-print.css").read_text().replace('url("', f'url("{fonts.as_uri()}/')
    head = f"<style>{faces}{stylesheet.read_text()}</style></head>"
    return front.replace("</head>", head).replace("</body>", f"{body}</body>")


def number_of_pages(pdf: bytes) -> int:
    import io

    from pypdf import PdfReader

    return len(PdfReader(io.BytesIO(pdf)).pages)


@contextmanager
def files() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="frcheck-bench-pdf-") as folder:
        yield Path(folder)


@contextmanager
def parts_kept() -> Iterator[None]:
    """A cache of parts of its own, empty at the start."""
    with files() as folder:
        os.environ["PDF_PARTS_ROOT"] = str(folder)
        try:
            yield
        finally:
            del os.environ["PDF_PARTS_ROOT"]


if __name__ == "__main__":
    with scratch_database():
        run()
