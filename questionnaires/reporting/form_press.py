"""Prints one document by WeasyPrint in a process of its own, away from the press of reports, which takes parts of
WeasyPrint over while it works: `python -m questionnaires.reporting.form_press STYLESHEET IDENTIFIER < HTML > PDF`.

Whoever starts it tells fontconfig of the fonts. No Django.
"""

import gc
import sys
from pathlib import Path

import pydyf
import weasyprint
from weasyprint.pdf import tags
from weasyprint.urls import URLFetcher

from questionnaires.reporting.quickening import quickened


class NothingElse(URLFetcher):
    def fetch(self, url, headers=None):
        raise ValueError(f"A form may not load {url}")


def _with_language(build_box_tree):
    """WeasyPrint 70 drops the lang attribute of everything but the root: put it on the structure element."""

    def build(box, *arguments):
        box = getattr(box, "_box", box)  # the placeholder of an absolutely positioned box
        is_own = box.element is not None and box.element_tag == box.element.tag
        lang = box.element.get("lang") if is_own and box.element_tag not in ("html", "body") else None
        for element in build_box_tree(box, *arguments):
            if lang and "Lang" not in element:
                element["Lang"] = pydyf.String(lang)
            yield element

    return build


def main(stylesheet: str, identifier: str) -> None:
    gc.disable()  # the process ends with the document
    tags._build_box_tree = _with_language(tags._build_box_tree)
    with quickened():
        document = weasyprint.HTML(string=sys.stdin.buffer.read().decode(), url_fetcher=NothingElse())
        style = weasyprint.CSS(filename=Path(stylesheet), url_fetcher=NothingElse())
        identity = bytes.fromhex(identifier)
        sys.stdout.buffer.write(
            document.write_pdf(stylesheets=[style], pdf_variant="pdf/ua-1", pdf_identifier=identity)
        )


if __name__ == "__main__":
    main(*sys.argv[1:])
