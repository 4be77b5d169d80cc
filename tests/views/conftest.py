import pytest
from django.utils import translation


@pytest.fixture(autouse=True)
def _language_ends_with_the_test():
    """A request leaves its language behind in the thread, and the next test would read texts in it."""
    yield
    translation.deactivate()
