from pathlib import Path

import yaml
from hypothesis import HealthCheck, given, settings

from questionnaires.content import Version
from questionnaires.reading import read_instrument, read_library, read_version
from questionnaires.writing import instrument_yaml, version_yaml
from tests import strategies
from tests.library_files import VERSION, write_library

LIBRARY = Path(__file__).resolve().parent.parent / "questionnaires" / "library"
generated = settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large]
)


def assert_round_trip(value):
    is_version = isinstance(value, Version)
    write, read = (version_yaml, read_version) if is_version else (instrument_yaml, read_instrument)
    written = write(value)

    again, problems = read(written.encode(), "again.yaml")

    assert problems == []
    assert again == value
    assert write(again) == written


def test_shipped_library_survives():
    library, _problems = read_library(LIBRARY)

    assert library.versions
    for value in (*library.instruments, *library.versions):
        assert_round_trip(value)


@generated
@given(version=strategies.versions())
def test_generated_version_survives(version):
    assert_round_trip(version)

    loaded = yaml.safe_load(version_yaml(version))  # any other reader of YAML sees the same texts
    assert (loaded["slug"], loaded["title"]) == (version.slug, {"en": version.title.en, "zh": version.title.zh})
    assert [c["holds_if"] for c in loaded.get("contradictions", [])] == [c.holds_if for c in version.contradictions]


@generated
@given(instrument=strategies.instruments())
def test_generated_instrument_survives(instrument):
    assert_round_trip(instrument)


def test_written_in_the_format_of_the_library(tmp_path):
    library, _problems = read_library(write_library(tmp_path))

    written = version_yaml(library.versions[0])

    # The file's own text, but for the order of a duty's keys, and levels and choices, which stand on one line there.
    before, _, after = VERSION.partition("scales:\n")
    sections = after[after.index("sections:\n") : after.index("duties:\n")]
    assert written.startswith(before)
    assert f"\n{sections}duties:\n" in written
    assert (
        """\
      - ref: "no"
        label: {en: "No", zh: "否"}
        description: {en: "Never.", zh: "从不。"}
        outcome: not_met
        score: "0"
"""
        in written
    )


def test_unfinished_draft_survives():
    text = VERSION.replace('zh: "是否征求？"', 'zh: ""').replace('en: "Children cannot."', 'en: ""')
    text = text.replace('{en: "Children", zh: "儿童"}', '{en: "", zh: "儿童"}').replace(
        "[law-a/2]\nduties", "[]\nduties"
    )
    version, problems = read_version(text.encode(), "draft.yaml", is_draft=True)

    again, _problems = read_version(version_yaml(version).encode(), "draft.yaml", is_draft=True)

    assert problems == []
    assert version_yaml(version).count('""') == 3
    assert (again, version_yaml(again)) == (version, version_yaml(version))
