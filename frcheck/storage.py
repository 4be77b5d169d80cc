"""Files on the local disk: there whole or not at all."""

import os
from pathlib import Path

from django.core.files.storage import FileSystemStorage


class WholeFileStorage(FileSystemStorage):
    """Writes beside the name, then moves: a process killed half-way leaves nothing under it.

    For names that tell their content: saving one again replaces it with the same bytes.
    """

    def __init__(self, **options):
        super().__init__(**options, allow_overwrite=True)

    def _save(self, name, content):
        part = super()._save(f"{name}.part", content)
        with Path(self.path(part)).open("rb") as written:
            os.fsync(written.fileno())
        Path(self.path(part)).replace(self.path(name))
        return name
