import json

from django.core.management.base import BaseCommand

from questionnaires.schemas import FOLDER, schemas


class Command(BaseCommand):
    help = "Write the JSON Schemas of the library's format to their files."

    def handle(self, **options):
        FOLDER.mkdir(exist_ok=True)
        for name, schema in schemas().items():
            text = json.dumps(schema, indent=1, ensure_ascii=True) + "\n"
            (FOLDER / f"{name}.schema.json").write_text(text, encoding="utf-8")
