"""Pages of the two question sets' reports in every language mode, as contact sheets for docs.

Loads the library into a database of its own, answers both sets as the demo does, prints, and draws with pdftoppm.
"""

import os
import subprocess
import sys
import tempfile
from datetime import date
from io import BytesIO
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
SETS = ("article-2020", "frt-china")
COLUMNS, WIDTH, GAP = 4, 360, 8
COLOURS = 64  # pages have few, and the files stay small


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "frcheck.settings",
            "FRCHECK_DEV": "1",
            "DATABASE_URL": f"sqlite:///{folder}/pictures.sqlite3",
            "PDF_PARTS_ROOT": f"{folder}/parts",
        }
        sys.path.insert(0, str(ROOT))
        import django

        django.setup()
        for slug, content, digest in submitted():
            for language in ("en", "zh-hans", "both"):
                picture(slug, language, printed(content, language, digest))


def submitted():
    """Slug, frozen content and digest of a submitted assessment of each set."""
    from django.core.management import call_command

    from frcheck.accounts.models import Organisation, User
    from questionnaires.forms import cited_instruments
    from questionnaires.management.commands.create_demo import FACTS, RESPONDENT, Command
    from questionnaires.models import Assessment, Version

    call_command("migrate", verbosity=0)
    call_command("load_library", verbosity=0)
    call_command("create_demo", verbosity=0)
    demo, respondent = Command(), User.objects.get(email=RESPONDENT)
    organisation = Organisation.objects.get()
    for slug in SETS:
        version = Version.objects.published().filter(question_set__slug=slug).latest("number")
        assessment = Assessment.objects.create(
            version=version,
            organisation=organisation,
            created_by=respondent,
            name="Office turnstiles and lifts",
            subject="Turnstiles and lifts with face terminals at the Shanghai office",
            as_of=date(2026, 11, 1),
        )
        assessment.instruments.set(cited_instruments(version))
        for fact in assessment.outline.facts:
            if stated := {ref for ref, _label in fact.options}.intersection(FACTS.get(fact.ref, ["no"])):
                assessment.record_fact(fact, by=respondent, seen=0, values=stated)
        demo.answer(assessment, respondent, upto=None)
        report = assessment.submit(by=respondent)
        yield slug, report.content, report.digest


def printed(content, language: str, digest: str) -> bytes:
    from questionnaires.reporting.context import report_context
    from questionnaires.reporting.pdf import render_pdf

    return render_pdf(report_context(content, language=language, digest=digest))


def picture(slug: str, language: str, pdf: bytes) -> None:
    """One sheet of the pages that tell most."""
    from PIL import Image, ImageOps

    pages = [drawn(pdf, number) for number in telling_pages(pdf)]
    height = round(WIDTH * pages[0].height / pages[0].width)
    rows = -(-len(pages) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * (WIDTH + GAP) + GAP, rows * (height + GAP) + GAP), "#c9d0d4")
    for position, page in enumerate(pages):
        row, column = divmod(position, COLUMNS)
        fitted = ImageOps.fit(page, (WIDTH, height), Image.Resampling.LANCZOS)
        sheet.paste(fitted, (GAP + column * (WIDTH + GAP), GAP + row * (height + GAP)))
    path = IMAGES / f"report-{slug}-{language}.png"
    sheet.quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE).save(path, optimize=True)
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1000} kB, {len(pages)} pages of the PDF")


def telling_pages(pdf: bytes) -> list[int]:
    """Cover, contents, summary; register, figures and answers, and the page after: the bookmarks say where."""
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(pdf))
    chapters = [entry for entry in reader.outline if not isinstance(entry, list)]
    starts = {entry.title: reader.get_destination_page_number(entry) + 1 for entry in chapters}
    cover, contents, summary, register = list(starts.values())[:4]
    figures = next(start for title, start in starts.items() if title.startswith(("Results", "结果")))
    answers = next(start for title, start in starts.items() if title.startswith(("Answers", "回答")))
    return [cover, contents, summary, register, register + 1, figures, answers, answers + 1]


def drawn(pdf: bytes, number: int):
    from PIL import Image

    command = ["pdftoppm", "-png", "-r", "110", "-f", str(number), "-l", str(number), "-"]
    return Image.open(BytesIO(subprocess.run(command, input=pdf, capture_output=True, check=True).stdout)).convert(
        "RGB"
    )


if __name__ == "__main__":
    main()
