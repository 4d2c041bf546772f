"""The web chat in a real Chromium, over the fake assistant: what a person sees and clicks."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import pytest
import uvicorn
from fakes_web import CONFLICTING, NOT_IN_CORPUS, ROSE, SUPPORTED, FakeAssistant, fake
from playwright.sync_api import Browser, Page, expect, sync_playwright

import server
from assistant.answers import Answer
from index.errors import StoreError

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 20_000
expect.set_options(timeout=PATIENCE_MS)
LOOPBACK = {"127.0.0.1", "localhost"}


@dataclass
class Site:
    """A running server: its address, and the assistant behind it."""

    url: str
    assistant: FakeAssistant


@dataclass
class Visit:
    """An open page, what it asked the network for, and what went wrong in it."""

    page: Page
    site: Site
    requests: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def ask(self, question: str, *answers: Answer | Exception) -> None:
        self.site.assistant.answers.clear()
        self.site.assistant.answers.extend(answers)
        self.page.get_by_label("Your question").fill(question)
        self.page.keyboard.press("Enter")


EXAMPLES = ("Which berth is the longest?", "When did the harbour open?")


@pytest.fixture(scope="module")
def site() -> Iterator[Site]:
    assistant = fake()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        config = uvicorn.Config(server.create_app(assistant, EXAMPLES), log_level="warning", ws="none")
        running = uvicorn.Server(config)
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield Site(f"http://127.0.0.1:{listener.getsockname()[1]}", assistant)
        running.should_exit = True
        running.force_exit = True
        thread.join(20)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


def visit(browser: Browser, site: Site, width: int) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": 844}, reduced_motion="reduce")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    opened = Visit(page, site)
    page.on("request", lambda request: opened.requests.append(request.url))
    page.on("pageerror", lambda error: opened.errors.append(str(error)))
    page.on(
        "console", lambda message: opened.errors.append(message.text) if message.type == "error" else None
    )
    page.goto(site.url)
    page.get_by_role("heading", name="Ask the documents").wait_for()
    yield opened
    context.close()
    assert opened.errors == []
    hosts = {urlsplit(url).hostname for url in opened.requests if not url.startswith("data:")}
    assert hosts <= LOOPBACK


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Visit]:
    yield from visit(browser, site, 1280)


@pytest.fixture
def narrow(browser: Browser, site: Site) -> Iterator[Visit]:
    yield from visit(browser, site, 390)


def test_a_citation_opens_its_source_with_the_quote_marked(wide: Visit) -> None:
    wide.ask("How much did freight rise?", SUPPORTED)
    answer = wide.page.get_by_role("article")
    expect(answer.locator(".verdict")).to_have_text("Supported")
    expect(answer.locator(".short")).to_have_text("54 percent")
    expect(answer).to_contain_text(ROSE)
    expect(wide.page.get_by_role("status").first).to_contain_text("Supported. 54 percent.")
    answer.get_by_role("link", name="Source 1: The harbour in 2024, paragraph 2").click()
    pane = wide.page.get_by_role("complementary", name="Sources")
    expect(pane.locator(".chosen mark")).to_have_text(ROSE)
    expect(pane).to_contain_text("Ellmouth Harbour Board · 2024-08-16")
    expect(pane.get_by_role("heading", name="The harbour in 2024")).to_be_focused()
    wide.page.keyboard.press("Escape")
    expect(pane.get_by_role("heading", name="Sources")).to_be_visible()
    expect(answer.locator("a.cite")).to_be_focused()


def test_the_source_opens_in_a_page_at_its_anchor(wide: Visit) -> None:
    wide.ask("How much did freight rise?", SUPPORTED)
    with wide.page.context.expect_page() as opened:
        wide.page.get_by_role("link", name="Open in a page").click()
    page = opened.value
    expect(page.locator("section:target")).to_have_attribute("id", "p2")
    expect(page.locator("section:target mark")).to_have_text(ROSE)
    expect(page.locator("section:target")).to_be_in_viewport()
    page.get_by_role("link", name="Paragraph 4, link to it").click()
    expect(page.locator("section:target")).to_have_attribute("id", "p4")


def test_a_conflict_shows_both_sides(wide: Visit) -> None:
    wide.ask("How long is the berth?", CONFLICTING)
    sides = wide.page.locator(".side")
    expect(wide.page.locator(".verdict")).to_have_text("The documents disagree")
    expect(sides).to_have_count(2)
    expect(sides.nth(0)).to_contain_text("210 metres")
    expect(sides.nth(0)).to_contain_text("2024-08-16")
    expect(sides.nth(1)).to_contain_text("240 metres")
    expect(sides.nth(1)).to_contain_text("no date given")
    left, right = sides.nth(0).bounding_box(), sides.nth(1).bounding_box()
    assert left is not None
    assert right is not None
    assert left["y"] == right["y"]
    sides.nth(1).get_by_role("link").click()
    expect(wide.page.locator("#source .chosen mark")).to_have_text(CONFLICTING.citations[1].quote)


def test_what_is_not_in_the_documents_shows_the_nearest_paragraphs(wide: Visit) -> None:
    wide.ask("What is the fare?", NOT_IN_CORPUS)
    expect(wide.page.locator(".verdict")).to_have_text("Not in the documents")
    nearest = wide.page.locator(".nearest a")
    expect(nearest).to_have_count(3)
    nearest.nth(2).click()
    # The text of the third holds a script, templates and a remote image: it stays text.
    text = "Odd signs stay as they are: <script>alert(1)</script> & ${1+1} {{value}} ![x](http://far.example/x.png)"
    expect(wide.page.locator("#source .chosen .text")).to_have_text(text)


def test_an_example_is_asked_and_a_conversation_has_a_history(wide: Visit) -> None:
    wide.site.assistant.answers.clear()
    wide.site.assistant.answers.append(SUPPORTED)
    wide.page.get_by_role("button", name=EXAMPLES[0]).click()
    expect(wide.page.locator(".verdict")).to_have_count(1)
    wide.ask("And then?", NOT_IN_CORPUS)
    expect(wide.page.locator(".verdict")).to_have_count(2)
    asked = wide.site.assistant.asked[-1]
    assert [turn.content for turn in asked.history] == [EXAMPLES[0], SUPPORTED.answer]
    wide.page.get_by_role("button", name="New conversation").click()
    expect(wide.page.get_by_role("heading", name="Ask the documents")).to_be_visible()
    wide.ask("Anew?", SUPPORTED)
    expect(wide.page.locator(".verdict")).to_have_count(1)
    assert wide.site.assistant.asked[-1].history == ()


def test_a_failure_and_an_empty_question_are_said(wide: Visit) -> None:
    wide.ask("a", StoreError("The store does not answer."))
    expect(wide.page.locator(".failed")).to_contain_text("The store does not answer.")
    wide.ask(" ", SUPPORTED)
    expect(wide.page.get_by_role("status").first).to_have_text("Type a question first.")
    wide.ask("<b>bold</b> ${1+1}", SUPPORTED)
    expect(wide.page.locator(".question").last).to_contain_text("<b>bold</b> ${1+1}")


def test_on_a_phone_the_source_is_a_sheet(narrow: Visit) -> None:
    narrow.ask("How much did freight rise?", SUPPORTED)
    expect(narrow.page.locator(".verdict")).to_have_text("Supported")
    pane = narrow.page.locator("#pane")
    expect(pane).to_be_hidden()
    narrow.page.locator("a.cite").click()
    expect(pane.locator("mark")).to_be_in_viewport()
    pane.get_by_role("button", name="Close").click()
    expect(pane).to_be_hidden()
    narrow.page.get_by_role("button", name="Documents").click()
    expect(pane.get_by_role("link", name="The harbour in 2024")).to_be_visible()
    width = narrow.page.evaluate("document.documentElement.scrollWidth")
    assert width <= 390
