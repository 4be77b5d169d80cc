"""A draft back to an earlier state: what was done since is undone, as one step of the history."""

from django.db import transaction

from questionnaires.models.editing import Stale, new_batch, undo
from questionnaires.models.edits import Edit
from questionnaires.models.question_sets import Version


def revert(version: Version, *, after: int, seen: int, by, note: str) -> list[Edit]:
    """Undo every edit later than the one with the key `after`, 0: all; return the edits that this made.

    `seen` is the key of the newest edit that the person knew of. Raises Version.Published (or its kind InReview) when
    it takes no edits; Stale when it was edited since, or when a row to be put back cannot be.
    """
    with transaction.atomic():
        held = Version.objects.select_for_update().get(pk=version.pk)
        if held.is_published:
            raise Version.Published
        if not held.is_draft:
            raise Version.InReview
        later = list(held.edits.filter(pk__gt=after).order_by("-pk"))
        if later and later[0].pk != seen:
            raise Stale(held, later)
        batch = new_batch(note)
        undo(later, by=by, batch=batch)
        return list(held.edits.filter(batch=batch.id).order_by("pk"))


def what_revert_would_do(version: Version, *, after: int, seen: int, by) -> list[Edit]:
    """The edits that revert() would make, found by making them and taking them back. Raises as it does."""
    with transaction.atomic():
        made = revert(version, after=after, seen=seen, by=by, note="")
        transaction.set_rollback(True)
    return made
