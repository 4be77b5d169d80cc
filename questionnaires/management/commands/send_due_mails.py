from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from questionnaires.due_mails import send_due_mails


class Command(BaseCommand):
    help = (
        "Remind owners of actions that are overdue or due soon. Run it daily; again on the same day it sends nothing."
    )

    def handle(self, *args, **options):
        sent = send_due_mails(timezone.localdate())
        self.stdout.write(f"Reminders: {sent.mails} mails about {sent.actions} actions.")
        if sent.refused:
            raise CommandError(f"Not sent, tried again with the next run: {', '.join(sent.refused)}.")
