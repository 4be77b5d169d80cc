"""A file that an editor uploaded, until its changes are accepted or it is discarded."""

from collections.abc import Mapping
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from questionnaires.diffing import Part
from questionnaires.models.question_sets import Version
from questionnaires.tables import Key, Row, Rows

KEPT_FOR = timedelta(days=14)


class PendingImport(models.Model):
    """What the file says and what it was made from, as the rows of tables.py; `base` is null where it does not tell."""

    uuid = models.UUIDField(default=uuid4, unique=True, editable=False)
    version = models.ForeignKey(Version, models.CASCADE, related_name="pending_imports")
    file_name = models.CharField(max_length=200)
    wanted = models.JSONField()
    base = models.JSONField(null=True)
    uploaded_at = models.DateTimeField(default=timezone.now)
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")

    def __str__(self):
        return self.file_name

    @classmethod
    @transaction.atomic
    def keep(cls, version: Version, *, file_name: str, wanted: Rows, base: Rows | None, by) -> "PendingImport":
        """Store it in place of the person's earlier one of this version; what lies there for weeks goes, too."""
        cls.objects.filter(version=version, uploaded_by=by).delete()
        cls.objects.filter(uploaded_at__lt=timezone.now() - KEPT_FOR).delete()
        return cls.objects.create(
            version=version,
            file_name=file_name[:200],
            wanted=_plain(wanted),
            base=None if base is None else _plain(base),
            uploaded_by=by,
        )

    @property
    def wanted_rows(self) -> Rows:
        return _rows(self.wanted)

    @property
    def base_rows(self) -> Rows | None:
        return None if self.base is None else _rows(self.base)


def _plain(rows: Rows) -> list[tuple[str, str, str, Row]]:
    return [(*key, row) for key, row in rows.items()]


def _rows(stored: list[tuple[str, str, str, Mapping[str, str]]]) -> Rows:
    return {Key(Part(part), parent, ref): row for part, parent, ref, row in stored}
