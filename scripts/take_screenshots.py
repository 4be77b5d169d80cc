"""Take the pictures of README and docs from a running `make run`: scripts/take_screenshots.py [http://127.0.0.1:8000]"""

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


def main(base: str) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1280, "height": 860})
        page.goto(f"{base}/accounts/login/")
        page.fill("[name=login]", "demo@example.org")
        page.fill("[name=password]", "frcheck-demo")
        page.click("main button[type=submit]")
        page.wait_for_url("**/assessments/")
        take(page, "list")
        page.get_by_role("link", name="Lift access", exact=True).click()
        page.locator(".section-nav a[href*='/sections/']").first.click()
        take(page, "section")
        page.goto(f"{base}/assessments/")
        page.get_by_role("link", name="Office turnstiles", exact=True).click()
        page.locator("#summary").scroll_into_view_if_needed()
        page.evaluate("document.querySelector('#summary').scrollIntoView()")
        take(page, "report")
        page.goto(f"{base}/timeline/")
        page.get_by_role("heading", name="As a picture").evaluate("element => element.scrollIntoView()")
        take(page, "timeline")
        browser.close()


def take(page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    page.screenshot(path=IMAGES / f"{name}.png")
    print(IMAGES / f"{name}.png")


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["http://127.0.0.1:8000"])
