"""Take the pictures of README and docs from a running `make run`: scripts/take_screenshots.py [http://127.0.0.1:8000]"""

import os
import shutil
import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

IMAGES = Path(__file__).resolve().parent.parent / "docs" / "images"
CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
PLANNING = {
    "actions": "actions/",
    "what-if": "what-if/?preset=critical",
    "cheapest-path": "cheapest-path/?clears_binding=on&overall=90",
}


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
        report = page.url.split("/report/")[0]
        for name, path in PLANNING.items():
            page.goto(f"{report}/{path}")
            take(page, name)
        page.goto(f"{base}/portfolio/")
        take(page, "portfolio")
        page.goto(f"{base}/timeline/")
        page.get_by_role("heading", name="As a picture").evaluate("element => element.scrollIntoView()")
        take(page, "timeline")
        take_editor(browser, base)
        browser.close()


def take_editor(browser, base: str) -> None:
    """The editor, on a draft of the current rules: one that is there, or one started for it."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    page.goto(f"{base}/admin/login/?next=/admin/questionnaires/version/%3Fq%3Dfrt-china")
    page.fill("[name=username]", "editor@example.org")
    page.fill("[name=password]", "frcheck-demo")
    page.click("[type=submit]")
    page.locator("#result_list tbody th a").first.click()
    page.locator("a.editor-link").wait_for()
    if (
        page.locator("a.editor-link").inner_text().lower() != "open the editor"
    ):  # a published version is only read there
        page.get_by_role("button", name="Start a draft from this version").click()
    page.get_by_role("link", name="Open the editor").click()
    page.locator("#editor[data-ready]").wait_for()
    # By a word of the ref: the texts change.
    page.locator("#tree li", has_text="minors").locator("li[data-kind=question] a").first.click()
    page.locator("#panel [data-heading]").wait_for()
    take(page, "editor")
    page.get_by_text("Try out facts").click()
    page.locator("#sample select").nth(2).select_option(index=2)
    page.locator("#trial details").first.wait_for()
    page.locator("#panel textarea[data-expression]").evaluate("element => element.scrollIntoView({block: 'center'})")
    take(page, "editor-facts")
    page.locator("#ed-words").fill("consent guardian")
    page.locator("#found [role=option]").first.wait_for()
    page.locator("#ed-words").evaluate("element => element.scrollIntoView({block: 'center'})")
    take(page, "editor-citations")
    context.add_cookies([{"name": "django_language", "value": "zh-hans", "url": base}])
    page.emulate_media(color_scheme="dark")
    page.reload()
    page.locator("#editor[data-ready]").wait_for()
    page.locator("#tree li[data-kind=answerscale] a").first.click()
    page.locator("#children-heading").wait_for()
    take(page, "editor-scale")


def take(page, name: str) -> None:
    page.wait_for_load_state("networkidle")
    path = IMAGES / f"{name}.png"
    page.screenshot(path=path)
    with Image.open(path) as picture:
        picture.quantize(128).save(path, optimize=True)  # a third of the size, and no difference to be seen
    print(path)


if __name__ == "__main__":
    main(*sys.argv[1:2] or ["http://127.0.0.1:8000"])
