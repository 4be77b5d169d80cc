"""Which rule counts on which day: dates and citations of the delivered library, from the register of sources.

Every switch is looked at on both sides: the last day before it and its first day.
"""

from datetime import date, timedelta
from typing import NamedTuple

import pytest
from django.db import transaction

from questionnaires import reading
from questionnaires.checks import LIBRARY
from questionnaires.content import Stage
from questionnaires.importing import load_library
from questionnaires.models import Instrument, Version
from questionnaires.models.instruments import DatedInstrument, DatedProvision
from questionnaires.models.standings import Because, NotAsked
from tests.factories import make_assessment, make_organisation

ONE_DAY = timedelta(days=1)
LONG_AFTER = date(2040, 1, 1)


class Switch(NamedTuple):
    """What a question cites of a family (the keys that begin so) the day before, and on the first day."""

    first_day: str
    question_set: str
    question: str
    family: str
    before: str
    after: str

    @property
    def day(self) -> date:
        return date.fromisoformat(self.first_day)


ARTICLE, CHINA = "article-2020", "frt-china"
POLICE_FILING = "video/14-filing video/14-older-systems video/14-changes"
FILING_ANNOUNCED = "frt-filing/online frt-filing/province frt-filing/stores-before-june-2025"
EXPORT_2022 = "xb-old/assessment xb-old/contract"
EXPORT_2024 = (
    "xb-2024/assessment xb-2024/contract-certification xb-2024/3-6-sensitive xb-2024/3-6-exemptions xb-2024/validity"
)

SWITCHES = [
    Switch("2016-01-01", CHINA, "publicplace.necessity", "counter-terror", "", "counter-terror/27"),
    Switch("2017-06-01", ARTICLE, "consent.separate", "csl-", "", "csl-2016/41-1"),
    Switch("2017-06-01", CHINA, "security.network-logs-6m", "csl-", "", "csl-2016/21-3"),
    Switch(
        "2017-06-01", CHINA, "sharing.no-sale", "criminal", "", "criminal-pi-2017/crime criminal-pi-2017/thresholds"
    ),
    Switch("2018-05-01", ARTICLE, "consent.separate", "gbt-35273", "", "gbt-35273-2017/5-5-consent"),
    Switch(
        "2020-10-01",
        ARTICLE,
        "consent.separate",
        "gbt-35273",
        "gbt-35273-2017/5-5-consent",
        "gbt-35273-2020/5-4-biometrics gbt-35273-2020/5-4-sensitive",
    ),
    Switch(
        "2020-10-01",
        CHINA,
        "storage.raw-images",
        "gbt-35273",
        "gbt-35273-2017/6-3-measures",
        "gbt-35273-2020/6-3-raw-data",
    ),
    Switch("2020-10-01", CHINA, "storage.separate", "gbt-35273-2020/6-3", "", "gbt-35273-2020/6-3-separate"),
    Switch("2020-11-01", CHINA, "accuracy.liveness", "gbt-38671", "", "gbt-38671-2020/liveness"),
    Switch("2021-01-01", CHINA, "privacy.no-intrusion", "civil-code", "", "civil-code/1032"),
    Switch("2021-06-01", CHINA, "minors.guardian-consent", "minors-law", "", "minors-law-72/72"),
    Switch("2021-08-01", CHINA, "consent.separate", "spc-", "", "spc-2021-15/2-3"),
    Switch("2021-09-01", CHINA, "consent.indirect-source", "dsl", "", "dsl/32"),
    Switch("2021-11-01", CHINA, "consent.separate", "pipl", "", "pipl/29 pipl/14-1-form"),
    Switch("2021-11-01", CHINA, "publicplace.use-limitation", "pipl", "", "pipl/26-use"),
    Switch("2022-05-01", CHINA, "biometric.template-protection", "gbt-40660", "", "gbt-40660-2021/templates"),
    Switch("2022-09-01", CHINA, "crossborder.mechanism", "xb-", "", "xb-old/assessment"),
    Switch("2023-05-01", CHINA, "consent.no-repeat-asking", "gbt-41819", "", "gbt-41819-2022/no-repeat-asking"),
    Switch("2023-05-01", CHINA, "accuracy.disclosed", "gbt-41772", "", "gbt-41772-2022/indicators"),
    Switch("2023-06-01", CHINA, "crossborder.mechanism", "xb-", "xb-old/assessment", EXPORT_2022),
    Switch("2023-09-01", CHINA, "notice.accessible", "barrier-free", "", "barrier-free/33 barrier-free/39"),
    Switch("2024-01-01", CHINA, "minors.annual-audit", "minors-", "", "minors-cyber/37"),
    Switch("2024-03-22", CHINA, "crossborder.mechanism", "xb-", EXPORT_2022, EXPORT_2024),
    Switch("2024-08-02", CHINA, "bipa.policy", "bipa", "", "bipa/20-per-person"),
    Switch("2025-01-01", CHINA, "consent.no-repeat-asking", "ndr", "", "ndr/22-repeat"),
    Switch("2025-01-01", CHINA, "storage.bystanders", "ndr", "", "ndr/24-bystanders"),
    Switch("2025-02-02", CHINA, "eu.prohibited", "euai", "", "euai/5-1-e euai/5-1-f"),
    Switch("2025-04-01", CHINA, "publicplace.signage", "video", "", "video/13-signs"),
    Switch("2025-04-01", CHINA, "filing.police-video", "video", "", POLICE_FILING),
    Switch("2025-05-01", CHINA, "audit.large-2y", "audit", "", "audit/4"),
    Switch(
        "2025-05-21",
        CHINA,
        "filing.police-video",
        "video",
        POLICE_FILING,
        f"{POLICE_FILING} video-mps/filing-platform",
    ),
    Switch("2025-05-28", CHINA, "filing.100k", "frt", "", FILING_ANNOUNCED),
    Switch(
        "2025-06-01",
        CHINA,
        "filing.100k",
        "frt",
        FILING_ANNOUNCED,
        f"frt/15-1-filing frt/15-1-papers {FILING_ANNOUNCED}",
    ),
    Switch("2025-06-01", CHINA, "storage.on-device", "frt", "", "frt/8-1-device frt/8-1-transfer"),
    Switch("2025-06-01", CHINA, "consent.separate", "frt", "", "frt/6-1"),
    Switch(
        "2025-07-15", CHINA, "verify.national-channels", "net-id", "", "net-id/7-no-extra net-id/6-2 net-id/7-equal"
    ),
    Switch(
        "2025-07-18",
        CHINA,
        "governance.pi-officer-report",
        "officer-report",
        "",
        "officer-report/30-days officer-report/existing officer-report/changes",
    ),
    Switch("2025-11-01", CHINA, "alternatives.not-default", "gbt-45574", "", "gbt-45574-2025/6-1-alternative"),
    Switch(
        "2025-11-01",
        CHINA,
        "incident.report-4h",
        "incident",
        "",
        "incident-reporting-2025/4 incident-reporting-2025/5",
    ),
    Switch("2025-12-29", CHINA, "minors.annual-audit", "minors-report", "", "minors-report/yearly"),
    Switch("2026-01-01", ARTICLE, "consent.separate", "csl-", "csl-2016/41-1", "csl-2025/43-1"),
    Switch("2026-01-01", CHINA, "purpose.least-impact", "csl-", "csl-2016/41-2", "csl-2025/43-2"),
    Switch("2026-01-01", CHINA, "storage.localisation", "csl-", "csl-2016/37", "csl-2025/39"),
    Switch("2026-01-01", CHINA, "security.network-logs-6m", "csl-", "csl-2016/21-3", "csl-2025/23-3"),
    Switch("2026-01-01", CHINA, "sharing.no-sale", "csl-", "csl-2016/44", "csl-2025/46"),
    Switch("2026-01-01", CHINA, "basis.legal-basis", "csl-", "", "csl-2025/42-2"),
    Switch(
        "2026-01-01",
        CHINA,
        "crossborder.mechanism",
        "xb-cert",
        "",
        "xb-cert/scope xb-cert/no-splitting xb-cert/validity",
    ),
    Switch("2026-01-01", CHINA, "state.statutory-limits", "pspl", "", "pspl-2025/94"),
    Switch(
        "2026-07-27",
        CHINA,
        "eu.prohibited",
        "euai",
        "euai/5-1-e euai/5-1-f",
        "euai/5-1-e euai/5-1-f euai/2026-1744",
    ),
    Switch("2026-09-01", CHINA, "pia.before-processing", "small-25", "", "small-25/impact-form"),
    Switch("2026-09-01", CHINA, "audit.periodic", "small-25", "", "small-25/self-check"),
    Switch("2026-10-01", CHINA, "governance.inspection-readiness", "mps-176", "", "mps-176/inspection"),
    Switch("2027-01-01", CHINA, "security.product", "gb-46864", "", "gb-46864/5"),
    Switch(
        "2027-12-02",
        CHINA,
        "eu.high-risk",
        "euai",
        "euai/2026-1744",
        "euai/annex-3-1 euai/high-risk-duties euai/2026-1744",
    ),
]

# The first day on which a question rests on anything: before it is not asked.
FIRST_ASKED = [
    ("2016-01-01", CHINA, "publicplace.video-retention"),
    ("2017-06-01", CHINA, "security.network-logs-6m"),
    ("2017-06-01", ARTICLE, "storage.localisation"),
    ("2020-10-01", CHINA, "use.display"),
    ("2020-10-01", ARTICLE, "rights.withdraw"),
    ("2021-08-01", CHINA, "liability.contract-terms"),
    ("2021-11-01", CHINA, "automated.opt-out"),
    ("2021-11-01", CHINA, "crossborder.notice-consent"),
    ("2024-01-01", CHINA, "minors.annual-audit"),
    ("2025-04-01", CHINA, "filing.police-video"),
    ("2025-05-01", CHINA, "audit.large-2y"),
    ("2025-06-01", CHINA, "filing.count"),
    ("2025-06-01", CHINA, "consent.transmission"),
    ("2025-11-01", CHINA, "alternatives.not-default"),
    ("2025-11-01", ARTICLE, "pia.records-3y"),
]

# Instruments with their first day and, where they have ended, their last.
IN_FORCE = [
    ("audit", "2025-05-01", None),
    ("barrier-free", "2023-09-01", None),
    ("civil-code", "2021-01-01", None),
    ("counter-terror", "2016-01-01", None),
    ("criminal-pi-2017", "2017-06-01", None),
    ("csl-2016", "2017-06-01", "2025-12-31"),
    ("csl-2025", "2026-01-01", None),
    ("dsl", "2021-09-01", None),
    ("frt", "2025-06-01", None),
    ("frt-filing", "2025-05-28", None),
    ("gb-46864", "2027-01-01", None),
    ("gbt-35273-2017", "2018-05-01", "2020-09-30"),
    ("gbt-35273-2020", "2020-10-01", None),
    ("gbt-37036-3-2019", "2020-05-01", None),
    ("gbt-38671-2020", "2020-11-01", None),
    ("gbt-40660-2021", "2022-05-01", None),
    ("gbt-41772-2022", "2023-05-01", None),
    ("gbt-41819-2022", "2023-05-01", None),
    ("gbt-45574-2025", "2025-11-01", None),
    ("incident-reporting-2025", "2025-11-01", None),
    ("minors-cyber", "2024-01-01", None),
    ("minors-law-72", "2021-06-01", None),
    ("minors-report", "2025-12-29", None),
    ("mps-176", "2026-10-01", None),
    ("ndr", "2025-01-01", None),
    ("net-id", "2025-07-15", None),
    ("officer-report", "2025-07-18", None),
    ("pipl", "2021-11-01", None),
    ("pspl-2025", "2026-01-01", None),
    ("risk-24", "2026-08-20", None),
    ("small-25", "2026-09-01", None),
    ("spc-2021-15", "2021-08-01", None),
    ("video", "2025-04-01", None),
    ("video-mps", "2025-05-21", None),
    ("xb-2024", "2024-03-22", None),
    ("xb-cert", "2026-01-01", None),
    ("xb-old", "2022-09-01", "2024-03-21"),
]

# A day, what is in force on it and what is not (yet, or any more).
SNAPSHOTS = [
    (
        "2020-05-04",
        "csl-2016 gbt-35273-2017 counter-terror",
        "civil-code pipl spc-2021-15 dsl frt gbt-35273-2020 gbt-38671-2020",
    ),
    (
        "2021-08-15",
        "civil-code spc-2021-15 minors-law-72 gbt-35273-2020",
        "dsl pipl gbt-35273-2017",
    ),
    ("2021-11-01", "civil-code spc-2021-15 dsl pipl", "frt"),
    ("2024-03-22", "minors-cyber xb-2024", "ndr xb-old"),
    ("2025-05-15", "ndr video audit", "frt"),
    ("2025-06-01", "frt", "gbt-45574-2025"),
    ("2025-11-01", "gbt-45574-2025 incident-reporting-2025", "small-25"),
    ("2026-08-31", "xb-cert csl-2025 risk-24", "small-25 mps-176 csl-2016"),
    ("2026-11-01", "small-25 mps-176", "gb-46864 draft-app draft-large"),
]


# Marked although the rows are read in a module's fixture: pytest-django makes the test database only for marked tests.
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def library():
    library, problems = reading.read_library(LIBRARY)
    assert problems == []
    return library


@pytest.fixture(scope="module")
def standings(django_db_setup, django_db_blocker):
    """The standing of an assessment without stated facts, by question set and day: plain values, read once."""
    first_days = {switch.day for switch in SWITCHES} | {date.fromisoformat(row[0]) for row in FIRST_ASKED}
    days = {day - ONE_DAY for day in first_days} | first_days | {LONG_AFTER}
    with django_db_blocker.unblock(), transaction.atomic():
        load_library(LIBRARY)
        organisation = make_organisation()
        found = {}
        for version in Version.objects.filter(number=1).select_related("question_set"):
            assessment = make_assessment(version, organisation=organisation)
            for day in days:
                assessment.as_of = day
                found[version.question_set.slug, day] = assessment.standing()
        transaction.set_rollback(True)
    return found


def in_force(library, day):
    """Keys of the library's provisions in force on that day, from the files alone."""
    keys = set()
    for instrument, provision in library.provisions:
        dates = (instrument.issued_on, instrument.in_force_from, instrument.in_force_until)
        dated = DatedInstrument(instrument.slug, instrument.legal_force, instrument.stage, *dates)
        if DatedProvision(0, provision.key, provision.in_force_from, provision.in_force_until, dated).is_in_force(day):
            keys.add(provision.key)
    return keys


def own_keys(library, slug):
    (instrument,) = [instrument for instrument in library.instruments if instrument.slug == slug]
    return {provision.key for provision in instrument.provisions if provision.in_force_from is None}


def find(standing, ref):
    return next(question for question in standing.outline.questions.values() if question.ref == ref)


def shown(standing, ref, family=""):
    counted = standing.counted_provisions(find(standing, ref))
    return [provision.key for provision in counted if provision.key.startswith(family)]


def test_the_table_is_long_enough_and_has_both_sides_of_each_switch():
    days = {switch.day for switch in SWITCHES} | {switch.day - ONE_DAY for switch in SWITCHES}

    assert len(days) >= 60
    assert [switch for switch in SWITCHES if switch.before == switch.after] == []


@pytest.mark.parametrize("switch", SWITCHES, ids=lambda s: f"{s.first_day}-{s.question}-{s.family}")
def test_a_question_shows_the_citations_of_the_day(standings, switch):
    before = standings[switch.question_set, switch.day - ONE_DAY]
    after = standings[switch.question_set, switch.day]

    assert shown(before, switch.question, switch.family) == switch.before.split()
    assert sorted(shown(after, switch.question, switch.family)) == sorted(switch.after.split())


def test_the_cybersecurity_law_is_cited_by_the_number_of_the_day(library, standings):
    refs = {provision.key: (provision.ref.en, provision.ref.zh) for _, provision in library.provisions}

    (old,) = shown(standings[ARTICLE, date(2025, 12, 31)], "consent.separate", "csl-")
    (new,) = shown(standings[ARTICLE, date(2026, 1, 1)], "consent.separate", "csl-")

    assert (refs[old], refs[new]) == (("Art. 41(1)", "第41条第1款"), ("Art. 43(1)", "第43条第1款"))


@pytest.mark.parametrize(("first_day", "question_set", "ref"), FIRST_ASKED)
def test_a_question_is_not_asked_before_anything_it_cites_is_in_force(standings, first_day, question_set, ref):
    day = date.fromisoformat(first_day)
    before, after = standings[question_set, day - ONE_DAY], standings[question_set, day]
    question = find(before, ref)

    assert before.not_asked[question.pk] == NotAsked(Because.DATE)
    assert question not in list(before.applicable())
    assert question.pk not in after.not_asked
    assert question in list(after.applicable())


def test_a_question_is_asked_exactly_when_one_of_its_provisions_is_in_force(standings):
    wrong = [
        (question_set, day, question.ref)
        for (question_set, day), standing in standings.items()
        for question in standing.outline.questions.values()
        if bool(standing.counted_provisions(question)) == (question.pk in standing.not_asked)
    ]

    assert wrong == []


@pytest.mark.django_db
def test_a_question_of_an_instrument_that_was_not_chosen_is_not_asked_for_another_reason():
    load_library(LIBRARY)
    version = Version.objects.get(question_set__slug=CHINA, number=1)
    chosen = Instrument.objects.filter(slug="csl-2025")

    standing = make_assessment(version, as_of=date(2026, 3, 1), instruments=chosen).standing()

    assert standing.not_asked[find(standing, "filing.count").pk] == NotAsked(Because.INSTRUMENTS)
    assert find(standing, "security.network-logs-6m").pk not in standing.not_asked


@pytest.mark.parametrize(("slug", "first", "last"), IN_FORCE)
def test_an_instrument_is_in_force_from_its_first_to_its_last_day(library, slug, first, last):
    keys, first_day = own_keys(library, slug), date.fromisoformat(first)
    last_day = date.fromisoformat(last) if last else LONG_AFTER

    assert keys
    assert keys.isdisjoint(in_force(library, first_day - ONE_DAY))
    assert keys <= in_force(library, first_day)
    assert keys <= in_force(library, last_day)
    if last:
        assert keys.isdisjoint(in_force(library, last_day + ONE_DAY))


@pytest.mark.parametrize(
    ("key", "first"),
    [
        ("xb-old/contract", "2023-06-01"),
        ("bipa/20-per-person", "2024-08-02"),
        ("euai/5-1-e", "2025-02-02"),
        ("bipa/20-pending-cases", "2026-04-01"),
        ("euai/2026-1744", "2026-07-27"),
        ("euai/50-3", "2026-08-02"),
        ("euai/annex-3-1", "2027-12-02"),
    ],
)
def test_a_provision_with_a_day_of_its_own_counts_from_that_day(library, key, first):
    first_day = date.fromisoformat(first)

    assert key not in in_force(library, first_day - ONE_DAY)
    assert key in in_force(library, first_day)


@pytest.mark.parametrize(("day", "yes", "no"), SNAPSHOTS)
def test_what_is_in_force_on_a_day(library, day, yes, no):
    slugs = {key.partition("/")[0] for key in in_force(library, date.fromisoformat(day))}

    assert set(yes.split()) - slugs == set()
    assert set(no.split()) & slugs == set()


def test_a_draft_is_never_in_force(library, standings):
    drafts = {p.key for instrument, p in library.provisions if instrument.stage is Stage.DRAFT}
    days = sorted({day for _, day in standings})

    assert {key.partition("/")[0] for key in drafts} == {"draft-app", "draft-large"}
    assert [day for day in days if drafts & in_force(library, day)] == []
    assert [
        (day, question.ref)
        for (_, day), standing in standings.items()
        for question in standing.outline.questions.values()
        if drafts & {provision.key for provision in standing.counted_provisions(question)}
    ] == []


def test_every_question_and_duty_cites_both_editions_where_there_are_two(library):
    editions = ("csl-2016", "gbt-35273-2017")
    successor = {p.key: p.superseded_by for instrument, p in library.provisions if instrument.slug in editions}
    things = [thing for version in library.versions for thing in [*version.questions, *version.duties]]

    one_sided = [
        (thing.ref, old, new)
        for thing in things
        for old, new in successor.items()
        if (old in thing.citations) != (new in thing.citations)
    ]
    assert one_sided == []


@pytest.mark.parametrize("slug", ["csl-2016", "gbt-35273-2017", "xb-old"])
def test_every_provision_of_an_ended_edition_names_its_successor(library, slug):
    (instrument,) = [instrument for instrument in library.instruments if instrument.slug == slug]

    assert [provision.key for provision in instrument.provisions if not provision.superseded_by] == []
    assert all(p.superseded_by.startswith(f"{instrument.superseded_by}/") for p in instrument.provisions)
