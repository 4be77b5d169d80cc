"""docs/content-coverage.md against the library, in both directions."""

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from questionnaires import reading
from questionnaires.checks import LIBRARY

PAGE = Path(__file__).parent.parent / "docs" / "content-coverage.md"
CODE = re.compile(r"`([^`]+)`")


class Row(NamedTuple):
    section: str
    entry: str
    provisions: str
    note: str


@pytest.fixture(scope="module")
def library():
    library, problems = reading.read_library(LIBRARY)
    assert problems == []
    return library


@pytest.fixture(scope="module")
def keys(library):
    return {provision.key for _, provision in library.provisions}


@pytest.fixture(scope="module")
def rows():
    section, found = "", []
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("| ") and not line.startswith(("| entry |", "| --- |")):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            assert len(cells) == 3, line
            found.append(Row(section, *cells))
    return found


def test_every_key_on_the_page_exists(rows, keys):
    named = {key for row in rows for key in CODE.findall(f"{row.provisions} {row.note}")}

    assert sorted(named - keys) == []


def test_every_provision_of_the_library_carries_an_entry(rows, keys):
    named = {key for row in rows for key in CODE.findall(row.provisions)}

    assert sorted(keys - named) == []


def test_every_instrument_stands_above_the_table_that_carries_it(library, rows):
    listed = {}
    for line in PAGE.read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            section = line.removeprefix("## ")
        elif line.startswith("Instruments: "):
            listed[section] = set(CODE.findall(line))

    used = {section: set() for section in listed}
    for row in rows:
        if row.section in used:
            used[row.section] |= {key.partition("/")[0] for key in CODE.findall(row.provisions)}
    assert listed == used
    assert sorted({instrument.slug for instrument in library.instruments} - set().union(*listed.values())) == []


def test_an_entry_without_a_provision_gives_the_reason(rows):
    assert [row for row in rows if not CODE.findall(row.provisions) and not row.note] == []
    assert [row for row in rows if not CODE.findall(row.provisions) and row.provisions != "—"] == []


def test_no_entry_stands_twice_in_a_table(rows):
    names = [(row.section, row.entry) for row in rows]

    assert len(rows) >= 400
    assert len(set(names)) == len(names)
