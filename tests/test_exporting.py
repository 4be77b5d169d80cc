from dataclasses import fields, is_dataclass
from pathlib import Path

import pytest
from django.utils.translation import override

from questionnaires import content
from questionnaires.exporting import instrument_content, instruments_content, version_content
from questionnaires.importing import digest, load_library
from questionnaires.models import Instrument, Version
from questionnaires.reading import read_library
from tests.factories import make_draft, make_question, make_section
from tests.library_files import write_library

pytestmark = pytest.mark.django_db

LIBRARY = Path(__file__).resolve().parent.parent / "questionnaires" / "library"


def places(value):
    """Every place within a content value."""
    if isinstance(value, tuple):
        for item in value:
            yield from places(item)
    elif is_dataclass(value):
        for field in fields(value):
            yield from [value.place] if field.name == "place" else places(getattr(value, field.name))


def test_shipped_library_comes_out_as_it_went_in():
    library, _problems = read_library(LIBRARY)
    load_library(LIBRARY)
    versions = Version.objects.select_related("question_set").order_by("question_set__slug", "number")

    with override("zh-hans"):  # the reader's language changes nothing
        stored = tuple(version_content(version) for version in versions)
        instruments = instruments_content(Instrument.objects.order_by("slug"))

    assert instruments == tuple(sorted(library.instruments, key=lambda instrument: instrument.slug))
    assert stored == library.versions
    assert [digest(version) for version in stored] == [digest(version) for version in library.versions]
    assert [digest(version) for version in stored] == [version.source_digest for version in versions]


def test_every_kind_of_part_comes_out_with_its_row_for_a_place(tmp_path):
    library, _problems = read_library(write_library(tmp_path))
    load_library(write_library(tmp_path))

    version = version_content(Version.objects.get())
    instrument = instrument_content(Instrument.objects.get())

    assert (version,) == library.versions
    assert (instrument,) == library.instruments
    assert {place.path for place in (*places(version), *places(instrument))} == {
        *("version", "section", "question", "answerscale", "answerlevel", "fact", "factchoice"),
        *("duty", "contradiction", "instrument", "provision"),
    }
    question = Version.objects.get().questions.get(ref="consent.children")
    assert next(q.place for q in version.questions if q.ref == question.ref) == content.Place("question", question.pk)


def test_unfinished_draft_comes_out_as_it_is():
    draft = make_draft()
    make_question(make_section(draft), provisions=[], why_zh_hans=None, text_en="")

    (question,) = version_content(draft).questions

    assert (question.text.en, question.why, question.citations) == ("", content.Text("Because.", ""), ())


@pytest.mark.parametrize("questions", [1, 3])
def test_queries_are_constant(django_assert_num_queries, questions):
    draft = make_draft()
    for _ in range(questions):
        make_question(make_section(draft))
    instrument = Instrument.objects.first()

    with django_assert_num_queries(12):
        version_content(Version.objects.get(pk=draft.pk))
    with django_assert_num_queries(2):
        instrument_content(instrument)
