"""An open assessment that is moved to a newer version is closed as superseded."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from questionnaires import triggers


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_initial"),
        ("questionnaires", "0005_history_of_edits"),
    ]

    operations = [
        # SQLite rebuilds the table, which the triggers of other tables ask about.
        migrations.RunPython(triggers.remove, triggers.install),
        migrations.RemoveConstraint(model_name="assessment", name="assessment_one_open_per_series"),
        migrations.AddField(
            model_name="assessment",
            name="superseded_at",
            field=models.DateTimeField(blank=True, editable=False, null=True, verbose_name="superseded at"),
        ),
        migrations.AddField(
            model_name="assessment",
            name="superseded_by",
            field=models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.UniqueConstraint(
                condition=models.Q(("submitted_at__isnull", True), ("superseded_at__isnull", True)),
                fields=("series",),
                name="assessment_one_open_per_series",
            ),
        ),
        migrations.AddConstraint(
            model_name="assessment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("superseded_at__isnull", True), ("superseded_by__isnull", True)),
                    models.Q(
                        ("submitted_at__isnull", True),
                        ("superseded_at__isnull", False),
                        ("superseded_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="assessment_superseded_at_and_by_if_not_submitted",
            ),
        ),
        migrations.RunPython(triggers.install, triggers.remove),
    ]
