"""The product's settings as they are in use, not in debug mode, with the floor's views beside the product's."""

from frcheck.settings import *  # noqa: F403

DEBUG = False
ROOT_URLCONF = "tests.bench.floor"
LOGGING = {}
STATIC_ROOT = BASE_DIR / "questionnaires" / "static"  # noqa: F405  # no collectstatic: WhiteNoise wants a folder
