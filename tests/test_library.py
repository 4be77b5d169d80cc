"""The content that is delivered: complete, in both languages, citable, in order."""

import pytest

from questionnaires import reading
from questionnaires.checks import LIBRARY
from questionnaires.content import EMPTY, LegalForce, Rhythm, Text, Verification
from questionnaires.importing import Loaded, load_library
from questionnaires.models import Provision, Version
from questionnaires.scoring import Severity
from tests.factories import make_assessment

# Chinese texts that may do without a Chinese character: numbers of standards, sections and the like.
PLAIN = set("0123456789.-–—/ ()（）:：,，、§")


@pytest.fixture(scope="module")
def library():
    library, problems = reading.read_library(LIBRARY)
    assert problems == []
    return library


@pytest.fixture(scope="module")
def version(library):
    return find(library, "article-2020")


@pytest.fixture(scope="module")
def regime(library):
    return find(library, "frt-china")


@pytest.fixture(scope="module", params=["article-2020", "frt-china"])
def either(library, request):
    return find(library, request.param)


def find(library, slug):
    (version,) = [v for v in library.versions if (v.slug, v.number) == (slug, 1)]
    return version


def is_chinese(text):
    return any("\u4e00" <= character <= "\u9fff" for character in text)


def texts(thing):
    for name in thing.__dataclass_fields__:
        value = getattr(thing, name)
        if isinstance(value, Text) and value != EMPTY:
            yield name, value


def parts(version):
    yield version
    yield from version.sections
    yield from version.questions
    yield from version.facts
    for fact in version.facts:
        yield from fact.choices
    for scale in version.scales:
        yield scale
        yield from scale.levels
    yield from version.duties
    yield from version.contradictions


def test_there_are_two_sets(library):
    assert [(v.slug, v.number) for v in library.versions] == [("article-2020", 1), ("frt-china", 1)]


def test_sections_stand_in_the_order_of_the_issue(version):
    assert [section.ref for section in version.sections] == [
        "collection",
        "biometrics",
        "storage-security",
        "sharing",
        "rights",
        "organisation",
        "megvii",
        "accuracy-cases",
    ]


def test_sections_of_the_regime_stand_in_the_order_in_which_a_deployment_is_planned(regime):
    assert [section.ref for section in regime.sections] == [
        "purpose",
        "basis",
        "notice",
        "consent",
        "minors",
        "alternatives",
        "public-places",
        "storage",
        "security",
        "accuracy",
        "oversight",
        "sharing",
        "cross-border",
        "rights",
        "assessment",
        "audit",
        "incidents",
        "research",
        "closing",
        "abroad",  # for those who also operate there
    ]
    assert [section.ref for section in regime.sections if not section.questions] == []


def test_regime_asks_110_questions_or_more_one_per_control_key(regime):
    refs = [question.ref for question in regime.questions]

    assert len(refs) >= 110
    assert len({ref.split("/")[0] for ref in refs}) == len(refs)


def test_regime_has_duties_of_every_rhythm_and_contradictions(regime):
    assert {duty.rhythm for duty in regime.duties} == set(Rhythm)
    assert len(regime.contradictions) >= 10


def test_what_the_article_asks_is_asked_in_the_regime_under_the_same_ref(version, regime):
    asked = {question.ref for question in regime.questions}

    assert len(asked & {question.ref for question in version.questions}) >= 75
    # What the article asks more closely goes by the same control key.
    assert [q.ref for q in version.questions if q.ref.split("/")[0] not in asked] == []


def test_there_are_60_questions_or_more_and_none_is_asked_twice(either):
    questions = list(either.questions)

    assert len(questions) >= 60
    assert len({question.text.en for question in questions}) == len(questions)
    assert len({question.text.zh for question in questions}) == len(questions)


def test_every_text_is_in_both_languages(library, either):
    provisions = [provision for _, provision in library.provisions]

    wrong = [
        (thing, name)
        for thing in [*parts(either), *library.instruments, *provisions]
        for name, text in texts(thing)
        if not (text.en and (is_chinese(text.zh) or set(text.zh) <= PLAIN or text.zh == text.en))
        or (is_chinese(text.en) and name in ("text", "why", "evidence", "remediation", "statement"))
    ]

    assert wrong == []


def test_every_question_says_why_what_proves_it_and_what_to_do(either):
    required = ("text", "why", "evidence", "remediation")

    assert [q.ref for q in either.questions if EMPTY in [getattr(q, name) for name in required]] == []
    assert [q.ref for q in either.questions if not (q.text.en.endswith("?") and q.text.zh.endswith("？"))] == []


def test_every_question_and_duty_cites_what_may_be_shown(library, either):
    shown = {
        provision.key
        for instrument, provision in library.provisions
        if Verification.WITHHELD not in (instrument.verification, provision.verification)
    }

    assert [thing.ref for thing in (*either.questions, *either.duties) if shown.isdisjoint(thing.citations)] == []


def test_withheld_provisions_are_there_to_be_hidden(library):
    assert [p.key for _, p in library.provisions if p.verification is Verification.WITHHELD] != []


def test_every_severity_is_used(either):
    assert {question.severity for question in either.questions} == set(Severity)


def test_instruments_of_the_article_are_there(library):
    forces = {instrument.slug: instrument.legal_force for instrument in library.instruments}

    expected = {
        "csl-2016": LegalForce.LAW,
        "csl-2025": LegalForce.LAW,
        "gbt-35273-2017": LegalForce.RECOMMENDED_STANDARD,
        "gbt-35273-2020": LegalForce.RECOMMENDED_STANDARD,
        "megvii-2019": LegalForce.COMPANY_GUIDELINE,
        "frt-working-group-2019": LegalForce.INDUSTRY_INITIATIVE,
        "guo-bing-2021": LegalForce.CASE,
        "masked-face-2020": LegalForce.CASE,
    }
    assert {slug: forces.get(slug) for slug in expected} == expected


EDITIONS = [("csl-2016", "csl-2025"), ("gbt-35273-2017", "gbt-35273-2020"), ("xb-old", "xb-2024")]


@pytest.mark.parametrize(("older", "newer"), EDITIONS)
def test_editions_hand_over_without_a_gap_or_an_overlap(library, older, newer):
    instruments = {instrument.slug: instrument for instrument in library.instruments}

    assert instruments[older].superseded_by == newer
    assert (instruments[newer].in_force_from - instruments[older].in_force_until).days == 1


def test_megvii_is_asked_in_its_six_principles(version):
    (megvii,) = [section for section in version.sections if section.ref == "megvii"]

    assert len({question.group for question in megvii.questions} - {EMPTY}) == 6


@pytest.mark.django_db
def test_library_loads_and_loads_again_without_a_change(library):
    first = load_library(LIBRARY)

    assert first == Loaded(len(library.instruments), len(list(library.provisions)), len(library.versions))
    assert load_library(LIBRARY) == Loaded(0, 0, 0)


@pytest.mark.django_db
def test_loaded_version_has_no_faults_and_can_be_answered(either):
    load_library(LIBRARY)

    row = Version.objects.get(question_set__slug=either.slug, number=1)
    standing = make_assessment(row).standing()
    assert [problem for problem in row.problems() if not problem.is_warning] == []
    assert list(row.questions.values_list("ref", flat=True)) == [question.ref for question in either.questions]
    assert list(row.duties.values_list("ref", flat=True)) == [duty.ref for duty in either.duties]
    assert list(row.contradictions.values_list("ref", flat=True)) == [c.ref for c in either.contradictions]
    assert len(list(standing.applicable())) + len(standing.not_asked) == row.questions.count()
    assert len(list(standing.applicable())) >= 60
    assert not {p.pk for p in Provision.objects.filter(verification="withheld")} & set(standing.provisions)
