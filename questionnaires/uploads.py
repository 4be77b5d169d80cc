"""Files that an editor uploads: YAML, or a workbook that `workbooks.py` made. Refused with every fault named.

A workbook is a ZIP archive of XML: its entries are counted and measured before one is opened, defusedxml refuses
entities, and formulas are refused, never evaluated.
"""

import warnings
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from io import BytesIO
from typing import Any
from xml.etree.ElementTree import ParseError

from defusedxml import DefusedXmlException
from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter

from questionnaires import reading, storability
from questionnaires.content import Problem, Version
from questionnaires.diffing import Part
from questionnaires.models import Provision
from questionnaires.tables import TABLES, Key, Line, Rows, version_of
from questionnaires.workbooks import CITATION_COLUMNS, CITATIONS, FIRST_ROW, FORMAT, ORIGINAL, SHEETS, unescaped

MAX_SIZE = 5_000_000  # bytes of a file
MAX_UNPACKED = 30_000_000  # bytes of a workbook's entries together
MAX_RATIO = 300  # of one entry; XML of long equal rows reaches 100
MAX_ENTRIES = 200
MAX_ROWS = 5_000  # of a sheet
MAX_COLUMNS = 60
MAX_ORIGINAL_ROWS = 200_000
MAX_FAULTS = 100  # shown of one file

# openpyxl has no error of its own for a damaged part.
_UNREADABLE = (
    *(
        ParseError,
        zipfile.BadZipFile,
        zlib.error,
        LookupError,
        ValueError,
        TypeError,
        AttributeError,
        OSError,
        EOFError,
    ),
    *(NotImplementedError, RecursionError),
)
_OLE = b"\xd0\xcf\x11\xe0"  # what Excel wraps a workbook with a password in, and files of before 2007


@dataclass(frozen=True, slots=True)
class Fault:
    """`where` is a line or a cell, empty for the whole file."""

    where: str
    message: str
    cure: str


class Refused(Exception):
    """The file cannot be taken; every fault that was found."""

    def __init__(self, faults: Iterable[Fault]):
        self.faults = tuple(faults)
        super().__init__("\n".join(f"{fault.where} {fault.message} {fault.cure}".strip() for fault in self.faults))


@dataclass(frozen=True, slots=True)
class Upload:
    """What a file says; `base` is what it was made from, None where it does not tell."""

    version: Version
    base: Rows | None


def read_upload(data: bytes, *, organisation_id: int | None) -> Upload:
    """Read a file by what it is, whatever its name says. Raises Refused.

    It may cite what a set of this organisation may, None: a set for everyone.
    """
    if len(data) > MAX_SIZE:
        raise _refusal(_("The file is over %(size)d MB.") % {"size": MAX_SIZE // 1_000_000}, _("Upload a smaller one."))
    if not data.strip():
        raise _refusal(_("The file is empty."), _("Export it again."))
    if data.startswith(_OLE):
        message = _("The file is protected by a password, or was saved in the format of before 2007.")
        raise _refusal(message, _("Save it as .xlsx without a password."))
    is_archive = data.startswith(b"PK")
    upload = read_workbook(data) if is_archive else _read_yaml(data)
    keys = set(Provision.objects.citable_for(organisation_id).values_list("key", flat=True))
    unstorable = storability.unstorable(upload.version, keys)
    if unstorable:
        raise Refused(_in_workbook(unstorable) if is_archive else _in_yaml(unstorable))
    return upload


def _refusal(message: str, cure: str, where: str = "") -> Refused:
    return Refused([Fault(where, message, cure)])


def _fault(where: str, problem: Problem) -> Fault:
    return Fault(where, problem.message.translated(_), problem.cure.translated(_))


# --- YAML ---


def _read_yaml(data: bytes) -> Upload:
    version, problems = reading.read_version(data, "", is_draft=True)
    if problems or version is None:
        raise Refused(_in_yaml(problems))
    return Upload(version, None)


def _in_yaml(problems: Iterable[Problem]) -> list[Fault]:
    in_order = sorted(problems, key=lambda problem: problem.place.line)
    return [_fault(_("line %(n)d") % {"n": p.place.line}, p) for p in in_order[:MAX_FAULTS]]


# --- the archive ---


def read_workbook(data: bytes) -> Upload:
    """What a workbook says, not yet held against the provisions. Raises Refused."""
    _refuse_unsafe_archive(data)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl warns of extensions it leaves out: colours, conditional formats
            book = load_workbook(BytesIO(data), read_only=True, keep_links=False)
            try:
                return _from_workbook(book)
            finally:
                book.close()
    except Refused:
        raise
    except _UNREADABLE as e:
        if any(isinstance(cause, DefusedXmlException) for cause in _causes(e)):
            cure = _("Export the workbook again and edit that.")
            raise _refusal(_("The file declares XML entities."), cure) from None
        raise _damaged() from None


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _damaged() -> Refused:
    return _refusal(_("The workbook is damaged."), _("Open it in Excel or LibreOffice and save it again, as .xlsx."))


def _refuse_unsafe_archive(data: bytes) -> None:
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, EOFError):
        raise _damaged() from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise _refusal(_("The file is no Excel workbook."), _("Save it as .xlsx: “Excel Workbook”."))
    if any(entry.flag_bits & 1 for entry in entries):
        raise _refusal(_("The file is protected by a password."), _("Save it as .xlsx without a password."))
    if any(name.endswith("vbaProject.bin") for name in names):
        raise _refusal(_("The workbook has macros."), _("Save it as .xlsx without macros."))
    packed_too_well = any(entry.file_size > MAX_RATIO * max(entry.compress_size, 1_000) for entry in entries)
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MAX_ENTRIES or len(names) < len(entries) or unpacked > MAX_UNPACKED or packed_too_well:
        raise _refusal(_("The workbook is too large when unpacked."), _("Export it again and edit that."))


# --- the sheets ---


def _from_workbook(book: Any) -> Upload:
    missing = [title for title in (*SHEETS.values(), CITATIONS, ORIGINAL) if title not in book.sheetnames]
    if missing:
        message = _("These sheets are missing: %(sheets)s.") % {"sheets": ", ".join(missing)}
        raise _refusal(message, _("Upload a workbook that was exported here, with all its sheets."))
    base = _original(book[ORIGINAL])
    faults: list[Fault] = []
    lines = {part: list(_lines(book[title], _names(part), faults)) for part, title in SHEETS.items()}
    cited = list(_lines(book[CITATIONS], CITATION_COLUMNS, faults))
    if len(lines[Part.VERSION]) != 1:
        faults.append(Fault(SHEETS[Part.VERSION], _("This sheet must have exactly one row."), _("Restore it.")))
    if faults:
        raise Refused(faults[:MAX_FAULTS])
    lines[Part.QUESTION] = _with_citations(lines[Part.QUESTION], cited)
    version, problems = version_of(lines)
    if problems:
        raise Refused(_in_workbook(problems))
    return Upload(version, base)


def _names(part: Part) -> tuple[str, ...]:
    names = (column.name for column in TABLES[part].columns)
    return tuple(name for name in names if not (part is Part.QUESTION and name == "citations"))


def _original(sheet: Any) -> Rows:
    rows = sheet.iter_rows(max_row=MAX_ORIGINAL_ROWS, max_col=5, values_only=True)
    first = next(rows, ())
    if first[:1] != ("FRCheck",):
        raise _refusal(_("The workbook was not exported here."), _("Export it and edit that."))
    if str(first[1]) != FORMAT:
        raise _refusal(_("The workbook was exported by another release of FRCheck."), _("Export it again."))
    found: dict[Key, dict[str, str]] = {}
    for part, parent, ref, column, value in rows:
        if part:
            key = Key(Part(part), unescaped(parent or ""), unescaped(ref or ""))
            found.setdefault(key, {})[column] = unescaped(value or "")
    for key, row in found.items():
        if set(row) != {column.name for column in TABLES[key.part].columns}:
            raise ValueError(key)
    return found


def _lines(sheet: Any, names: tuple[str, ...], faults: list[Fault]) -> Iterator[Line]:
    """The rows that say anything, by the names of their columns; what is not text is turned into it."""
    rows = sheet.iter_rows(max_row=MAX_ROWS + 1, max_col=MAX_COLUMNS)
    head = [cell.value for cell in next(rows, ())]
    if any(name not in head for name in names):
        lost = ", ".join(name for name in names if name not in head)
        message = _("The names of these columns are missing: %(columns)s.") % {"columns": lost}
        faults.append(Fault(f"{sheet.title}!1:1", message, _("Keep the hidden first row as it was exported.")))
        return
    places = {name: head.index(name) for name in names}
    for number, cells in enumerate(rows, start=2):
        if number < FIRST_ROW:
            continue
        row = {name: _text(cells[at], sheet.title, faults) if at < len(cells) else "" for name, at in places.items()}
        if any(row.values()):
            if number > MAX_ROWS:
                message = _("The sheet has over %(rows)d rows.") % {"rows": MAX_ROWS}
                faults.append(Fault(sheet.title, message, _("Remove rows.")))
                return
            yield Line(number, row)


def _text(cell: Any, title: str, faults: list[Fault]) -> str:
    value = cell.value
    match value:
        case None:
            return ""
        case str() if cell.data_type in ("f", "e"):
            is_error = cell.data_type == "e"
            message = _("This is an error value.") if is_error else _("This is a formula.")
            faults.append(Fault(_cell_name(title, cell.column, cell.row), message, _("Write the text itself.")))
            return ""
        case str():
            return unescaped(value).replace("\r\n", "\n").replace("\r", "\n").strip()
        case bool():
            return "true" if value else "false"
        case int() | float():
            return f"{Decimal(repr(value)).normalize() + 0:f}"
        case datetime():
            return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
        case date():
            return value.isoformat()
    faults.append(Fault(_cell_name(title, cell.column, cell.row), _("This is no text."), _("Write it as text.")))
    return ""


def _cell_name(title: str, column: int, row: int) -> str:
    return f"{title}!{get_column_letter(column)}{row}"


def _with_citations(questions: list[Line], cited: list[Line]) -> list[Line]:
    known = {line.row["ref"] for line in questions}
    strangers = [line for line in cited if line.row["question"] not in known]
    if strangers:
        cure = _("Correct it, or remove the row.")
        raise Refused(
            Fault(
                _cell_name(CITATIONS, 1, line.number),
                _("“%(ref)s” is no question of this workbook.") % {"ref": line.row["question"]},
                cure,
            )
            for line in strangers[:MAX_FAULTS]
        )
    return [
        Line(
            line.number,
            {
                **line.row,
                "citations": "\n".join(c.row["provision"] for c in cited if c.row["question"] == line.row["ref"]),
            },
        )
        for line in questions
    ]


def _in_workbook(problems: Iterable[Problem]) -> list[Fault]:
    return [_fault(_where(p), p) for p in list(problems)[:MAX_FAULTS]]


def _where(problem: Problem) -> str:
    """The cell, or the row, of a place that tables.version_of named."""
    name, _dot, column = problem.place.path.partition(".")
    part = Part(name)
    if not column or (part is Part.QUESTION and column == "citations"):
        return f"{SHEETS[part]}!{problem.place.line}:{problem.place.line}"
    return _cell_name(SHEETS[part], _names(part).index(column) + 1, problem.place.line)
