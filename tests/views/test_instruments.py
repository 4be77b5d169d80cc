"""The regime in time: the timeline, the page of an instrument, and what cites what."""

from datetime import date

import pytest
from django.urls import reverse
from django.utils import timezone

from questionnaires.models import Provision, QuestionSet
from tests.factories import (
    answer,
    both,
    make_assessment,
    make_draft,
    make_instrument,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_submitted,
    make_user,
    publish,
)
from tests.views.browsing import address, query_count, read, start, text, texts
from tests.views.test_markup import assert_policy, faults

pytestmark = pytest.mark.django_db
YEAR = timezone.localdate().year
SOON = date(YEAR + 1, 3, 1)


def make_regime():
    """One instrument in every state, beside a withheld one."""
    newer = make_instrument("newer", **both(short_title="Newer"))
    make_instrument(
        "older",
        issued_on=date(2017, 6, 1),
        in_force_from=date(2018, 1, 1),
        in_force_until=date(2020, 12, 31),
        superseded_by=newer,
    )
    make_instrument("coming", legal_force="mandatory_standard", issued_on=date(2021, 5, 1), in_force_from=SOON)
    make_instrument("guideline", legal_force="company_guideline", issued_on=date(2019, 7, 17), in_force_from=None)
    make_instrument("draft", legal_force="departmental_rule", stage="draft", in_force_from=None)
    make_instrument("undated", issued_on=None, in_force_from=None, verification="unverified", jurisdiction="eu")
    make_instrument("secret", verification="withheld", **both(title="Secret law", short_title="Secret"))
    return newer


def timeline(client, **query):
    return read(client.get(reverse("timeline", query=query or None)))


def states(page):
    """State by instrument, as the table tells it."""
    return {text(row.th): text(row.td) for row in page.select(".timeline-table tr:has(td)")}


# --- timeline -----------------------------------------------------------------------------------------------------


def test_timeline_tells_every_state_and_nothing_withheld(client):
    make_regime()

    page = timeline(client)

    assert states(page) == {
        "older": "Ended",
        "Newer": "In force",
        "draft": "Draft, not in force",
        "coming": "Issued, not yet in force",
        "guideline": "Issued, no day of entry into force",
        "undated Law European Union": "Date to be verified",
    }
    assert "secret" not in str(page).lower()


def test_timeline_groups_by_legal_force(client):
    make_regime()

    page = timeline(client)

    assert texts(page, "th.group") == [
        "Law binding",
        "Departmental rule binding",
        "Mandatory standard binding",
        "Company guideline not binding",
        "No date",
    ]
    assert [text(g).split(" binding")[0].split(" not")[0] for g in page.select("svg .group:not(.group-right)")] == [
        "Law",
        "Departmental rule",
        "Mandatory standard",
        "Company guideline",
        "No date",
    ]


def test_row_of_the_table_holds_the_dates_and_the_successor(client):
    newer = make_regime()
    make_question(make_section(make_draft()), provisions=[make_provision(newer)])

    row = timeline(client).select_one(".timeline-table tr:has(a[href='/instruments/older/'])")

    assert texts(row, "td") == ["Ended", "2017-06-01", "2018-01-01", "2020-12-31", "Newer", "Verified", "0", "0"]
    assert [a["href"] for a in row.select("a")] == ["/instruments/older/", "/instruments/newer/"]


def test_picture_draws_each_state_its_own_way(client):
    make_regime()

    page = timeline(client)

    def drawn(slug):
        row = page.select_one(f"svg a[href='/instruments/{slug}/']")
        bar = row.select_one(".bar")
        return bar and (bar["class"], bar.get("fill")), bool(row.select_one(".draft-line"))

    assert drawn("newer") == ((["bar", "is-binding", "bar-in_force"], None), False)
    assert drawn("older") == ((["bar", "is-binding", "bar-ended"], None), False)
    assert drawn("coming") == ((["bar", "is-binding", "bar-announced"], "url(#stripes)"), False)
    assert drawn("guideline") == ((["bar", "bar-issued"], "url(#dots)"), False)
    assert drawn("draft") == (None, True)
    assert drawn("undated") == (None, False)
    assert text(page.select_one("svg a[href='/instruments/undated/'] title")).endswith("· to be verified")


def test_timeline_marks_a_day_and_tells_the_state_on_it(client):
    make_regime()

    page = timeline(client, on="2020-06-30")

    assert states(page) == {
        "older": "In force",
        "Newer": "Issued, not yet in force",
        "draft": "Draft, not in force",
        "coming": "Not yet issued",
        "guideline": "Issued, no day of entry into force",
        "undated Law European Union": "Date to be verified",
    }
    assert texts(page, ".mark-day") == [f"today {timezone.localdate()}", "2020-06-30"]
    assert texts(page, ".tally strong") == ["On 2020-06-30:"]
    assert page.find(id="on")["value"] == "2020-06-30"


@pytest.mark.parametrize("day", ["2020-02-30", "then", "<b>", "0000-00-00", "9" * 99, "2020-05-04T00:00"])
def test_what_is_no_date_is_told_beside_the_field(client, day):
    make_regime()

    page = timeline(client, on=day)

    assert texts(page, "#on-error") == ["This is no date. Write it as 2020-05-04. The page shows today."]
    assert (page.find(id="on")["value"], page.find(id="on")["type"]) == (day, "text")
    assert texts(page, ".tally strong") == [f"Today, {timezone.localdate()}:"]
    assert len(states(page)) == 6


@pytest.mark.parametrize("day", ["2015-12-31", "9999-12-31", "0001-01-01"])
def test_day_outside_the_timeline_is_told(client, day):
    make_regime()

    page = timeline(client, on=day)

    said = f"The timeline runs from 2016-01-01 to {YEAR + 1}-12-31. Choose a day in between. The page shows today."
    assert texts(page, "#on-error") == [said]


@pytest.mark.parametrize(
    ("query", "shown"),
    [
        ({"force": "law"}, ["older", "Newer", "undated Law European Union"]),
        ({"force": ["law", "company_guideline"], "jurisdiction": "cn"}, ["older", "Newer", "guideline"]),
        ({"jurisdiction": "eu"}, ["undated Law European Union"]),
        ({"jurisdiction": "eu", "force": "case"}, []),
        ({"force": "nonsense"}, ["older", "Newer", "draft", "coming", "guideline", "undated Law European Union"]),
    ],
)
def test_filters_narrow_the_table_and_the_picture(client, query, shown):
    make_regime()

    page = timeline(client, **query)

    assert list(states(page)) == shown
    assert len(page.select("svg a")) == len(shown)
    assert bool(page.select(".empty")) == (not shown)


def test_filter_counts_what_it_would_show_beside_the_other(client):
    make_regime()

    page = timeline(client, jurisdiction="eu", force="company_guideline")

    assert texts(page, ".timeline-filter fieldset label") == [
        "Law (1)",
        "Company guideline (0)",
        "China (1)",
        "European Union (0)",
    ]
    assert [box["value"] for box in page.select("input[checked]")] == ["company_guideline", "eu"]


def test_withheld_successor_is_not_named(client):
    secret = make_instrument("secret", verification="withheld", **both(short_title="Secret"))
    older = make_instrument("older", superseded_by=secret)
    make_provision(older, superseded_by=make_provision(secret))
    make_provision(older, superseded_by=make_provision(verification="withheld", **both(ref="Secret art.")))

    pages = [timeline(client), read(client.get("/instruments/older/"))]

    assert [("secret" in str(page).lower()) for page in pages] == [False, False]
    assert client.get("/instruments/secret/").status_code == 404


def test_timeline_counts_shown_provisions_and_questions_for_all(client):
    instrument = make_instrument("law")
    shown, withheld = make_provision(instrument), make_provision(instrument, verification="withheld")
    draft = make_draft()
    section = make_section(draft)
    make_question(section, provisions=[shown, withheld])
    make_question(section, provisions=[shown])
    publish(draft)
    make_question(make_section(make_draft()), provisions=[shown])
    private = QuestionSet.objects.create(
        slug="own", organisation=make_organisation(), **both(title="Own", description="")
    )
    own = make_draft(question_set=private)
    make_question(make_section(own), provisions=[shown])
    publish(own)

    row = timeline(client).select_one(".timeline-table tr:has(a[href='/instruments/law/'])")

    assert texts(row, "td.number") == ["1", "2"]


def test_timeline_without_instruments_says_so(client):
    page = timeline(client)

    assert (page.select("svg.timeline-picture"), len(page.select(".empty"))) == ([], 1)


def test_timeline_is_in_the_navigation_of_everyone(client):
    signed_out = [a["href"] for a in read(client.get("/")).select("header nav a")]
    client.force_login(make_user())
    signed_in = [a["href"] for a in read(client.get("/assessments/")).select("header nav a")]

    assert (signed_out, signed_in) == (["/timeline/"], ["/assessments/", "/portfolio/", "/actions/", "/timeline/"])


# --- an instrument ------------------------------------------------------------------------------------------------


def make_cited():
    """A law that supersedes an older one, of whose provisions one is cited by a question."""
    law = make_instrument("law", **both(title="The Law", short_title="Law", note="A note.", number="Order 1"))
    old = make_instrument("old", superseded_by=law, in_force_until=date(2020, 12, 31), in_force_from=date(2017, 1, 1))
    cited = make_provision(law, "Art. 1", in_force_from=date(2022, 5, 1))
    make_provision(law, "Art. 2", verification="unverified", is_derived=True, position=1)
    make_provision(law, "Art. 3", verification="withheld", position=2, **both(statement="Secret duty"))
    make_provision(old, "Art. 9", superseded_by=cited)
    draft = make_draft("set")
    make_question(make_section(draft, "first"), "topic.q1", provisions=[cited])
    publish(draft)
    return law, old, cited


def test_instrument_tells_its_data_and_its_predecessor(client):
    make_cited()

    page = read(client.get("/instruments/law/"))

    terms = dict(zip(texts(page, ".facts-list dt"), texts(page, ".facts-list dd"), strict=True))
    assert texts(page, "h1") == ["The Law"]
    assert texts(page, ".instrument-note") == ["A note."]
    assert terms == {
        "Short title": "Law",
        "Issuer": "Issuer",
        "Number": "Order 1",
        "Jurisdiction": "China",
        "Issued": "2020-01-01",
        "In force from": "2021-01-01",
        "Supersedes": "Law old",
        "Official source": "Gazette",
        "Verification": "Verified",
        "Coverage": "Provisions and questions of “Set set”",
    }
    assert texts(page, ".cite .force") == ["Law · binding"]


def test_instrument_lists_provisions_with_dates_and_questions(client):
    make_cited()

    page = read(client.get("/instruments/law/"))

    first, second = page.select("article.provision")
    assert (text(first.h3), texts(first, ".meta")) == (
        "Art. 1",
        [
            "Binds: Everyone · in force from 2022-05-01 · Verified",
            "Supersedes old, Art. 9",
            "Set set, version 1 · Section first",
        ],
    )
    assert text(first.summary) == "1 question cites it"
    assert texts(first, ".citing li") == ["Is topic.q1 done? Set set, version 1 · Section first"]
    assert text(second.h3) == "Art. 2 to be verified"
    assert texts(second, "strong") == ["Our reading:"]
    assert texts(second, ".meta") == ["Binds: Everyone · in force from 2021-01-01 · To be verified", "No question yet"]
    assert "Secret" not in str(page)


def test_superseded_instrument_leads_to_its_successor_and_each_provision_to_its_own(client):
    _law, _old, cited = make_cited()

    page = read(client.get("/instruments/old/"))

    links = {text(a): a["href"] for a in page.select("main a")}
    assert links["The Law"] == "/instruments/law/"
    assert links["Law, Art. 1"] == f"/instruments/law/#p{cited.pk}"
    assert page.select_one(".cite strong").get_text() == "Ended"


def test_questions_of_drafts_retired_and_private_versions_are_not_listed(client):
    law, _old, cited = make_cited()
    make_question(make_section(make_draft("draft")), "draft.q", provisions=[cited])
    retired = make_draft("retired")
    make_question(make_section(retired), "retired.q", provisions=[cited])
    publish(retired).retire()
    private = QuestionSet.objects.create(
        slug="own", organisation=make_organisation(), **both(title="Own", description="")
    )
    own = make_draft(question_set=private)
    make_question(make_section(own), "own.q", provisions=[cited])
    publish(own)

    page = read(client.get("/instruments/law/"))

    assert texts(page, ".citing li") == ["Is topic.q1 done? Set set, version 1 · Section first"]
    for slug in ("draft", "retired", "own"):
        assert client.get(reverse("instrument-coverage", args=[law.slug, slug])).status_code == 404


def test_instrument_without_a_provision_to_show_says_so(client):
    law = make_instrument("law", verification="unverified")
    make_provision(law, verification="withheld", **both(statement="Secret duty"))

    page = read(client.get("/instruments/law/"))

    assert texts(page, "section[aria-labelledby=provisions-heading] p") == [
        "None of its provisions is verified well enough to be shown."
    ]
    assert "Secret" not in str(page)


def test_instrument_is_told_in_the_language_of_the_page(client):
    make_cited()

    page = read(client.get("/instruments/law/", headers={"Accept-Language": "zh-hans"}))

    assert (page.html["lang"], texts(page, "h1")) == ("zh-hans", ["The Law中文"])
    assert text(page.select_one(".citing li")).startswith("Is topic.q1 done?中文")


# --- coverage -----------------------------------------------------------------------------------------------------


def make_covered():
    """A version over one law: Art. 1 asked twice, Art. 2 only where minors are, Art. 3 coming up, Art. 4 not at all."""
    law = make_instrument("law", **both(title="The Law", short_title="Law"))
    provisions = [
        make_provision(law, f"Art. {number}", position=number, in_force_from=SOON if number == 3 else None)
        for number in (1, 2, 3, 4)
    ]
    make_provision(law, "Art. 5", verification="withheld", **both(statement="Secret duty"))
    draft = make_draft("set")
    first, second = make_section(draft, "first"), make_section(draft, "second")
    make_question(first, "a.1", provisions=provisions[:1])
    make_question(first, "a.other")
    make_question(second, "b.1", provisions=[provisions[0], provisions[2]])
    make_question(second, "b.2", provisions=[provisions[1]], applies_if="minors == yes")
    return publish(draft), law


def cells(page):
    """Each row of the matrix as its head and its cells."""
    rows = page.select(".matrix tbody tr")
    return {text(row.select_one("th a")): texts(row, "td") for row in rows}


def test_coverage_marks_which_question_cites_which_provision(client):
    make_covered()

    page = read(client.get("/instruments/law/coverage/set/"))

    assert texts(page, ".matrix thead th") == ["Provision", "1.1", "2.1", "2.2"]
    assert cells(page) == {
        "Art. 1": ["cites it", "cites it", ""],
        "Art. 2": ["", "", "cites it"],
        "Art. 3": ["", "cites it", ""],
    }
    assert [text(li).split()[:2] for li in page.select(".uncited li")] == [["Art.", "4"]]
    assert texts(page, "#uncited-heading") == ["1 provision: no question yet"]
    assert texts(page, ".question-legend dt") == ["Section first", "1.1", "Section second", "2.1", "2.2"]
    assert texts(page, ".question-legend dd") == ["Is a.1 done?", "Is b.1 done?", "Is b.2 done?"]
    assert page.select_one(".matrix thead a")["title"] == "Is a.1 done?"
    assert "Secret" not in str(page)


def test_coverage_of_an_assessment_tells_outcomes(client):
    version, law = make_covered()
    assessment = start(client, version, as_of=timezone.localdate())
    answer(assessment, "a.1", "yes")
    answer(assessment, "b.1", "no")
    fact = next(f for f in assessment.outline.facts if f.ref == "minors")
    assessment.record_fact(fact, by=assessment.created_by, seen=0, values=["no"])

    page = read(client.get(address("assessment-coverage", assessment, law.slug)))

    day = assessment.as_of.isoformat()
    assert texts(page, ".matrix thead th") == ["Provision", "Outcome", "1.1", "2.1", "2.2"]
    assert cells(page) == {
        "Art. 1": ["Not met", "Met", "Not met", ""],
        "Art. 2": ["Not asked", "", "", "Not asked"],
        "Art. 3": [f"not in force on {day}", "", "cites it", ""],
    }
    assert len(page.select(".matrix .outcome-not_met")) == 2
    assert texts(page, ".question-legend .outcome, .question-legend .meta") == ["Met", "Not met", "Not asked"]
    link = page.select_one(".question-legend a")["href"]
    assert link.startswith(address("assessment-section", assessment, "first") + "#q")


def test_coverage_shows_the_newest_version(client):
    version, _law = make_covered()
    newer = version.start_draft()
    make_question(newer.sections.get(ref="first"), "a.new", provisions=[Provision.objects.get(ref_en="Art. 4")])
    publish(newer)

    page = read(client.get("/instruments/law/coverage/set/"))

    assert texts(page, ".matrix thead th") == ["Provision", "1.1", "1.3", "2.1", "2.2"]
    assert page.select(".uncited") == []


def test_coverage_of_a_submitted_assessment_is_shown_and_linked_from_its_report(client):
    version, law = make_covered()
    assessment = make_submitted(version, level="yes")
    client.force_login(assessment.created_by)

    report = read(client.get(address("assessment-report", assessment)))
    page = read(client.get(address("assessment-coverage", assessment, law.slug)))

    own = [a["href"] for a in report.select(".report-coverage a")]
    assert address("assessment-coverage", assessment, law.slug) in own
    assert cells(page)["Art. 1"] == ["Met", "Met", "Met", ""]


def test_overview_leads_to_the_coverage_of_each_instrument_but_a_withheld_one(client):
    version, law = make_covered()
    withheld = make_instrument("secret", verification="withheld")
    assessment = start(client, version, instruments=[law, withheld])

    page = read(client.get(address("assessment-overview", assessment)))

    links = [a["href"] for a in page.select(".facts-list a")]
    assert links == [address("assessment-coverage", assessment, law.slug)]
    assert client.get(address("assessment-coverage", assessment, withheld.slug)).status_code == 404


def test_instrument_that_was_not_chosen_is_not_found(client):
    version, law = make_covered()
    assessment = start(client, version, instruments=[make_instrument("other")])

    response = client.get(address("assessment-coverage", assessment, law.slug))

    assert response.status_code == 404


def test_stranger_does_not_find_the_coverage_of_an_assessment(client):
    version, law = make_covered()
    assessment = make_assessment(version, name="Secret gate")
    stranger = make_user()
    make_assessment(version, organisation=make_organisation("Other", owner=stranger))
    client.force_login(stranger)

    response = client.get(address("assessment-coverage", assessment, law.slug))

    assert (response.status_code, "Secret gate" in response.content.decode()) == (404, False)


@pytest.mark.parametrize(
    "path", ["/instruments/nope/", "/instruments/law/coverage/nope/", "/instruments/no/coverage/set/"]
)
def test_unknown_address_is_not_found(client, path):
    make_covered()

    assert client.get(path).status_code == 404


@pytest.mark.parametrize("path", ["/timeline/", "/instruments/law/", "/instruments/law/coverage/set/"])
def test_page_is_read_only(client, path):
    make_covered()

    response = client.post(path)

    assert (response.status_code, response["Allow"]) == (405, "GET")


# --- all of them --------------------------------------------------------------------------------------------------


PATHS = ["/timeline/", "/timeline/?on=2020-05-04", "/timeline/?on=then", "/instruments/law/"]
PATHS += ["/instruments/law/coverage/set/"]


@pytest.mark.parametrize("path", PATHS)
def test_page_is_sound(client, path):
    make_regime()
    make_covered()

    response = client.get(path)

    assert faults(response) == []
    assert_policy(response)


def test_coverage_of_an_assessment_is_sound(client):
    version, law = make_covered()
    assessment = start(client, version, name="<b>Gate</b>")
    answer(assessment, "a.1", "partly")

    response = client.get(address("assessment-coverage", assessment, law.slug))

    assert faults(response) == []
    assert "<b>Gate" not in response.content.decode()


def test_pages_cost_the_same_at_1_and_at_3_rows(client):
    law = make_instrument("law")
    costs = []
    for number in (1, 3):
        for extra in range(number):
            older = make_instrument(superseded_by=law)
            provision = make_provision(law)
            make_provision(older, superseded_by=provision)
            draft = make_draft(f"set-{number}-{extra}")
            for _question in range(number):
                make_question(make_section(draft), provisions=[provision, make_provision(law)])
            version = publish(draft)
        assessment = start(client, version)
        own = address("assessment-coverage", assessment, law.slug)
        public = f"/instruments/law/coverage/set-{number}-{extra}/"
        for path in (own, public):
            client.get(path)
        client.logout()
        row = [query_count(lambda p=p: client.get(p)) for p in ("/timeline/", "/instruments/law/", public)]
        client.force_login(assessment.created_by)
        costs.append([*row, query_count(lambda p=own: client.get(p))])

    assert costs[0] == costs[1] == [3, 5, 4, 9]
