"""A version as an XLSX workbook to edit in Excel or LibreOffice; `uploads.py` reads it back.

Each sheet has the names of its columns in a hidden first row, their labels below, then one row per part. A hidden
sheet keeps what was exported: from that an upload tells what was edited. Every cell is text, never a formula.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from io import BytesIO
from typing import NamedTuple

from django.utils.translation import get_language
from django.utils.translation import gettext as _
from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.styles import Alignment, Border, Font, PatternFill, Protection, Side
from openpyxl.styles.cell_style import StyleArray
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from questionnaires.content import Version
from questionnaires.diffing import Part
from questionnaires.exporting import version_content
from questionnaires.importing import digest
from questionnaires.models import (
    AnswerLevel,
    AnswerScale,
    Contradiction,
    Duty,
    Fact,
    FactChoice,
    Provision,
    Question,
    QuestionSet,
    Section,
)
from questionnaires.models import Version as VersionRow
from questionnaires.tables import TABLES, Column, Rows, Shape, rows_of

FORMAT = "1"  # rises when an older workbook cannot be read any more
READ_ME, CITATIONS, PROVISIONS, ORIGINAL = "Read me", "Citations", "Provisions", "Original"
SHEETS: Mapping[Part, str] = {
    Part.VERSION: "Version",
    Part.SECTION: "Sections",
    Part.QUESTION: "Questions",
    Part.SCALE: "Scales",
    Part.LEVEL: "Levels",
    Part.FACT: "Facts",
    Part.CHOICE: "Choices",
    Part.DUTY: "Duties",
    Part.CONTRADICTION: "Contradictions",
}
CITATION_COLUMNS = ("question", "provision")
FIRST_ROW = 3  # below the names and the labels of the columns
SPARE_ROWS = 15  # empty ones at the end of a sheet, for what is added

_MODELS = {
    Part.VERSION: QuestionSet,
    Part.SECTION: Section,
    Part.QUESTION: Question,
    Part.SCALE: AnswerScale,
    Part.LEVEL: AnswerLevel,
    Part.FACT: Fact,
    Part.CHOICE: FactChoice,
    Part.DUTY: Duty,
    Part.CONTRADICTION: Contradiction,
}
_BOLD = Font(name="Calibri", size=11, bold=True)
_HEAD_FONT = Font(name="Calibri", size=11, bold=True, color="FFFFFF")
_HEAD = PatternFill("solid", fgColor="1F3A5F")
_TINT = PatternFill("solid", fgColor="E7ECF2")
_LINE = Side(style="thin", color="D0D7DE")
_BORDER = Border(bottom=_LINE, right=_LINE)
_WRAP = Alignment(wrap_text=True, vertical="top")
# Excel's own way to write a character that XML cannot hold; a text that looks like one is written so itself.
_ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
_NOT_XML = re.compile(r"[\ufffe\uffff]")


class _Looks(NamedTuple):
    width: int
    is_locked: bool


def version_workbook(version: VersionRow) -> bytes:
    """The workbook of a version, labelled in the language in use; one query more than exporting.version_content."""
    return written(version_content(version), _provisions(version.question_set.organisation_id))


def written(version: Version, provisions: "list[tuple[str, ...]]") -> bytes:
    """`provisions` are key, instrument, reference and statement of all that may be cited, for whoever edits."""
    book, rows = _Book(), rows_of(version)
    _write_read_me(book.active, version)
    for part, title in SHEETS.items():
        _write_part(book.create_sheet(title), part, rows)
        if part is Part.QUESTION:
            _write_citations(book.create_sheet(CITATIONS), rows, provisions)
    _write_provisions(book.create_sheet(PROVISIONS), provisions)
    _write_original(book.create_sheet(ORIGINAL), version, rows)
    book.active = list(book.sheetnames).index(SHEETS[Part.QUESTION])
    for sheet in book:
        sheet.sheet_view.tabSelected = sheet.title == SHEETS[Part.QUESTION]
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def escaped(text: str) -> str:
    text = text.replace("_x", "_x005F_x")
    return _NOT_XML.sub(lambda match: f"_x{ord(match[0]):04X}_", text)


def unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda match: chr(int(match[1], 16)), text)


def label_of(part: Part, column: Column | str) -> str:
    """As a person calls it, with its language."""
    name, language = (column, "") if isinstance(column, str) else (column.field, column.language)
    if name == "order":
        return _("Order")
    if name == "citations":
        return _("Citations")
    model = VersionRow if name == "number" or name.startswith("weight_") else _MODELS[part]
    label = str(model._meta.get_field(name).verbose_name)
    label = label[:1].upper() + label[1:]
    return f"{label} ({'English' if language == 'en' else '中文'})" if language else label


def _provisions(organisation_id: int | None) -> "list[tuple[str, ...]]":
    suffix = "zh_hans" if get_language() == "zh-hans" else "en"
    columns = ("key", f"instrument__short_title_{suffix}", f"ref_{suffix}", f"statement_{suffix}")
    shown = (
        Provision.objects.citable_for(organisation_id)
        .shown()
        .order_by("instrument__slug", "position", "pk")
        .rewrite(False)
    )
    return [tuple(value or "" for value in row) for row in shown.values_list(*columns)]


# --- cells ---


class _Book(Workbook):
    """Remembers the look of each kind of cell: setting it anew takes longer than all the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.looks: dict[tuple[bool, bool], StyleArray] = {}


def _put(sheet: Worksheet, row: int, column: int, text: str, *, locked: bool = False) -> Cell:
    """A cell of text, whatever it begins with: typed as text, and shown as text when it is edited again."""
    cell = sheet.cell(row, column)
    if text:
        cell.value = escaped(text)
        cell.data_type = "s"
    kind = (locked, bool(text) and text[0] in "=+-@\t\r'")
    looks = sheet.parent.looks
    if kind not in looks:
        _dress(cell, *kind)
        looks[kind] = copy(cell._style)
    cell._style = copy(looks[kind])
    return cell


def _dress(cell: Cell, locked: bool, quoted: bool) -> None:
    cell.number_format, cell.quotePrefix = "@", quoted
    cell.alignment, cell.border = _WRAP, _BORDER
    cell.protection = Protection(locked=locked)
    if locked:
        cell.fill = _TINT


def _write_head(sheet: Worksheet, names: Iterable[str], labels: Iterable[str], widths: Iterable[int]) -> None:
    for at, (name, label, width) in enumerate(zip(names, labels, widths, strict=True), start=1):
        _put(sheet, 1, at, name, locked=True)
        cell = _put(sheet, 2, at, label, locked=True)
        cell.font, cell.fill = _HEAD_FONT, _HEAD
        sheet.column_dimensions[get_column_letter(at)].width = width
    sheet.row_dimensions[1].hidden = True
    sheet.print_title_rows = "2:2"
    _protect(sheet)


def _protect(sheet: Worksheet) -> None:
    """Without a password: keeps a slip of the hand from the keys, and nobody else. As wide as a page when printed."""
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.protection.sheet = True
    for allowed in ("formatColumns", "formatRows", "formatCells", "autoFilter", "sort"):
        setattr(sheet.protection, allowed, False)


def _looks(part: Part, column: Column) -> _Looks:
    match column:
        case Column(shape=Shape.LIST):
            return _Looks(30, False)
        case Column(name="ref" | "slug" | "number"):
            return _Looks(26, True)
        case Column(
            shape=Shape.TEXT, field="text" | "why" | "evidence" | "remediation" | "intro" | "description" | "help"
        ):
            return _Looks(55, False)
        case Column(shape=Shape.TEXT):
            return _Looks(32, False)
        case Column(name="applies_if" | "holds_if"):
            return _Looks(40, False)
    is_parent_of_refs = TABLES[part].has_own_refs and column.name == TABLES[part].parent
    return _Looks(22 if column.name == TABLES[part].parent or column.name == "scale" else 15, is_parent_of_refs)


# --- sheets ---


def _columns(part: Part) -> list[Column]:
    """Citations of questions have a sheet of their own."""
    return [c for c in TABLES[part].columns if not (part is Part.QUESTION and c.shape is Shape.LIST)]


def _write_part(sheet: Worksheet, part: Part, rows: Rows) -> None:
    columns = _columns(part)
    looks = [_looks(part, column) for column in columns]
    _write_head(sheet, [c.name for c in columns], [label_of(part, c) for c in columns], [look.width for look in looks])
    own = [row for key, row in rows.items() if key.part is part]
    for number, row in enumerate(own, start=FIRST_ROW):
        for at, (column, look) in enumerate(zip(columns, looks, strict=True), start=1):
            _put(sheet, number, at, row[column.name], locked=look.is_locked)
    if part is not Part.VERSION:
        for number in range(FIRST_ROW + len(own), FIRST_ROW + len(own) + SPARE_ROWS):
            for at in range(1, len(columns) + 1):
                _put(sheet, number, at, "")
    refs = [c.name for c in columns].index("ref") + 1 if part is not Part.VERSION else 2
    sheet.freeze_panes = sheet.cell(FIRST_ROW, refs + 1)
    last = FIRST_ROW + len(own) + SPARE_ROWS - 1
    for at, column in enumerate(columns, start=1):
        source = _source(part, column)
        if source:
            _offer(sheet, f"{get_column_letter(at)}{FIRST_ROW}:{get_column_letter(at)}{last}", source)


def _source(part: Part, column: Column) -> str:
    """The formula of what a cell may hold: a list, or the refs of another sheet."""
    if column.choices:
        return f'"{",".join(column.choices)}"'
    above = {"section": Part.SECTION, "scale": Part.SCALE, "fact": Part.FACT}.get(column.name)
    return f"{SHEETS[above]}!$A${FIRST_ROW}:$A$500" if above else ""


def _offer(sheet: Worksheet, cells: str, source: str) -> None:
    validation = DataValidation(type="list", formula1=source, allow_blank=True, showErrorMessage=True)
    validation.errorTitle, validation.error = _("Not one of the list"), _("Choose one of the list.")
    validation.add(cells)
    sheet.add_data_validation(validation)


def _write_citations(sheet: Worksheet, rows: Rows, provisions: "list[tuple[str, ...]]") -> None:
    labels = [_("Question"), _("Provision"), _("Instrument"), _("Reference"), _("Statement")]
    _write_head(sheet, [*CITATION_COLUMNS, "", "", ""], labels, [30, 34, 32, 22, 80])
    told = {key: rest for key, *rest in provisions}
    cited = [(key.ref, cite) for key, row in rows.items() if key.part is Part.QUESTION for cite in _lines(row)]
    for number, (ref, cite) in enumerate([*cited, *[("", "")] * SPARE_ROWS], start=FIRST_ROW):
        _put(sheet, number, 1, ref)
        _put(sheet, number, 2, cite)
        for at, text in enumerate(told.get(cite, ("", "", "")), start=3):
            _put(sheet, number, at, text, locked=True)
    last = FIRST_ROW + len(cited) + SPARE_ROWS - 1
    _offer(sheet, f"A{FIRST_ROW}:A{last}", f"{SHEETS[Part.QUESTION]}!$B${FIRST_ROW}:$B$1000")
    _offer(sheet, f"B{FIRST_ROW}:B{last}", f"{PROVISIONS}!$A${FIRST_ROW}:$A${FIRST_ROW + max(len(provisions), 1)}")
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 3)


def _lines(row: Mapping[str, str]) -> Iterator[str]:
    return (cite for cite in row["citations"].split("\n") if cite)


def _write_provisions(sheet: Worksheet, provisions: "list[tuple[str, ...]]") -> None:
    labels = [_("Provision"), _("Instrument"), _("Reference"), _("Statement")]
    _write_head(sheet, ["key", "instrument", "ref", "statement"], labels, [34, 32, 22, 80])
    for number, row in enumerate(provisions, start=FIRST_ROW):
        for at, text in enumerate(row, start=1):
            _put(sheet, number, at, text, locked=True)
    sheet.freeze_panes = sheet.cell(FIRST_ROW, 2)
    sheet.auto_filter.ref = f"A2:D{FIRST_ROW + len(provisions) - 1}" if provisions else None


def _write_original(sheet: Worksheet, version: Version, rows: Rows) -> None:
    """What was exported, a field a row, behind a first row that tells the format and whose it is."""
    sheet.append(["FRCheck", FORMAT, version.slug, str(version.number), digest(version)])
    for number, line in enumerate(_original_lines(rows), start=2):
        for at, text in enumerate(line, start=1):
            if text:
                cell = sheet.cell(number, at, escaped(text))
                cell.data_type = "s"
    sheet.sheet_state = "veryHidden"


def _original_lines(rows: Rows) -> Iterator[tuple[str, ...]]:
    return ((*key, column, value) for key, row in rows.items() for column, value in row.items())


def _write_read_me(sheet: Worksheet, version: Version) -> None:
    sheet.title = READ_ME
    sheet.column_dimensions["A"].width, sheet.column_dimensions["B"].width = 24, 100
    title = version.title.zh if get_language() == "zh-hans" else version.title.en
    facts = [
        (_("Question set"), f"{title} ({version.slug})"),
        (_("Version"), str(version.number)),
        (_("Digest"), digest(version)),
        (_("Format of the workbook"), FORMAT),
    ]
    for number, (name, value) in enumerate(facts, start=1):
        _put(sheet, number, 1, name, locked=True).font = _BOLD
        _put(sheet, number, 2, value, locked=True)
    for number, line in enumerate(_instructions(), start=len(facts) + 2):
        cell = _put(sheet, number, 1, line, locked=True)
        cell.fill, cell.border = PatternFill(), Border()
        sheet.merge_cells(start_row=number, end_row=number, start_column=1, end_column=2)
        sheet.row_dimensions[number].height = 15 * (1 + len(line.encode("gbk", "replace")) // 125)
    _protect(sheet)


def _instructions() -> list[str]:
    return [
        _("Edit the texts here, save the file as .xlsx and upload it on the page of the draft."),
        _("What you changed is then shown word by word, and only what you accept is taken over."),
        _("White cells are yours to edit; tinted ones are keys that tie a row to its part, and explanations."),
        _("A cell with a list takes one of its values. A new line within a cell is Alt+Enter."),
        _("To add something, write it into an empty row at the end of its sheet. Its ref is new, in lower case."),
        _("To remove rows or change their order, lift the sheet's protection (it has no password)."),
        _("A question cites the provisions in the sheet “Citations”. The sheet “Provisions” lists those there are."),
        _("Formulas are refused: what begins with = must be text."),
    ]
