import hashlib
import json
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest
from django.utils.translation import override

from questionnaires.models import Answer, Assessment, Provision
from questionnaires.models.freezing import canonical, frozen_content
from questionnaires.scoring import Severity
from tests.factories import (
    answer,
    answer_all,
    both,
    make_assessment,
    make_draft,
    make_instrument,
    make_organisation,
    make_provision,
    make_question,
    make_section,
    make_user,
    make_version,
    publish,
    state_fact,
)

pytestmark = pytest.mark.django_db


def freeze(assessment):
    """The content as anyone reads it back: from the canonical bytes."""
    stored = Assessment.objects.get(pk=assessment.pk)
    return json.loads(canonical(frozen_content(stored)))


def questions(content):
    return {q["ref"]: q for section in content["sections"] for q in section["questions"]}


# --- canonical --------------------------------------------------------------------------------------------------------


def test_canonical_sorts_keys_and_writes_utf_8_without_spaces():
    assert canonical({"b": ["中", None, True], "a": {"ü": 1, "A": "\n\u0001"}}) == (
        '{"a":{"A":"\\n\\u0001","ü":1},"b":["中",null,true]}'.encode()
    )


def test_canonical_writes_enumerations_as_their_words():
    assert canonical({Severity.HIGH: Severity.LOW}) == b'{"high":"low"}'


def test_same_content_gives_the_same_bytes():
    assessment = make_assessment(make_version(questions=5))
    for ref, level in [("topic.q4", "no"), ("topic.q1", "yes"), ("topic.q3", "partly")]:
        answer(assessment, ref, level, note="说明 🚪")
    state_fact(assessment, "size", "large")

    first = canonical(frozen_content(assessment))
    with override("zh-hans"):
        stored = Assessment.objects.get(pk=assessment.pk)
        second = canonical(frozen_content(stored))

    assert first == second


@pytest.mark.parametrize("change", ["note", "level", "fact", "subject", "as_of", "instruments"])
def test_any_change_gives_other_bytes(change):
    assessment = make_assessment(make_version(questions=2))
    answer(assessment, "topic.q1", "yes", note="a")
    before = canonical(frozen_content(assessment))

    match change:
        case "note":
            Answer.objects.update(note="b")
        case "level":
            Answer.objects.update(level=assessment.version.scales.get().levels.get(ref="no"))
        case "fact":
            state_fact(assessment, "size", "small")
        case "subject":
            Assessment.objects.update(subject="Another gate")
        case "as_of":
            Assessment.objects.update(as_of=date(2026, 3, 2))
        case "instruments":
            assessment.instruments.remove(assessment.instruments.first())

    stored = Assessment.objects.get(pk=assessment.pk)
    assert canonical(frozen_content(stored)) != before


def test_digest_can_be_recomputed_from_the_payload():
    assessment = make_assessment()
    answer_all(assessment)

    report = assessment.submit(by=assessment.created_by)

    assert report.digest == hashlib.sha256(canonical(json.loads(report.payload))).hexdigest()
    assert len(report.digest) == 64


# --- what it says -----------------------------------------------------------------------------------------------------


def test_assessment_and_version_are_named():
    organisation = make_organisation("Müller & 王", owner=make_user("li@example.org"))
    assessment = make_assessment(make_version(slug="article"), organisation=organisation, as_of=date(2026, 3, 1))
    answer_all(assessment)

    before = freeze(assessment)["assessment"]
    content = assessment.submit(by=assessment.created_by).content

    assert content["assessment"] == {
        "uuid": str(assessment.uuid),
        "series": str(assessment.series),
        "revision": 1,
        "organisation": "Müller & 王",
        "name": "Gate",
        "subject": "Turnstiles at the office",
        "as_of": "2026-03-01",
        "submitted_at": assessment.submitted_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S+00:00"),
        "submitted_by": "li@example.org",
    }
    assert (before["submitted_at"], before["submitted_by"]) == (None, None)
    assert content["version"] == {
        "question_set": "article",
        "number": 1,
        "title": {"en": "Set article", "zh": "Set article中文"},
        "weights": {"critical": "8", "high": "4", "medium": "2", "low": "1"},
    }
    assert (content["format"], content["format_version"]) == ("frcheck-report", 1)


def test_moments_are_in_utc():
    assessment = make_assessment(make_version(questions=1))
    answer(assessment, "topic.q1")
    in_shanghai = datetime(2026, 3, 1, 7, 30, 15, 999_999, tzinfo=timezone(timedelta(hours=8)))
    Answer.objects.update(answered_at=in_shanghai)

    assert questions(freeze(assessment))["topic.q1"]["answer"]["answered_at"] == "2026-02-28T23:30:15+00:00"


def test_facts_are_given_in_both_languages():
    assessment = make_assessment()
    state_fact(assessment, "size", "large")
    unanswered = freeze(assessment)["facts"][0]
    state_fact(assessment, "minors", "no")

    facts = freeze(assessment)["facts"]

    question = {"en": "Are children captured?", "zh": "Are children captured?中文"}
    assert unanswered == {"ref": "minors", "text": question, "values": None}
    assert [(value["ref"], value["en"]) for value in facts[0]["values"]] == [("no", "No")]
    assert facts[1]["values"] == [{"ref": "large", "en": "Large", "zh": "Large中文"}]


def test_none_of_the_choices_is_not_unanswered():
    draft = make_draft()
    draft.facts.filter(ref="size").update(kind="choices")
    make_question(make_section(draft))
    assessment = make_assessment(publish(draft))
    before = freeze(assessment)["facts"][1]["values"]

    state_fact(assessment, "size")

    assert (before, freeze(assessment)["facts"][1]["values"]) == (None, [])


def test_answer_of_each_kind():
    assessment = make_assessment(make_version(questions=4))
    answer(assessment, "topic.q1", "partly", note="员工入口", justification="left over from N/A")
    answer(assessment, "topic.q2", None, is_not_applicable=True, justification="No doors")
    answer(assessment, "topic.q3", None, note="Ask Li")

    asked = questions(freeze(assessment))

    given = {ref: {k: v for k, v in q["answer"].items() if k != "answered_at"} for ref, q in asked.items()}
    by = assessment.created_by.email
    partly = {"ref": "partly", "en": "Partly", "zh": "Partly中文"}
    nothing = {"level": None, "score": None, "justification": "", "note": "", "answered_by": by, "is_confirmed": True}
    assert given == {
        "topic.q1": nothing | {"outcome": "partly_met", "level": partly, "score": "0.5", "note": "员工入口"},
        "topic.q2": nothing | {"outcome": "not_applicable", "justification": "No doors"},
        "topic.q3": nothing | {"outcome": "unanswered", "note": "Ask Li"},
        "topic.q4": nothing | {"outcome": "unanswered", "answered_by": None},
    }
    assert asked["topic.q4"]["answer"]["answered_at"] is None
    assert asked["topic.q1"]["levels"] == [
        {"en": "Yes", "zh": "Yes中文"},
        {"en": "Partly", "zh": "Partly中文"},
        {"en": "No", "zh": "No中文"},
    ]


def test_question_that_is_not_asked_says_why_and_nothing_else():
    law, left_out = make_instrument(), make_instrument()
    ended = make_instrument(in_force_until=date(2022, 1, 1))
    draft = make_draft()
    section = make_section(draft, "first")
    make_question(section, "asked", provisions=[make_provision(law)])
    make_question(section, "facts", provisions=[make_provision(law)], applies_if="minors == yes")
    make_question(section, "date", provisions=[make_provision(ended)])
    make_question(section, "instruments", provisions=[make_provision(left_out)])
    assessment = make_assessment(publish(draft), instruments=[law, ended])
    answer(assessment, "facts", "no", note="said before the facts were")
    state_fact(assessment, "minors", "no")

    content = freeze(assessment)

    frozen = questions(content)
    assert {ref: question["not_asked"] for ref, question in frozen.items()} == {
        "asked": None,
        "facts": {"because": "facts", "facts": ["minors"]},
        "date": {"because": "date", "facts": []},
        "instruments": {"because": "instruments", "facts": []},
    }
    assert set(frozen["facts"]) == {"ref", "group", "text", "severity", "citations", "not_asked"}
    assert "said before the facts were" not in json.dumps(content)
    assert content["result"]["overall"]["outcomes"] == {
        "met": 0,
        "partly_met": 0,
        "not_met": 0,
        "not_applicable": 0,
        "unanswered": 1,
    }


def test_sections_stand_in_order_with_both_languages():
    draft = make_draft()
    sections = [make_section(draft, ref, **both(intro=f"Intro {ref}")) for ref in ("z", "a", "empty")]
    make_question(sections[1], "second")
    make_question(sections[0], "first", **both(group="Heading"))

    content = freeze(make_assessment(publish(draft)))

    assert [(s["ref"], [q["ref"] for q in s["questions"]]) for s in content["sections"]] == [
        ("z", ["first"]),
        ("a", ["second"]),
        ("empty", []),
    ]
    assert content["sections"][0]["title"] == {"en": "Section z", "zh": "Section z中文"}
    assert content["sections"][0]["intro"] == {"en": "Intro z", "zh": "Intro z中文"}
    first = content["sections"][0]["questions"][0]
    texts = {name: first[name] for name in ("group", "text", "why", "evidence", "remediation")}
    assert texts == {
        "group": {"en": "Heading", "zh": "Heading中文"},
        "text": {"en": "Is first done?", "zh": "Is first done?中文"},
        "why": {"en": "Because.", "zh": "Because.中文"},
        "evidence": {"en": "A record.", "zh": "A record.中文"},
        "remediation": {"en": "Do it.", "zh": "Do it.中文"},
    }


def test_missing_translation_is_empty_and_never_the_other_language():
    draft = make_draft()
    make_section(draft, "first", intro_en="Only English")
    make_question(draft.sections.get())
    assessment = make_assessment(publish(draft))

    with override("zh-hans"):
        content = freeze(assessment)

    assert content["sections"][0]["intro"] == {"en": "Only English", "zh": ""}


# --- what it cites ----------------------------------------------------------------------------------------------------


def test_provisions_carry_their_dates_force_and_verification():
    law = make_instrument("csl", legal_force="law", in_force_until=date(2030, 12, 31), **both(number="No. 53"))
    provision = make_provision(
        law,
        "Art. 43",
        verification="unverified",
        is_derived=True,
        in_force_from=date(2022, 6, 1),
        **both(note="Careful", change_note="New"),
    )
    assessment = make_assessment(make_version(questions=1, provisions=[provision]))

    content = freeze(assessment)

    assert content["provisions"] == {
        provision.key: {
            "instrument": "csl",
            "ref": {"en": "Art. 43", "zh": "Art. 43中文"},
            "statement": {"en": f"Duty of {provision.key}", "zh": f"Duty of {provision.key}中文"},
            "binds": {"en": "Everyone", "zh": "Everyone中文"},
            "note": {"en": "Careful", "zh": "Careful中文"},
            "change_note": {"en": "New", "zh": "New中文"},
            "verification": "unverified",
            "is_derived": True,
            "counts_from": "2022-06-01",
            "counts_until": "2030-12-31",
        }
    }
    (instrument,) = content["instruments"]
    assert {
        name: instrument[name] for name in instrument if name not in ("title", "short_title", "issuer", "source")
    } == {
        "slug": "csl",
        "number": {"en": "No. 53", "zh": "No. 53中文"},
        "note": {"en": "", "zh": ""},
        "legal_force": "law",
        "is_binding": True,
        "stage": "adopted",
        "verification": "verified",
        "issued_on": "2020-01-01",
        "in_force_from": "2021-01-01",
        "in_force_until": "2030-12-31",
        "provisions": [provision.key],
    }


def test_withheld_is_never_in_the_payload_although_cited_and_chosen():
    shown = make_provision()
    secret = make_provision(shown.instrument, "SECRET-REF", verification="withheld", **both(statement="SECRET-DUTY"))
    hidden_law = make_instrument("secret-law", verification="withheld")
    of_hidden_law = make_provision(hidden_law, "SECRET-ART")
    assessment = make_assessment(make_version(questions=1, provisions=[secret, of_hidden_law, shown]))
    answer_all(assessment)
    assert set(assessment.instruments.all()) == {shown.instrument, hidden_law}

    payload = assessment.submit(by=assessment.created_by).payload

    assert questions(json.loads(payload))["topic.q1"]["citations"] == [shown.key]
    for word in ("SECRET", "secret-law", secret.key, of_hidden_law.key, "withheld"):
        assert word not in payload


def test_chosen_instrument_that_nothing_counts_for_is_listed_without_provisions():
    counting, ended = make_provision(), make_provision(make_instrument("ended", in_force_until=date(2022, 1, 1)))
    assessment = make_assessment(make_version(questions=1, provisions=[counting, ended]))

    content = freeze(assessment)

    assert {i["slug"]: i["provisions"] for i in content["instruments"]} == {
        counting.instrument.slug: [counting.key],
        "ended": [],
    }
    assert list(content["provisions"]) == [counting.key]


# --- the result -------------------------------------------------------------------------------------------------------


def test_numbers_are_strings_of_at_most_six_decimals():
    version = make_version(questions=3)
    assessment = make_assessment(version)
    answer(assessment, "topic.q1", "yes")
    answer(assessment, "topic.q2", "partly")

    result = freeze(assessment)["result"]

    assert result["overall"] == {
        "value": "0.75",
        "low": "0.5",
        "high": "0.833333",
        "weight": "8",
        "outcomes": {"met": 1, "partly_met": 1, "not_met": 0, "not_applicable": 0, "unanswered": 1},
    }
    assert result["gaps"] == [
        {"ref": "topic.q2", "severity": "high", "outcome": "partly_met", "is_binding": True, "points": "2"}
    ]
    assert result["by_section"] == {"first": result["overall"]}
    assert list(result["by_legal_force"]) == ["law"]
    assert set(result["by_instrument"]) == {p.instrument.slug for p in Provision.objects.select_related("instrument")}
    assert sorted(result["provisions"].values()) == ["met", "partly_met", "unanswered"]


@pytest.mark.parametrize(
    ("weight", "written"), [("100", "100"), ("0.5", "0.5"), ("1000", "1000"), ("2.50", "2.5"), ("0.01", "0.01")]
)
def test_numbers_are_written_plainly(weight, written):
    draft = make_draft()
    draft.weight_low = Decimal(weight)
    draft.save()
    make_question(make_section(draft))

    assert freeze(make_assessment(publish(draft)))["version"]["weights"]["low"] == written


@pytest.mark.parametrize("count", [3, 60])
def test_freezing_costs_the_same_for_more_questions(count, django_assert_num_queries):
    assessment = make_assessment(make_version(questions=count))
    answer_all(assessment)
    assessment.standing()

    for queries in (9, 6):  # the texts of a published version are read once
        with django_assert_num_queries(queries):
            frozen_content(assessment)
