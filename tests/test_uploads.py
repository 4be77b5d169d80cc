"""Workbooks out and in again, and everything that is refused on the way in."""

import zipfile
from datetime import date
from io import BytesIO

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from questionnaires import uploads
from questionnaires.models import Provision
from questionnaires.reading import read_version
from questionnaires.tables import rows_of
from questionnaires.uploads import Fault, Refused, Upload, read_upload, read_workbook
from questionnaires.workbooks import written
from questionnaires.writing import version_yaml
from tests import strategies
from tests.factories import make_instrument, make_provision
from tests.library_files import VERSION, edited

PROVISIONS = [(f"law-a/{n}", "Law A", f"Art. {n}", "=HYPERLINK(1)") for n in (1, 2, 3)]


@pytest.fixture(scope="module")
def version():
    found, _problems = read_version(VERSION.encode(), "first.yaml")
    return found


@pytest.fixture(scope="module")
def workbook(version):
    return written(version, PROVISIONS)


def with_cells(data, **cells):
    """The workbook with other values in cells: `Questions_E3="Text"`."""
    book = openpyxl.load_workbook(BytesIO(data))
    for name, value in cells.items():
        sheet, cell = name.split("_")
        book[sheet][cell] = value
    return saved(book)


def saved(book):
    data = BytesIO()
    book.save(data)
    return data.getvalue()


def repacked(data, changed=None, *, without=()):
    """The archive with other entries; ZIP_DEFLATED as Excel packs."""
    packed = BytesIO()
    with zipfile.ZipFile(BytesIO(data)) as old, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as new:
        entries = {entry.filename: old.read(entry) for entry in old.infolist()} | (changed or {})
        for name, content in entries.items():
            if name not in without:
                new.writestr(name, content)
    return packed.getvalue()


def refusal(data):
    with pytest.raises(Refused) as caught:
        read_workbook(data)
    return [(fault.where, fault.message) for fault in caught.value.faults]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(version=strategies.versions())
def test_generated_version_survives_a_workbook(version):
    upload = read_workbook(written(version, []))

    assert upload == Upload(version, rows_of(version))


def test_workbook_is_made_for_editing(workbook):
    book = openpyxl.load_workbook(BytesIO(workbook))

    assert book.sheetnames == [
        *("Read me", "Version", "Sections", "Questions", "Citations", "Scales", "Levels", "Facts", "Choices"),
        *("Duties", "Contradictions", "Provisions", "Original"),
    ]
    sheet = book["Questions"]
    assert [sheet.cell(2, at).value for at in (2, 5, 6)] == ["Ref", "Text (English)", "Text (中文)"]
    assert (sheet.freeze_panes, sheet.row_dimensions[1].hidden, sheet.protection.sheet) == ("C3", True, True)
    assert [sheet["B3"].protection.locked, sheet["E3"].protection.locked] == [True, False]
    assert (sheet["E3"].alignment.wrap_text, sheet.column_dimensions["E"].width) == (True, 55)
    offered = {str(v.sqref): v.formula1 for v in sheet.data_validations.dataValidation}
    assert offered["M3:M19"] == '"critical,high,medium,low"'
    assert offered["N3:N19"] == "Scales!$A$3:$A$500"
    assert book["Original"].sheet_state == "veryHidden"
    assert [cell.value for cell in book["Citations"][3]] == ["consent.separate", *PROVISIONS[0]]
    assert [book["Read me"].cell(row, 2).value for row in (1, 2)] == ["First set (first)", "1"]


def test_text_that_begins_like_a_formula_stays_text(version):
    data = written(read_version(edited(VERSION, "Do you ask?", "=1+1").encode(), "")[0], PROVISIONS)

    cells = [cell for sheet in openpyxl.load_workbook(BytesIO(data)) for row in sheet for cell in row]

    assert {cell.data_type for cell in cells if cell.value is not None} == {"s"}
    (question,) = [cell for cell in cells if cell.value == "=1+1" and cell.parent.title == "Questions"]
    assert (question.quotePrefix, question.number_format) == (True, "@")
    assert next(read_workbook(data).version.questions).text.en == "=1+1"


def test_numbers_dates_and_flags_are_read_as_they_are_meant(workbook):
    data = with_cells(workbook, Version_G3=8.5, Version_H3=4, Levels_H3=1, Duties_G3=date(2026, 1, 2))

    version = read_workbook(data).version

    assert (str(version.weights["critical"]), str(version.weights["high"])) == ("8.5", "4")
    assert str(version.duties[0].day) == "2026-01-02"


def test_upload_tells_what_was_edited_and_what_it_was_made_from(version, workbook):
    upload = read_workbook(with_cells(workbook, Questions_E3="  Do you\r\nask first? "))

    assert next(upload.version.questions).text.en == "Do you\nask first?"
    assert upload.base == rows_of(version)


@pytest.mark.parametrize(
    ("cells", "where", "message"),
    [
        ({"Questions_E3": "=1+1"}, "Questions!E3", "This is a formula."),
        ({"Questions_E3": '=cmd|"/c calc"!A0'}, "Questions!E3", "This is a formula."),
        ({"Questions_E3": "#REF!"}, "Questions!E3", "This is an error value."),
        ({"Questions_M3": "dire"}, "Questions!M3", "“dire” is not a valid severity."),
        ({"Questions_A3": "nowhere"}, "Questions!A3", "“nowhere” is no section of this version."),
        ({"Questions_B3": "consent.Separate"}, "Citations!A3", "“consent.separate” is no question of this workbook."),
        ({"Citations_A3": None}, "Citations!A3", "“” is no question of this workbook."),
        ({"Scales_B3": "x" * 201}, "Scales!B3", "“en” is over 200 characters."),
        ({"Scales_A3": None}, "Scales!3:3", "“ref” is missing."),
        ({"Facts_C3": True, "Facts_B3": 1.5}, "Facts!B3", "“1.5” is not a valid kind."),
        ({"Version_A3": None, "Version_B3": None}, "Version!3:3", "“slug” is missing."),
        ({"Questions_B1": "reference"}, "Questions!1:1", "The names of these columns are missing: ref."),
        ({"Version_A4": "second"}, "Version", "This sheet must have exactly one row."),
        ({"Sections_A5001": "far"}, "Sections", "The sheet has over 5000 rows."),
        ({"Original_A1": "else"}, "", "The workbook was not exported here."),
        ({"Original_B1": "0"}, "", "The workbook was exported by another release of FRCheck."),
        ({"Original_D3": "else"}, "", "The workbook is damaged."),
    ],
)
def test_fault_of_a_workbook_names_its_cell(workbook, cells, where, message):
    assert (where, message) in refusal(with_cells(workbook, **cells))


def test_sheet_that_is_missing_is_named(workbook):
    book = openpyxl.load_workbook(BytesIO(workbook))
    del book["Scales"]

    assert refusal(saved(book)) == [("", "These sheets are missing: Scales.")]


DOCTYPE = b'<!DOCTYPE worksheet [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


def test_external_entities_are_refused(workbook):
    assert (openpyxl.DEFUSEDXML, openpyxl.LXML) == (True, False)
    with zipfile.ZipFile(BytesIO(workbook)) as archive:
        sheet = archive.read("xl/worksheets/sheet2.xml")
    changed = DOCTYPE + sheet[sheet.index(b"<worksheet") :].replace(b"First set", b"&a;")
    assert sheet.count(b"First set") == 1

    assert refusal(repacked(workbook, {"xl/worksheets/sheet2.xml": changed})) == [
        ("", "The file declares XML entities.")
    ]


def test_archive_that_unpacks_to_far_more_is_refused_before_it_is_opened(workbook):
    bomb = repacked(workbook, {"xl/media/image1.png": b"0" * 20_000_000})
    many = repacked(workbook, {f"xl/media/{n}.png": b"" for n in range(uploads.MAX_ENTRIES)})

    assert len(bomb) < uploads.MAX_SIZE
    assert refusal(bomb) == refusal(many) == [("", "The workbook is too large when unpacked.")]


@pytest.mark.parametrize("end", [200, 5_000, -30])
def test_truncated_workbook_is_refused(workbook, end):
    assert refusal(workbook[:end]) == [("", "The workbook is damaged.")]


@pytest.mark.parametrize(
    "entry",
    ["xl/workbook.xml", "xl/worksheets/sheet2.xml", "xl/styles.xml", "[Content_Types].xml"],
)
def test_workbook_with_a_damaged_part_is_refused(workbook, entry):
    assert refusal(repacked(workbook, {entry: b"<broken"})) == [("", "The workbook is damaged.")]


def test_other_archives_are_told_apart(workbook):
    document = repacked(workbook, {"word/document.xml": b"<w/>"}, without=("xl/workbook.xml",))
    macros = repacked(workbook, {"xl/vbaProject.bin": b"\0"})

    assert refusal(document) == [("", "The file is no Excel workbook.")]
    assert refusal(macros) == [("", "The workbook has macros.")]


@pytest.mark.django_db
class TestReadUpload:
    def faults(self, data):
        with pytest.raises(Refused) as caught:
            read_upload(data, organisation_id=None)
        return list(caught.value.faults)

    def test_yaml_and_workbook_say_the_same(self, version, workbook, provisions):
        assert read_upload(VERSION.encode(), organisation_id=None) == Upload(version, None)
        assert read_upload(workbook, organisation_id=None) == Upload(version, rows_of(version))
        assert read_upload(version_yaml(version).encode(), organisation_id=None).version == version

    def test_fault_of_yaml_names_line_and_cure(self, provisions):
        unknown = edited(VERSION, "[law-a/1, law-a/3]", "[law-a/1, law-a/9]")
        twice = edited(VERSION, "severity: critical", "severity: dire\n        colour: red")

        assert self.faults(twice.encode()) == [
            Fault("line 37", "“dire” is not a valid severity.", "Use one of: critical, high, medium, low."),
            Fault("line 38", "Unknown key “colour”.", "Correct its spelling; docs/content-format.md lists the keys."),
        ]
        assert self.faults(unknown.encode()) == [
            Fault(
                "line 32",
                "“consent.separate” cites “law-a/9”, which is not a provision of the library.",
                "Correct the key, or add the provision to its instrument.",
            )
        ]

    def test_draft_may_be_unfinished(self, provisions):
        unfinished = edited(VERSION, 'zh: "是否征求？"', 'zh: ""').replace("[law-a/2]\nduties", "[]\nduties")

        question = next(read_upload(unfinished.encode(), organisation_id=None).version.questions)

        assert (question.text.en, question.text.zh) == ("Do you ask?", "")

    @pytest.mark.parametrize(
        ("data", "message"),
        [
            (b"", "The file is empty."),
            (b"x" * (uploads.MAX_SIZE + 1), "The file is over 5 MB."),
            (
                b"\xd0\xcf\x11\xe0rest",
                "The file is protected by a password, or was saved in the format of before 2007.",
            ),
            (b"ref,text\na,b\n", "The file holds no mapping."),
            (b"\xff\xfe\x00", "The file is not UTF-8."),
            (b"slug: !!python/object:os.system x", "YAML tags, anchors and aliases are not allowed."),
            (b"a: &a [x]\nb: *a", "YAML tags, anchors and aliases are not allowed."),
        ],
    )
    def test_other_files_are_refused(self, data, message):
        assert self.faults(data)[0].message == message

    @pytest.fixture
    def provisions(self):
        law = make_instrument("law-a")
        for n in (1, 2, 3):
            Provision.objects.filter(pk=make_provision(law).pk).update(key=f"law-a/{n}")
