"""The product's settings as they are in use, not in debug mode, with the floor's views beside the product's."""

import os

from frcheck.settings import *  # noqa: F403

DEBUG = False
ROOT_URLCONF = "tests.bench.floor"
LOGGING = {}
# No collectstatic: WhiteNoise wants a folder.
STATIC_ROOT = os.environ.get("BENCH_STATIC", BASE_DIR / "questionnaires" / "static")  # noqa: F405
REPORT_SECONDS = 3600  # the largest reports, on a machine that does other things, too
