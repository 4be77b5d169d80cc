"""Note the hash and size of the PDFs that are kept already; one that is missing is made again when it is asked for."""

import hashlib

from django.db import migrations
from django.utils import timezone


def hash_files(apps, schema_editor):
    ReportFile = apps.get_model("questionnaires", "ReportFile")
    for kept in ReportFile.objects.filter(sha256="").iterator():
        try:
            with kept.file.open("rb") as file:
                kept.sha256, kept.size = hashlib.sha256(file.read()).hexdigest(), kept.file.size
        except FileNotFoundError:
            kept.lost_at = timezone.now()
        kept.save(update_fields=["sha256", "size", "lost_at"])


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0008_renderings_and_hashes_of_files")]

    operations = [migrations.RunPython(hash_files, migrations.RunPython.noop)]
