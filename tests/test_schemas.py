import json
import re
from pathlib import Path

import pytest
import yaml
from django.urls import reverse
from jsonschema import Draft202012Validator

from questionnaires.schemas import FOLDER, NAMES, schemas
from tests.library_files import FIRST_1, INSTRUMENT, LAW_A, VERSION, edited
from tests.test_reading_faults import CASES

LIBRARY = Path(__file__).resolve().parent.parent / "questionnaires" / "library"
# Faults that no schema of one file's values can see.
BEYOND = {
    "key twice",
    "another file's slug",
    "another folder's slug",
    "another file's number",
    "number with a nought",
    "weight finer than its column",
    "half a character",
}


class CoreLoader(yaml.CSafeLoader):
    """Types as in YAML 1.2: a date and `yes` are texts, as tools for JSON Schema see them."""

    yaml_implicit_resolvers = {}


for _tag, _pattern, _first in (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", ["n", "~", ""]),
    ("int", r"[-+]?[0-9]+", "-+0123456789"),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|\.nan|\.inf", "-+.0123456789"),
):
    CoreLoader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), list(_first))


def faults(name, text):
    validator = Draft202012Validator(schemas()[name], format_checker=Draft202012Validator.FORMAT_CHECKER)
    try:
        value = yaml.load(text, Loader=CoreLoader)
    except yaml.YAMLError as e:
        return [str(e)]
    return [error.message for error in validator.iter_errors(value)]


@pytest.mark.parametrize("name", NAMES)
def test_published_file_is_what_the_reader_asks_for(name):
    stored = json.loads((FOLDER / f"{name}.schema.json").read_text(encoding="utf-8"))

    Draft202012Validator.check_schema(stored)
    assert stored == schemas()[name], "run manage.py write_schemas"


@pytest.mark.parametrize(
    ("name", "pattern"), [("instrument", "instruments/*.yaml"), ("question-set", "question-sets/*/*.yaml")]
)
def test_every_file_of_the_library_fits(name, pattern):
    files = sorted(LIBRARY.glob(pattern))

    assert files
    assert [(file.name, fault) for file in files for fault in faults(name, file.read_text(encoding="utf-8"))] == []


def test_small_library_fits():
    assert (faults("instrument", INSTRUMENT), faults("question-set", VERSION)) == ([], [])


@pytest.mark.parametrize("case", [case for case in CASES if case not in BEYOND])
def test_what_the_reader_refuses_in_form_does_not_fit(case):
    path, old, new, *_rest = CASES[case]
    text = edited({LAW_A: INSTRUMENT, FIRST_1: VERSION}[path], old, new)

    assert faults("instrument" if path == LAW_A else "question-set", text) != []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    day: 2025-07-14\n", ""),
        ("    count: 36\n", "    count: 36\n    month: 1\n"),
        ("rhythm: keep", "rhythm: yearly"),
    ],
)
def test_timing_that_does_not_go_with_its_rhythm_does_not_fit(old, new):
    assert faults("question-set", edited(VERSION, old, new)) != []


@pytest.mark.django_db
def test_schema_is_served_to_anybody(client):
    response = client.get(reverse("schema", args=["question-set"]))

    assert response["Content-Type"] == "application/schema+json"
    assert json.loads(b"".join(response)) == schemas()["question-set"]
    assert client.get("/schemas/secrets.schema.json").status_code == 404
    assert client.post(reverse("schema", args=["instrument"])).status_code == 405
