"""From the database to content values, for whatever writes them: see models/contents.py."""

from questionnaires.models.contents import instrument_content, instruments_content, version_content

__all__ = ["instrument_content", "instruments_content", "version_content"]
