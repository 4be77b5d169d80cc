"""A real browser against a real server: Debian's Chromium, driven by Playwright, on the database under test."""

import os
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from frcheck.background import WORKER
from questionnaires import importing
from questionnaires.checks import LIBRARY
from tests import factories

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# How long an expectation or an action waits before it fails, in milliseconds: a machine under load answers late.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.e2e)


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args):
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking", "--disable-sync"]
    return {**browser_type_launch_args, "executable_path": CHROMIUM, "args": arguments}


@pytest.fixture(autouse=True)
def _patience(context):
    context.set_default_timeout(PATIENCE)


@pytest.fixture
def complaints(page):
    """What the browser's console says against the page: script errors, refused styles, files not found."""
    said = []
    page.on("console", lambda message: said.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    return said


@pytest.fixture
def library(transactional_db):
    importing.load_library(LIBRARY)


@pytest.fixture
def rendering(transactional_db, settings):
    """Tasks are done as in `make run`: in this process, once they are asked for."""
    settings.TASKS = {"default": {"BACKEND": "frcheck.background.InProcessBackend"}}
    yield
    WORKER.join()


@pytest.fixture
def sign_in(page, live_server):
    def sign_in(user):
        page.goto(f"{live_server.url}/accounts/login/")
        page.get_by_label("Email").fill(user.email)
        page.get_by_label("Password").fill("a long password")
        page.get_by_role("button", name="Sign In").click()
        page.wait_for_url("**/assessments/")

    return sign_in


@pytest.fixture
def violations(page):
    """Run axe on the page as it is; the rules broken, with the elements that break them."""

    def violations():
        found = Axe().run(page, options={"runOnly": RULES})
        return [(v["id"], [node["html"][:200] for node in v["nodes"]]) for v in found.response["violations"]]

    return violations


@pytest.fixture
def respondent(transactional_db):
    user = factories.make_user("respondent@example.org")
    factories.make_organisation("Lantern Offices", owner=user)
    return user
