"""Reminders by e-mail: to each owner the actions that are overdue or due soon, in the owner's language."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import groupby
from smtplib import SMTPException
from uuid import UUID

from django.conf import settings
from django.core.mail import EmailMessage
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext, override

from frcheck.accounts.models import User
from questionnaires.models import Assessment
from questionnaires.models.notices import DueNotice, claim_notices


@dataclass(frozen=True, slots=True)
class Sent:
    mails: int
    actions: int
    refused: tuple[str, ...]  # addresses the mail server did not take; they are tried again with the next run


def send_due_mails(today: date) -> Sent:
    """One mail to each owner who has something due; what is sent is remembered, what is refused is not."""
    notices = claim_notices(today)
    assessments = _newest(notices)
    mails, actions, refused = 0, 0, []
    for recipient, group in groupby(notices, key=lambda notice: notice.recipient):
        own = list(group)
        mine = DueNotice.objects.filter(pk__in=[notice.pk for notice in own])
        try:
            due_mail(recipient, own, assessments).send()
        except (SMTPException, OSError):
            mine.delete()
            refused.append(recipient.email)
        else:
            mine.update(sent_at=timezone.now())
            mails, actions = mails + 1, actions + len(own)
    return Sent(mails, actions, tuple(refused))


def _newest(notices: Iterable[DueNotice]) -> dict[UUID, Assessment]:
    series = {notice.action.series for notice in notices}
    return {a.series: a for a in Assessment.objects.latest_revisions().filter(series__in=series)}


def due_mail(recipient: User, notices: list[DueNotice], assessments: Mapping[UUID, Assessment]) -> EmailMessage:
    with override(recipient.language or settings.LANGUAGE_CODE):
        overdue = [_line(n, assessments) for n in notices if n.kind == DueNotice.Kind.OVERDUE]
        soon = [_line(n, assessments) for n in notices if n.kind == DueNotice.Kind.SOON]
        context = {"overdue": overdue, "soon": soon, "recipient": recipient, "all": _address(reverse("my-actions"))}
        body = render_to_string("actions/mail.txt", context)
        return EmailMessage(_subject(len(overdue), len(soon)), body, to=[recipient.email])


def _subject(overdue: int, soon: int) -> str:
    said = []
    if overdue:
        said.append(ngettext("%(n)d action overdue", "%(n)d actions overdue", overdue) % {"n": overdue})
    if soon:
        said.append(ngettext("%(n)d action due soon", "%(n)d actions due soon", soon) % {"n": soon})
    return f"FRCheck: {' · '.join(said)}"


def _line(notice: DueNotice, assessments: Mapping[UUID, Assessment]) -> dict:
    assessment = assessments[notice.action.series]
    url = reverse("questionnaires:action-list", args=[assessment.uuid])
    return {
        "day": notice.due_on.isoformat(),
        "title": notice.action.title,
        "assessment": assessment.name,
        "url": _address(url),
    }


def _address(path: str) -> str:
    return f"{settings.SITE_URL.rstrip('/')}{path}"
