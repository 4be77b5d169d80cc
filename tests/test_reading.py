import random
from datetime import date
from decimal import Decimal

import pytest
import yaml

from questionnaires import content, models, reading
from questionnaires.content import Place, Problem, Rhythm, Text, Unit
from questionnaires.scoring import Outcome, Severity
from tests.library_files import FIRST_1, INSTRUMENT, LAW_A, VERSION, edited, line_of, write_library


def read(tmp_path, files=None):
    return reading.read_library(write_library(tmp_path, files))


def test_read_library_returns_what_the_files_say(tmp_path):
    library, problems = read(tmp_path)

    (law,), (version,) = library.instruments, library.versions
    assert problems == []
    assert law.provisions[1] == content.Provision(
        key="law-a/2",
        ref=Text("Art. 2", "第2条"),
        statement=Text("Tell why.", "说明目的。"),
        binds=Text("Everyone", "所有人"),
        verification=content.Verification.SECTION,
        place=Place("library/instruments/law-a.yaml", 20),
        is_derived=True,
        change_note=Text("New in 2020", "2020年新增"),
        note=Text("By section only.", "仅到条。"),
        in_force_from=date(2022, 1, 1),
        in_force_until=date(2029, 12, 31),
        superseded_by="law-a/1",
    )
    assert (law.provisions[0].in_force_from, law.provisions[0].in_force_until) == (date(2030, 1, 1), None)
    assert law == content.Instrument(
        slug="law-a",
        title=Text("Law A", "甲法"),
        short_title=Text("Law A", "甲法"),
        issuer=Text("Congress", "大会"),
        legal_force=content.LegalForce.LAW,
        stage=content.Stage.ADOPTED,
        source=Text("Gazette", "公报"),
        verification=content.Verification.VERIFIED,
        provisions=law.provisions,
        place=law.place,
        number=Text("No. 1", "第1号"),
        note=Text("Read with care.", "请谨慎阅读。"),
        issued_on=date(2020, 1, 1),
        in_force_from=date(2021, 1, 1),
        in_force_until=date(2030, 12, 31),
    )
    assert (version.slug, version.number, version.title) == ("first", 1, Text("First set", "第一套"))
    assert version.weights == {
        Severity.CRITICAL: Decimal(8),
        Severity.HIGH: Decimal(4),
        Severity.MEDIUM: Decimal("2.5"),
        Severity.LOW: Decimal(1),
    }
    assert [(level.ref, level.outcome, level.score) for scale in version.scales for level in scale.levels] == [
        ("yes", Outcome.MET, Decimal(1)),
        ("no", Outcome.NOT_MET, Decimal(0)),
        ("good", Outcome.MET, Decimal("0.875")),
    ]
    assert [(fact.ref, fact.type.values) for fact in version.facts] == [
        ("minors", ("yes", "no")),
        ("size", ("small", "large")),
    ]
    assert [(q.ref, q.scale, q.applies_if, q.group, q.citations) for q in version.questions] == [
        ("consent.separate", "yes-no", "", content.EMPTY, ("law-a/1", "law-a/3")),
        ("consent.children", "practice", "minors == yes", Text("Children", "儿童"), ("law-a/2",)),
    ]


def test_read_library_returns_a_duty_of_each_rhythm_and_a_contradiction(tmp_path):
    library, problems = read(tmp_path)

    (version,) = library.versions
    place = Place("not compared", 1)
    rows = [
        ("filing.deadline", Rhythm.ON, "minors == yes", ("law-a/2", "law-a/1")),
        ("filing.growth", Rhythm.WITHIN, "", ("law-a/1",)),
        ("minors.report", Rhythm.YEARLY, "", ("law-a/1",)),
        ("audit.regular", Rhythm.EVERY, "", ("law-a/1",)),
        ("records.kept", Rhythm.KEEP, "", ("law-a/1",)),
    ]
    timings = [
        {"day": date(2025, 7, 14)},
        {"count": 30, "unit": Unit.WORKING_DAYS, "event": Text("reaching 100,000 persons", "达到10万人")},
        {"month": 1, "day_of_month": 31},
        {"count": 2, "unit": Unit.YEARS},
        {"count": 36, "unit": Unit.MONTHS},
    ]
    texts = [
        (Text("File what is stored", "备案存量"), Text("Stores of before are filed.", "存量应当备案。")),
        (Text("File when you grow", "达量备案"), Text("Large stores are filed.", "大量存储应当备案。")),
        (Text("Report the audit", "报送审计"), Text("Each January.", "每年一月。")),
        (Text("Audit", "审计"), Text("Every two years.", "每两年一次。")),
        (Text("Keep records", "保存记录"), Text("For three years.", "保存三年。")),
    ]
    assert problems == []
    assert version.duties == tuple(
        content.Duty(ref, title, text, rhythm, applies_if, citations, place, **timing)
        for (ref, rhythm, applies_if, citations), (title, text), timing in zip(rows, texts, timings, strict=True)
    )
    assert version.contradictions == (
        content.Contradiction(
            "children.unseen",
            Text("No children, yet parents are asked.", "无儿童却征求家长。"),
            "minors == no and consent.children in (met, partly_met)",
            place,
        ),
    )


@pytest.mark.parametrize("jurisdiction", content.Jurisdiction)
def test_jurisdiction_is_china_unless_the_file_says_otherwise(tmp_path, jurisdiction):
    said = edited(INSTRUMENT, "stage:", f"jurisdiction: {jurisdiction}\nstage:")

    silent, _ = read(tmp_path)
    library, problems = read(tmp_path, {LAW_A: said})

    assert problems == []
    assert silent.instruments[0].jurisdiction is content.Jurisdiction.CHINA
    assert library.instruments[0].jurisdiction is jurisdiction


def test_normative_document_is_a_legal_force(tmp_path):
    text = edited(INSTRUMENT, "legal_force: law", "legal_force: normative_document")

    library, problems = read(tmp_path, {LAW_A: text})

    assert problems == []
    assert library.instruments[0].legal_force is content.LegalForce.NORMATIVE_DOCUMENT


def test_version_without_duties_and_contradictions(tmp_path):
    library, problems = read(tmp_path, {FIRST_1: VERSION[: VERSION.index("duties:")]})

    assert problems == []
    assert (library.versions[0].duties, library.versions[0].contradictions) == ((), ())


def test_problems_stand_in_the_order_of_their_files_and_lines(tmp_path):
    version = edited(edited(VERSION, '"minors == no', '"age == no'), "ref: consent.children", "ref: consent.separate")
    version = edited(version, "[law-a/1, law-a/3]", "[]")
    law = edited(INSTRUMENT, "key: law-a/3", "key: law-b/3")

    _library, problems = read(tmp_path, {FIRST_1: version, LAW_A: law})

    places = [(p.place.path, p.place.line) for p in problems]
    assert places == sorted(places)
    assert [path for path, _line in places] == [f"library/{LAW_A}"] + [f"library/{FIRST_1}"] * 4


def test_library_reads_the_same_without_libyaml(tmp_path, monkeypatch):
    fast = read(tmp_path)
    spoilt = {FIRST_1: edited(VERSION, "kind: yes_no", "kind: maybe"), LAW_A: edited(INSTRUMENT, '"Law A"', '"Law A')}
    fast_faults = read(tmp_path / "spoilt", spoilt)

    monkeypatch.delattr(yaml, "CSafeLoader", raising=False)

    assert read(tmp_path) == fast
    assert read(tmp_path / "spoilt", spoilt) == fast_faults
    assert len(fast_faults[1]) == 2


def test_read_library_remembers_the_line_of_everything(tmp_path):
    library, _problems = read(tmp_path)

    (version,) = library.versions
    parts = [*version.scales, *version.facts, *version.sections, *version.questions]
    parts += [*version.duties, *version.contradictions]
    assert {part.place.path for part in parts} == {"library/question-sets/first/1.yaml"}
    assert [part.place.line for part in parts] == [line_of(VERSION, f"ref: {part.ref}") for part in parts]


def test_read_library_names_the_faults_of_every_file_at_once(tmp_path):
    law = edited(INSTRUMENT, "stage: adopted", "stage: passed")
    version = edited(edited(VERSION, "kind: yes_no", "kind: maybe"), "severity: critical", "severity: grave")

    _library, problems = read(tmp_path, {LAW_A: law, FIRST_1: version})

    assert [(p.place.path, p.place.line) for p in problems] == [
        ("library/instruments/law-a.yaml", 7),
        ("library/question-sets/first/1.yaml", line_of(version, "kind: maybe")),
        ("library/question-sets/first/1.yaml", line_of(version, "severity: grave")),
    ]


def test_read_library_of_an_empty_folder(tmp_path):
    assert reading.read_library(tmp_path) == (content.Library((), ()), [])


def test_problem_reads_as_file_line_message_and_cure():
    problem = Problem(Place("library/instruments/pipl.yaml", 41), "“x” is missing.", "Add it.")

    assert str(problem) == "library/instruments/pipl.yaml:41: “x” is missing. Add it."


WHOLE_FILE_FAULTS = {
    "empty": ("", 1, "The file holds no mapping.", "Begin it with “slug:”."),
    "a list": ("- slug: law-a\n", 1, "The file holds no mapping.", "Begin it with “slug:”."),
    "bad UTF-8": (
        b"slug: law-a\ntitle: \xff\n",
        2,
        "The file is not UTF-8.",
        "Save it as UTF-8.",
    ),
    "GBK": ("slug: law-a\nissuer: 国务院\n".encode("gbk"), 2, "The file is not UTF-8.", "Save it as UTF-8."),
    "NUL": ("slug: law-a\n\ntitle: a\x00b\n", 3, "A control character stands here.", "Remove it."),
    "escape": ("slug: \x1b[31mlaw-a\n", 1, "A control character stands here.", "Remove it."),
    "tab": (
        "slug:\n\tlaw-a\n",
        2,
        "This is not YAML: found character '\\t' that cannot start any token.",
        "Correct the indentation or quotes.",
    ),
    "open quote": (
        'slug: law-a\ntitle: {en: "Law',
        2,
        "This is not YAML: found unexpected end of stream.",
        "Correct the indentation or quotes.",
    ),
    "bad escape": (
        'slug: "\\xZZ"\n',
        1,
        "This is not YAML: expected escape sequence of 2 hexadecimal numbers, but found 'Z'.",
        "Correct the indentation or quotes.",
    ),
    "a directive twice": (
        "%YAML 1.1\n%YAML 1.1\n---\nslug: law-a\n",
        2,
        "This is not YAML: found duplicate YAML directive.",
        "Correct the indentation or quotes.",
    ),
    "two documents": (
        "slug: law-a\n---\nslug: law-b\n",
        2,
        "This is not YAML: but found another document.",
        "Correct the indentation or quotes.",
    ),
    "brackets": ("a: 1\nb: " + "[" * 3000, 2, "This is nested over 20 levels deep.", "Write it flatter."),
    "braces": ("{a: " * 3000, 1, "This is nested over 20 levels deep.", "Write it flatter."),
    "dashes": ("a:\n" + "- " * 3000, 2, "This is nested over 20 levels deep.", "Write it flatter."),
    "keys": ("? " * 3000, 1, "This is nested over 20 levels deep.", "Write it flatter."),
    "a tag": (
        "slug: law-a\ntitle: !!python/object/apply:os.system ['true']\n",
        2,
        "YAML tags, anchors and aliases are not allowed.",
        "Write the value out.",
    ),
    "an anchor": (
        "slug: &slug law-a\n",
        1,
        "YAML tags, anchors and aliases are not allowed.",
        "Write the value out.",
    ),
    "an alias": ("slug: law-a\nb: *a\n", 2, "YAML tags, anchors and aliases are not allowed.", "Write the value out."),
    "too large": ("# " + "x" * 2_000_000, 1, "The file is over 2000000 bytes.", "Split it."),
}


@pytest.mark.parametrize("case", WHOLE_FILE_FAULTS)
def test_file_that_cannot_be_read(tmp_path, case):
    written, line, message, cure = WHOLE_FILE_FAULTS[case]

    library, problems = read(tmp_path, {LAW_A: written})

    assert problems == [Problem(Place("library/instruments/law-a.yaml", line), message, cure)]
    assert library.instruments == ()


@pytest.mark.parametrize("number", ["0", "-1", "10000", "one", "1.5"])
def test_version_number_must_be_a_positive_number(tmp_path, number):
    path = f"question-sets/first/{number}.yaml"
    text = edited(VERSION, "number: 1", f"number: {number}")

    _library, problems = read(tmp_path, {path: text})

    message = f"“{number}” is not a valid number."
    assert problems == [Problem(Place(f"library/{path}", 2), message, "Number versions 1, 2, 3 …")]


def test_version_without_scales(tmp_path):
    start, end = VERSION.index("scales:"), VERSION.index("facts:")

    _library, problems = read(tmp_path, {FIRST_1: VERSION[:start] + VERSION[end:]})

    cure = "Add one under “scales”; the first is the default."
    assert problems == [Problem(Place(f"library/{FIRST_1}", 1), "The version has no scale.", cure)]


def test_words_that_yaml_would_convert_stay_words(tmp_path):
    text = VERSION.replace('ref: "no"', "ref: no").replace('ref: "yes"', "ref: yes")

    library, problems = read(tmp_path, {FIRST_1: text})

    assert problems == []
    assert [level.ref for level in library.versions[0].scales[0].levels] == ["yes", "no"]


COLUMNS = {
    # a text of the files: the column that takes it
    'title: {en: "Law A", zh: "甲法"}\nshort': (models.Instrument, "title"),
    'short_title: {en: "Law A", zh: "甲法"}': (models.Instrument, "short_title"),
    'issuer: {en: "Congress", zh: "大会"}': (models.Instrument, "issuer"),
    'number: {en: "No. 1", zh: "第1号"}': (models.Instrument, "number"),
    'source: {en: "Gazette", zh: "公报"}': (models.Instrument, "source"),
    'ref: {en: "Art. 1", zh: "第1条"}': (models.Provision, "ref"),
    'binds: {en: "Everyone", zh: "所有人"}': (models.Provision, "binds"),
    'change_note: {en: "New in 2020", zh: "2020年新增"}': (models.Provision, "change_note"),
    'title: {en: "First set", zh: "第一套"}': (models.QuestionSet, "title"),
    'title: {en: "Yes or no", zh: "是或否"}': (models.AnswerScale, "title"),
    'label: {en: "Yes", zh: "是"}': (models.AnswerLevel, "label"),
    'description: {en: "Never.", zh: "从不。"}': (models.AnswerLevel, "description"),
    'text: {en: "Children?", zh: "儿童？"}': (models.Fact, "text"),
    'label: {en: "Few", zh: "少"}': (models.FactChoice, "label"),
    'title: {en: "Consent", zh: "同意"}': (models.Section, "title"),
    'group: {en: "Children", zh: "儿童"}': (models.Question, "group"),
    'title: {en: "File what is stored", zh: "备案存量"}': (models.Duty, "title"),
    'event: {en: "reaching 100,000 persons", zh: "达到10万人"}': (models.Duty, "event"),
}


def test_every_short_column_is_listed_here():
    from modeltranslation.translator import translator

    short = {
        (model, name)
        for model in translator.get_registered_models()
        for name in translator.get_options_for_model(model).all_fields
        if model._meta.get_field(name).max_length
    }

    assert short == set(COLUMNS.values())


@pytest.mark.parametrize("written", COLUMNS)
def test_text_as_long_as_its_column_passes_and_one_longer_is_a_fault(tmp_path, written):
    model, name = COLUMNS[written]
    path, text = (LAW_A, INSTRUMENT) if written in INSTRUMENT else (FIRST_1, VERSION)
    chinese = written.split('zh: "')[1].split('"')[0]
    longest = model._meta.get_field(name).max_length

    for length, expected in [(longest, []), (longest + 1, [f"“zh” is over {longest} characters."])]:
        spoilt = edited(text, written, written.replace(chinese, "长" * length, 1))
        _library, problems = read(tmp_path, {path: spoilt})

        assert [p.message for p in problems] == expected


@pytest.mark.parametrize("seed", range(40))
def test_no_damage_to_a_file_escapes_as_an_exception(tmp_path, seed):
    dice = random.Random(seed)
    text = dice.choice([INSTRUMENT, VERSION])
    lines = text.splitlines(keepends=True)
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(lines))
        lines[at] = dice.choice(["", "  " + lines[at], lines[at].replace(":", "", 1), lines[at] * 2, "- []\n", "{}\n"])
    path = LAW_A if text is INSTRUMENT else FIRST_1

    damaged = "".join(lines)

    _library, problems = read(tmp_path, {path: damaged})

    assert all(1 <= p.place.line <= damaged.count("\n") + 1 and p.message and p.cure for p in problems)


def test_yaml_itself_would_have_converted_and_obeyed():
    # Why nodes are read instead of Python objects; should PyYAML change, reading.py may become simpler.
    assert yaml.safe_load("a: no") == {"a": False}
    assert yaml.safe_load("a: 1\na: 2") == {"a": 2}
