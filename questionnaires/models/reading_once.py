"""What is read of a published version is read once per process and kept: a published version never changes."""

from collections import OrderedDict
from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import TypeVar

from questionnaires.models.question_sets import Version

T = TypeVar("T")


def read_once(*, at_most: int) -> Callable[[Callable[[Version], T]], Callable[[Version], T]]:
    """Keep what the decorated function reads of so many published versions; the oldest goes first."""

    def decorate(read: Callable[[Version], T]) -> Callable[[Version], T]:
        kept: OrderedDict[tuple[int, datetime], T] = OrderedDict()

        @wraps(read)
        def reading(version: Version) -> T:
            if not version.is_published:
                return read(version)
            key = (version.pk, version.published_at)  # a key alone may come again in another database
            if key not in kept:
                kept[key] = read(version)
                if len(kept) > at_most:
                    kept.popitem(last=False)
            return kept[key]

        return reading

    return decorate
