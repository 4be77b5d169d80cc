"""Reminders of actions, sent to a real mail server."""

from datetime import date, timedelta
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import timezone

from questionnaires.due_mails import Sent, send_due_mails
from questionnaires.models import DueNotice
from questionnaires.models.notices import claim_notices
from tests.factories import make_action, make_assessment, make_member, make_organisation, make_submitted, make_version

pytestmark = pytest.mark.django_db
TODAY = date(2026, 3, 10)


def days(number):
    return TODAY + timedelta(days=number)


@pytest.fixture
def assessment():
    return make_assessment(make_version(questions=1), name="Gate")


def owned(assessment, title, due_on, **fields):
    return make_action(assessment, title=title, due_on=due_on, **{"owner": assessment.created_by} | fields)


def lines(inbox):
    """Recipient, subject, and the lines that name an action, of each mail."""
    return [
        (to, message["Subject"], [line for line in message.get_content().splitlines() if line.startswith("- ")])
        for (to,), message in inbox.messages
    ]


def test_owner_gets_one_mail_of_all_that_is_overdue_or_due_soon(inbox, assessment, settings):
    settings.SITE_URL = "https://frcheck.example/"
    owner = assessment.created_by
    owned(assessment, "Late & <b>bold</b>", days(-1))
    owned(assessment, "Today", TODAY)
    owned(assessment, "In a week", days(7), status="doing")
    owned(assessment, "Later", days(8))
    owned(assessment, "Done", days(-1), status="done")
    owned(assessment, "Whenever", None)
    owned(assessment, "Nobody's", days(-1), owner=None)
    later = make_submitted(assessment.version, organisation=assessment.organisation, by=owner, name="Lift")
    owned(later, "There", days(-3))

    sent = send_due_mails(TODAY)

    assert sent == Sent(mails=1, actions=4, refused=())
    assert lines(inbox) == [
        (
            owner.email,
            "FRCheck: 2 actions overdue · 2 actions due soon",
            [
                f"- {days(-3)}  There",
                f"- {days(-1)}  Late & <b>bold</b>",
                f"- {TODAY}  Today",
                f"- {days(7)}  In a week",
            ],
        )
    ]
    links = [line for line in inbox.messages[0][1].get_content().splitlines() if "https:" in line]
    gate, lift = (f"https://frcheck.example/assessments/{a.uuid}/actions/" for a in (assessment, later))
    assert links == [
        f"  Lift: {lift}",
        *[f"  Gate: {gate}"] * 3,
        "All actions: https://frcheck.example/actions/",
    ]


def test_each_owner_gets_a_mail_in_the_own_language(inbox, assessment):
    reader = make_member(assessment.organisation)
    type(reader).objects.filter(pk=reader.pk).update(language="zh-hans")
    owned(assessment, "Mine", days(-1))
    owned(assessment, "张贴告示", days(-1), owner=reader)

    send_due_mails(TODAY)

    assert sorted(lines(inbox)) == sorted(
        [
            (assessment.created_by.email, "FRCheck: 1 action overdue", [f"- {days(-1)}  Mine"]),
            (reader.email, "FRCheck: 1项整改措施已逾期", [f"- {days(-1)}  张贴告示"]),
        ]
    )
    assert any("所有整改措施：" in message.get_content() for _to, message in inbox.messages)


def test_same_day_sends_nothing_again_and_a_week_later_what_is_still_overdue(inbox, assessment):
    owned(assessment, "Late", days(-1))
    owned(assessment, "Soon", days(3))

    mails = [send_due_mails(day).actions for day in (TODAY, TODAY, days(1), days(3), days(4), days(6), days(7))]

    assert mails == [2, 0, 0, 0, 1, 0, 1]  # on the fourth day the second one is overdue
    notices = DueNotice.objects.order_by("day", "pk").values_list("action__title", "kind", "day")
    assert list(notices) == [
        ("Late", "overdue", TODAY),
        ("Soon", "soon", TODAY),
        ("Soon", "overdue", days(4)),
        ("Late", "overdue", days(7)),
    ]
    assert DueNotice.objects.filter(sent_at__isnull=True).count() == 0


def test_new_day_and_new_owner_are_told_anew(inbox, assessment):
    action = owned(assessment, "Soon", days(2))
    send_due_mails(TODAY)
    colleague = make_member(assessment.organisation)

    action.change(by=colleague, seen=1, due_on=days(4))
    moved = send_due_mails(days(1))
    action.change(by=colleague, seen=2, owner=colleague)
    handed_over = send_due_mails(days(2))

    assert (moved.actions, handed_over.actions) == (1, 1)
    assert [to for (to,), _message in inbox.messages][-1] == colleague.email


def test_who_has_left_or_is_inactive_gets_none(inbox, assessment):
    left, inactive = make_member(assessment.organisation), make_member(assessment.organisation)
    for person in (left, inactive):
        owned(assessment, "Secret", days(-1), owner=person)
    left.memberships.all().delete()
    make_organisation("Other", owner=left)
    type(inactive).objects.filter(pk=inactive.pk).update(is_active=False)

    assert send_due_mails(TODAY) == Sent(0, 0, ())
    assert inbox.messages == []


def test_refused_mail_is_named_and_tried_again_while_others_get_theirs(inbox, assessment, capsys):
    refused = make_member(assessment.organisation)
    day = timezone.localdate() - timedelta(days=1)
    owned(assessment, "Late", day)
    owned(assessment, "Late, too", day, owner=refused)
    inbox.refused = {refused.email}

    with pytest.raises(CommandError, match=refused.email):
        call_command("send_due_mails")
    inbox.refused = set()
    call_command("send_due_mails")
    call_command("send_due_mails")

    assert [to for (to,), _message in inbox.messages] == [assessment.created_by.email, refused.email]
    assert capsys.readouterr().out.splitlines() == [
        "Reminders: 1 mails about 1 actions.",
        "Reminders: 1 mails about 1 actions.",
        "Reminders: 0 mails about 0 actions.",
    ]


def test_two_runs_at_once_take_each_action_once(assessment):
    owned(assessment, "Late", days(-1))

    first, second = claim_notices(TODAY), claim_notices(TODAY)

    assert ([notice.action.title for notice in first], second) == (["Late"], [])


def test_what_a_run_that_died_had_claimed_is_sent_by_a_later_one(inbox, assessment):
    owned(assessment, "Late", days(-1))
    claim_notices(TODAY)
    DueNotice.objects.update(claimed_at=timezone.now() - timedelta(hours=2))

    assert send_due_mails(TODAY).actions == 1


@pytest.mark.parametrize(
    ("change", "rule"), [({"kind": "late"}, "due_notice_kind_known"), ({}, "due_notice_once_per_action_and_day")]
)
def test_database_refuses(assessment, change, rule):
    action = owned(assessment, "Late", days(-1))
    values = {"action": action, "recipient": action.owner, "kind": "soon", "due_on": TODAY, "day": TODAY}
    if not change:
        DueNotice.objects.create(**values, run=uuid4())

    # SQLite names the columns of a unique constraint, not the constraint.
    with pytest.raises(IntegrityError, match=f"{rule}|UNIQUE constraint failed"), transaction.atomic():
        DueNotice.objects.create(**values | change, run=uuid4())


def test_sending_costs_the_same_for_more_actions(inbox, assessment, django_assert_num_queries):
    for number in range(5):
        owned(assessment, f"No {number}", days(-1))

    with django_assert_num_queries(6):
        send_due_mails(TODAY)
