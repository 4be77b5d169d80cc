from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from questionnaires import importing
from questionnaires.checks import LIBRARY


class Command(BaseCommand):
    help = "Load instruments and question sets from the library's YAML files. Running it again changes nothing."

    def add_arguments(self, parser):
        parser.add_argument("--folder", type=Path, default=LIBRARY, help="another library folder")

    def handle(self, *args, folder, **options):
        try:
            loaded = importing.load_library(folder)
        except importing.Refused as e:
            raise CommandError(str(e)) from None
        self.stdout.write(
            f"Library: {loaded.instruments} instruments and {loaded.provisions} provisions new or changed, "
            f"{loaded.versions} versions published."
        )
