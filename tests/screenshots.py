"""The pictures of docs/: python tests/screenshots.py. The real assistant over corpus/, in a real Chromium."""

from __future__ import annotations

import shutil
import sys
import tempfile
from contextlib import closing
from pathlib import Path

from fakes_web import CONFLICTING, NOT_IN_CORPUS, fake
from playwright.sync_api import Browser, Page, sync_playwright
from test_browser import EXAMPLES, SWITCHES, serving

import server
from assistant.settings import Settings
from assistant.storage.repository import Storage
from assistant.wiring import build, open_shelf
from index.corpus import example_questions

FOLDER = Path(__file__).parent.parent / "docs" / "screenshots"
PATIENCE_MS = 180_000


def opened(browser: Browser, url: str, width: int = 1440, *, dark: bool = False) -> Page:
    """A new person's page."""
    context = browser.new_context(
        viewport={"width": width, "height": 900 if width > 1000 else 844},
        reduced_motion="reduce",
        color_scheme="dark" if dark else "light",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(url)
    page.get_by_role("heading", name="Ask the documents").wait_for()
    return page


def ask(page: Page, question: str, answers: int = 1) -> None:
    """Ask, and wait until so many answers are there."""
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    page.locator(f".actions >> nth={answers - 1}").wait_for()


def take(page: Page, name: str) -> None:
    """One picture; fonts and scrolling have come to rest."""
    page.wait_for_timeout(800)
    page.screenshot(path=FOLDER / f"{name}.png")
    print(f"{FOLDER.name}/{name}.png")


def timings(page: Page) -> str:
    """When the page was first painted, in words."""
    paint = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
    return f"first paint after {paint:.0f} ms"


def real(browser: Browser, data: Path) -> None:
    """The states over the documents of corpus/."""
    settings = Settings(data=data)
    with (
        closing(build(settings)) as assistant,
        closing(Storage(f"sqlite:///{data / 'kept.sqlite3'}")) as storage,
    ):
        questions = example_questions(settings.corpus)
        shelf = open_shelf(settings, lambda: assistant.library)
        with serving(server.create_app(assistant, questions, storage, shelf)) as url:
            page = opened(browser, url)
            print(timings(page))
            take(page, "welcome")
            ask(page, questions[0])
            page.locator("a.cite").first.click()
            take(page, "answer")
            page.get_by_role("button", name="Documents").click()
            take(page, "documents")
            phone = opened(browser, url, 390, dark=True)
            ask(phone, questions[0])
            phone.locator("a.cite").first.click()
            take(phone, "phone-dark")
            for each in (page, phone):
                each.context.close()


def staged(browser: Browser, data: Path) -> None:
    """States that a few small documents show best: two that disagree, and a question that none answers."""
    with (
        closing(Storage(f"sqlite:///{data / 'staged.sqlite3'}")) as storage,
        serving(server.create_app(fake(CONFLICTING, NOT_IN_CORPUS), EXAMPLES, storage)) as url,
    ):
        page = opened(browser, url)
        ask(page, "How long is the new berth?")
        take(page, "documents-disagree")
        ask(page, "What is the fare of the night ferry?", 2)
        take(page, "not-in-the-documents")
        page.context.close()


def main() -> None:
    """Take all pictures."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("There is no Chromium. On Debian: apt-get install chromium")
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as data, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=SWITCHES)
        staged(browser, Path(data))
        real(browser, Path(data))
        browser.close()


if __name__ == "__main__":
    main()
