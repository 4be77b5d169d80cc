from django.db import migrations

from questionnaires import triggers


class Migration(migrations.Migration):
    dependencies = [("questionnaires", "0001_initial")]

    operations = [migrations.RunPython(triggers.install, triggers.remove)]
