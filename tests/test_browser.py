"""The web chat in a real Chromium: what a person sees and clicks."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import uvicorn
from fakes import OneHotEncoder
from fakes_assistant import evidence, reading
from fakes_pdf import pdf, prose
from fakes_web import CONFLICTING, NOT_IN_CORPUS, ROSE, SUPPORTED, FakeAssistant, fake
from fastapi import FastAPI
from playwright.sync_api import Browser, Page, expect, sync_playwright

import server
from assistant.answers import Answer
from assistant.chat import Assistant
from assistant.reader import Reading
from assistant.shelf import Shelf
from assistant.storage.repository import Storage
from evals.__main__ import main as add_case
from evals.cases import load_suite
from index.documents import Hit
from index.errors import StoreError
from index.library import Library
from index.receipts import Receipt
from index.sentences import sentence_spans
from index.sync import Place, sync
from index.vocabulary import Vocabulary

pytestmark = pytest.mark.browser
CHROMIUM = shutil.which("chromium")
SWITCHES = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PATIENCE_MS = 60_000
expect.set_options(timeout=PATIENCE_MS)
LOOPBACK = {"127.0.0.1", "localhost"}
ROOT = Path(__file__).parent.parent
AXE = "axe-core@4.14.1"
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]


@dataclass
class Site:
    """A running server: its address, and the assistant behind it."""

    url: str
    assistant: FakeAssistant
    storage: Storage


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


@contextmanager
def serving(app: FastAPI) -> Iterator[str]:
    """The address of a server of the app."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        running = uvicorn.Server(uvicorn.Config(app, log_level="critical", ws="none"))
        thread = threading.Thread(target=running.run, kwargs={"sockets": [listener]})
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        running.should_exit = True
        running.force_exit = True
        thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    assistant = fake()
    with (
        closing(Storage(f"sqlite:///{tmp_path_factory.mktemp('kept') / 'kept.sqlite3'}")) as storage,
        serving(server.create_app(assistant, EXAMPLES, storage)) as url,
    ):
        yield Site(url, assistant, storage)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium. On Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=SWITCHES)
        yield browser
        browser.close()


@contextmanager
def visiting(browser: Browser, site: Site, width: int = 1440, *, dark: bool = False) -> Iterator[Visit]:
    """A new person's page; at its end, that nothing went wrong in it and that it asked no other machine."""
    scheme = "dark" if dark else "light"
    context = browser.new_context(
        viewport={"width": width, "height": 844}, reduced_motion="reduce", color_scheme=scheme
    )
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
    hosts = {urlsplit(url).hostname for url in opened.requests if not url.startswith(("data:", "blob:"))}
    assert hosts <= LOOPBACK


@pytest.fixture
def wide(browser: Browser, site: Site) -> Iterator[Visit]:
    with visiting(browser, site) as visit:
        yield visit


@pytest.fixture
def narrow(browser: Browser, site: Site) -> Iterator[Visit]:
    with visiting(browser, site, 390, dark=True) as visit:
        yield visit


def test_from_a_first_visit_to_a_cited_answer_its_paragraph_and_its_note(wide: Visit) -> None:
    wide.ask("How much did freight rise?", SUPPORTED)
    answer = wide.page.get_by_role("article")
    expect(answer.locator(".verdict")).to_have_text("Supported")
    expect(answer.locator(".short")).to_have_text("54 percent")
    expect(answer).to_contain_text(ROSE)
    expect(wide.page.locator("#status [role=status]")).to_contain_text("Supported. 54 percent.")
    number = answer.get_by_role("link", name="Source 1: The harbour in 2024, paragraph 2")
    number.hover()
    expect(answer.locator(".card")).to_contain_text("16 August 2024 · ¶ 2")
    number.click()
    pane = wide.page.get_by_role("complementary", name="Sources")
    expect(pane.locator(".chosen mark")).to_have_text(ROSE)
    expect(pane.locator(".chosen mark")).to_be_in_viewport()
    expect(pane.locator(".para")).to_have_count(5)
    expect(pane).to_contain_text("Ellmouth Harbour Board · 2024-08-16")
    note = pane.locator(".para.at .notes .cited a")
    expect(note).to_have_attribute("href", "https://harbour.example/tables")
    expect(note).to_have_attribute("rel", "noopener noreferrer nofollow")
    pane.get_by_role("button", name="Next paragraph").click()
    expect(pane.locator(".para.at .number")).to_have_text("3")


def test_the_keyboard_alone_is_enough(wide: Visit) -> None:
    wide.ask("How long is the berth?", CONFLICTING)
    expect(wide.page.locator(".actions")).to_be_visible()
    pane = wide.page.get_by_role("complementary", name="Sources")
    wide.page.keyboard.press("Escape")  # out of the box
    for key, paragraph in (("j", "3"), ("j", "2"), ("k", "3")):
        wide.page.keyboard.press(key)
        expect(pane.locator(".chosen .para.at .number")).to_have_text(paragraph)
    expect(pane.get_by_role("heading", name="The harbour in 2024")).to_be_focused()
    wide.page.keyboard.press("Escape")
    expect(pane.get_by_role("heading", name="Sources")).to_be_visible()
    expect(wide.page.locator("a.cite[aria-current]")).to_be_focused()
    wide.page.keyboard.press("Enter")
    expect(pane.locator(".chosen mark")).to_be_in_viewport()
    wide.page.keyboard.press("/")
    expect(wide.page.get_by_label("Your question")).to_be_focused()
    documents = wide.page.get_by_role("button", name="Documents")
    for _ in range(40):
        if documents.evaluate("button => button === document.activeElement"):
            break
        wide.page.keyboard.press("Shift+Tab")
    expect(documents).to_be_focused()
    wide.page.keyboard.press("Enter")
    expect(wide.page.get_by_label("Search documents")).to_be_visible()


def test_the_source_opens_in_a_page_at_its_anchor(wide: Visit) -> None:
    wide.ask("How much did freight rise?", SUPPORTED)
    with wide.page.context.expect_page() as opened:
        wide.page.locator("#source").get_by_role("link", name="Open in a page").click()
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
    expect(wide.page.locator("#source .chosen .para.at .text")).to_have_text(text)


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
    expect(wide.page.locator("#status [role=status]")).to_have_text("Type a question first.")
    wide.ask("<b>bold</b> ${1+1}", SUPPORTED)
    expect(wide.page.locator(".question").last).to_contain_text("<b>bold</b> ${1+1}")


def test_on_a_phone_in_the_dark_the_source_is_a_sheet(narrow: Visit) -> None:
    narrow.ask("How much did freight rise?", SUPPORTED)
    expect(narrow.page.locator(".verdict")).to_have_text("Supported")
    pane = narrow.page.locator("#pane")
    expect(pane).to_be_hidden()
    narrow.page.locator("a.cite").click()
    expect(pane.locator("mark")).to_be_in_viewport()
    pane.get_by_role("button", name="Close").click()
    expect(pane).to_be_hidden()
    rail = narrow.page.locator("#rail")
    expect(rail).to_be_hidden()
    narrow.page.get_by_role("button", name="Conversations").click()
    expect(rail.get_by_role("link", name="How much did freight rise?")).to_be_visible()
    assert narrow.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert narrow.page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(22, 23, 21)"


def test_two_people_never_see_each_others_conversations(browser: Browser, wide: Visit) -> None:
    wide.ask("What is my secret?", SUPPORTED)
    expect(wide.page.locator("#talks")).to_contain_text("What is my secret?")
    with visiting(browser, wide.site) as other:
        expect(other.page.locator("#talks")).to_contain_text("Your conversations will be listed here.")
        other.page.goto(wide.page.url)
        expect(other.page.locator("#log .notice")).to_contain_text("This conversation is not there.")
        expect(other.page.locator("body")).not_to_contain_text("secret")
        export = other.page.request.get(
            f"{wide.site.url}/conversations/{wide.page.url.partition('c=')[2]}.md"
        )
        assert export.status == 404


def test_a_conversation_is_searched_renamed_saved_and_deleted(wide: Visit) -> None:
    rail = wide.page.locator("#talks")
    wide.ask("How long is the berth?", CONFLICTING)
    expect(rail).to_contain_text("How long is the berth?")
    wide.page.get_by_label("Search conversations").fill("zebra")
    expect(rail).to_contain_text("Nothing found.")
    wide.page.get_by_label("Search conversations").fill("240 metres")
    menu = rail.get_by_label("Actions for “How long is the berth?”")
    menu.click()
    with wide.page.expect_download() as saving:
        rail.get_by_role("link", name="Save as Markdown").click()
    text = Path(saving.value.path()).read_text(encoding="utf-8")
    assert "[^2]: “At 240 metres, the new berth is the longest on this coast.”" in text
    rail.get_by_role("button", name="Rename").click()
    wide.page.get_by_label("New title").fill("Berths")
    wide.page.keyboard.press("Enter")
    expect(rail.get_by_role("link", name="Berths")).to_be_visible()
    rail.get_by_label("Actions for “Berths”").click()
    rail.get_by_role("button", name="Delete").click()
    rail.get_by_role("button", name="Delete for good?").click()
    expect(wide.page.get_by_role("heading", name="Ask the documents")).to_be_visible()
    assert "c=" not in wide.page.url


def test_an_edited_question_is_asked_in_place_of_the_first(wide: Visit) -> None:
    wide.ask("How much?", SUPPORTED)
    wide.page.locator("[data-act=edit]").click()
    wide.page.get_by_label("Your question, edited").fill("How much more?")
    wide.page.keyboard.press("Enter")
    expect(wide.page.locator(".question")).to_contain_text("How much more?")
    expect(wide.page.locator(".actions")).to_be_visible()
    expect(wide.page.locator(".question")).to_have_count(1)


def test_a_thumb_down_becomes_a_candidate_case_of_the_evals(wide: Visit, tmp_path: Path) -> None:
    wide.ask("How much did freight fall?", SUPPORTED)
    answer = wide.page.get_by_role("article")
    answer.get_by_role("button", name="Something is wrong").click()
    answer.get_by_label("Should have said no").check()
    answer.get_by_label("The right answer, if you know it").fill("It did not fall.")
    answer.get_by_role("button", name="Send").click()
    expect(wide.page.get_by_role("button", name="Something is wrong")).to_have_attribute(
        "aria-pressed", "true"
    )
    expect(wide.page.locator("#status [role=status]")).to_have_text(
        "Thank you. This is kept with the answer."
    )
    wide.page.get_by_role("button", name="Feedback", exact=True).click()
    told = wide.page.locator(".thought.down").first
    expect(told).to_contain_text("How much did freight fall?")
    expect(told).to_contain_text("Should have said no")
    with wide.page.expect_download() as saving:
        wide.page.get_by_role("link", name="Export for evals").click()
    records = [
        json.loads(line) for line in Path(saving.value.path()).read_text(encoding="utf-8").splitlines()
    ]
    (given,) = (each for each in records if each["question"] == "How much did freight fall?")
    assert (given["kind"], given["right_answer"]) == ("should-have-said-no", "It did not fall.")
    (tmp_path / "feedback.jsonl").write_text(json.dumps(given), encoding="utf-8")
    out = tmp_path / "candidates.dev.yaml"
    corpus = str(ROOT / "corpus")
    assert add_case(["add", str(tmp_path / "feedback.jsonl"), "--corpus", corpus, "--out", str(out)]) == 0
    (case,) = load_suite(out).cases
    assert (case.kind, case.question) == ("unanswerable", "How much did freight fall?")


def test_feedback_and_the_changing_of_documents_are_for_keys_that_may(
    browser: Browser, tmp_path: Path
) -> None:
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage:
        _, plain = storage.access.make_key("Ann", ["ask"])
        chief, secret = storage.access.make_key("Chief", ["ask", "manage", "admin"])
        shelf = Shelf(tmp_path / "corpus", tmp_path / "aside", lambda progress: Receipt((), 0))
        assistant = fake()
        with serving(server.create_app(assistant, EXAMPLES, storage, shelf)) as url:
            for key, may in ((plain, False), (secret, True)):
                context = browser.new_context(viewport={"width": 1440, "height": 844})
                context.set_default_timeout(PATIENCE_MS)
                page = context.new_page()
                page.goto(url)
                page.get_by_label("Your key").fill(key)
                page.get_by_role("button", name="Log in").click()
                expect(page.locator("#who")).to_contain_text("Chief" if may else "Ann")
                expect(page.get_by_role("button", name="Feedback")).to_have_count(1 if may else 0)
                page.get_by_role("button", name="Documents").click()
                expect(page.locator("#listing table")).to_be_visible()
                expect(page.locator("#listing [data-act=remove]")).to_have_count(2 if may else 0)
                expect(page.locator("#intake")).to_be_visible(visible=may)
                page.get_by_role("button", name="Documents").click()
                page.get_by_label("Your question").fill("How much did freight rise?")
                page.keyboard.press("Enter")
                expect(page.locator(".actions")).to_be_visible()
                if may:
                    # In the chat and in the API the key is one person.
                    kept = storage.conversations(chief.id)
                    (answer,) = storage.answers(chief.id, kept[0].id)
                    headers = {"Authorization": f"Bearer {key}"}
                    assert page.request.get(f"{url}/v1/answers/{answer.id}", headers=headers).status == 200
                    page.get_by_role("button", name="Log out").click()
                    expect(page.get_by_label("Your key")).to_be_visible()
                context.close()


def test_the_documents_tab_tells_how_the_index_stands_and_what_changed(wide: Visit) -> None:
    wide.page.get_by_role("button", name="Documents").click()
    standing = wide.page.locator("#standing")
    expect(standing).to_contain_text("The folder is not followed. Last looked through: 2 March 2026")
    expect(standing.locator(".changes")).to_contain_text("The harbour in 2024")
    expect(standing.locator(".changes")).to_contain_text("¶ 1–2 changed · ¶ 4 added")
    expect(standing.get_by_label("What changed since")).to_contain_text("corpus ba5eba11")


def test_the_page_speaks_the_browsers_language(browser: Browser, site: Site) -> None:
    context = browser.new_context(viewport={"width": 1440, "height": 844}, locale="de-DE")
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto(site.url)
    expect(page.locator("html")).to_have_attribute("lang", "de")
    page.get_by_role("heading", name="Fragen Sie die Dokumente").wait_for()
    site.assistant.answers.clear()
    site.assistant.answers.append(SUPPORTED)
    page.get_by_label("Ihre Frage").fill("How much did freight rise?")
    page.get_by_role("button", name="Fragen", exact=True).click()
    expect(page.locator(".verdict")).to_have_text("Belegt")
    expect(page.locator("#status [role=status]")).to_contain_text("Belegt. 54 percent.")
    page.get_by_role("button", name="Dokumente").click()
    expect(page.locator("#standing")).to_contain_text("Der Ordner wird nicht verfolgt.")
    context.close()


@contextmanager
def process(port: int, database: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The chat's server as a process that can be killed."""
    path = os.pathsep.join([str(ROOT), str(ROOT / "tests")])
    command = [sys.executable, str(ROOT / "tests" / "serve_chat.py"), str(port), f"sqlite:///{database}"]
    running = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "PYTHONPATH": path})
    try:
        yield running
    finally:
        running.kill()
        running.wait(60)


def wait_for(page: Page, port: int) -> None:
    for _ in range(600):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            page.wait_for_timeout(500)
    raise AssertionError("The server did not start.")


@pytest.mark.long
def test_the_page_recovers_from_a_server_that_is_killed_in_mid_answer(
    browser: Browser, tmp_path: Path
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
    context = browser.new_context(viewport={"width": 1440, "height": 844})
    context.set_default_timeout(3 * PATIENCE_MS)
    page = context.new_page()
    with process(port, tmp_path / "kept.sqlite3") as running:
        wait_for(page, port)
        page.goto(f"http://127.0.0.1:{port}")
        page.get_by_label("Your question").fill("How much did freight rise?")
        page.keyboard.press("Enter")
        page.locator(".actions").wait_for()
        page.get_by_label("Your question").fill("A slow one?")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop").wait_for()
        running.kill()
    with process(port, tmp_path / "kept.sqlite3"):
        wait_for(page, port)
        # The page notices by itself, and comes back to the conversation.
        page.locator("#log .notice").wait_for(timeout=4 * PATIENCE_MS)
        expect(page.locator(".question")).to_have_text(["You asked: How much did freight rise?"])
        expect(page.locator(".short")).to_have_text("54 percent")
        expect(page.get_by_label("Your question")).to_have_value("A slow one?")
        # Reopened from the list, too.
        page.get_by_role("button", name="New conversation").click()
        expect(page.get_by_role("heading", name="Ask the documents")).to_be_visible()
        page.get_by_role("link", name="How much did freight rise?").click()
        expect(page.locator(".short")).to_have_text("54 percent")
        page.locator("a.cite").first.click()
        expect(page.locator("#source .chosen mark")).to_have_text(ROSE)
        page.get_by_label("Your question").fill("Another slow one?")
        page.keyboard.press("Enter")
        page.get_by_role("button", name="Stop").click()
        expect(page.locator(".failed")).to_contain_text("Stopped before an answer was there.")
        context.close()


class ZeppelinReader:
    """Finds an answer where a sentence speaks of a zeppelin."""

    name = "zeppelin"

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        return reading(
            *(
                evidence(hit, 0.99, sentence=i)
                for hit in hits
                for i, (start, end) in enumerate(sentence_spans(hit.paragraph.text))
                if "zeppelin" in hit.paragraph.text[start:end]
            )
        )


def over(library: Library) -> Assistant:
    texts = [paragraph.text for paragraph in library.all_paragraphs()]
    vocabulary = Vocabulary(texts, OneHotEncoder().words())
    return Assistant(library, ZeppelinReader(), vocabulary, abstain_below=0.5, over=over)


def test_a_pdf_is_uploaded_asked_removed_and_no_more_cited(
    browser: Browser, corpus: Path, tmp_path: Path
) -> None:
    place, encoder = Place(corpus, tmp_path / "data"), OneHotEncoder()
    sync(place, encoder)
    shelf = Shelf(corpus, tmp_path / "aside", lambda progress: sync(place, encoder, progress=progress))
    assistant = over(Library(place, encoder))
    with closing(Storage(f"sqlite:///{tmp_path / 'kept.sqlite3'}")) as storage, closing(assistant):
        app = server.create_app(assistant, (), storage, shelf)
        with serving(app) as url, visiting(browser, Site(url, fake(), storage)) as visit:
            page = visit.page

            def ask(verdict: str) -> None:
                page.get_by_label("Your question").fill("What crossed the bay?")
                page.keyboard.press("Enter")
                expect(page.locator(".verdict").last).to_have_text(verdict)

            ask("Not in the documents")
            page.get_by_role("button", name="Documents").click()
            flight = pdf(
                lambda canvas: prose(canvas, "A zeppelin crossed the bay in the winter of 1929.") and None
            )
            page.locator("input[type=file]").set_input_files(
                [{"name": "flight.pdf", "mimeType": "application/pdf", "buffer": flight}]
            )
            expect(page.locator("#receipt .receipt")).to_contain_text("added flight.pdf: 1 paragraph")
            row = page.locator("tr[data-document=flight]")
            expect(row).to_be_visible()
            page.get_by_role("button", name="Documents").click()
            ask("Supported")
            expect(page.locator("#source mark")).to_have_text(
                "A zeppelin crossed the bay in the winter of 1929."
            )
            page.get_by_role("button", name="Documents").click()
            row.get_by_role("button", name="Remove").click()
            expect(page.locator("#receipt .notice")).to_contain_text("is removed")
            expect(row).to_have_count(0)
            page.get_by_role("button", name="Documents").click()
            ask("Not in the documents")
            page.get_by_role("button", name="Documents").click()
            page.get_by_role("button", name="Undo").click()
            expect(row).to_be_visible()


@pytest.fixture(scope="module")
def axe(request: pytest.FixtureRequest) -> str:
    """The script of axe-core, from the package registry; skips where that cannot be reached."""
    cache = getattr(request.config, "cache", None)  # there is none with -p no:cacheprovider
    cached = cache.mkdir("axe") if cache else None
    npm = shutil.which("npm")
    if cached is None or npm is None:
        pytest.skip("There is no npm to install axe-core with. On Debian: apt-get install npm")
    script = cached / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        install = [npm, "install", "--no-save", "--no-audit", "--no-fund", "--prefix", str(cached), AXE]
        done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=300)
        if done.returncode:
            pytest.skip(f"{AXE} could not be installed: {(done.stderr.strip().splitlines() or [''])[-1]}")
    return script.read_text(encoding="utf-8")


def violations(page: Page, axe: str) -> list[str]:
    page.evaluate(axe)
    found = page.evaluate("tags => axe.run(document, {runOnly: tags})", WCAG)
    assert len(found["passes"]) > 10
    return [f"{each['id']}: {node['target']}" for each in found["violations"] for node in each["nodes"]]


@pytest.mark.parametrize("dark", [False, True])
def test_the_page_meets_wcag(browser: Browser, site: Site, axe: str, dark: bool) -> None:
    with visiting(browser, site, dark=dark) as visit:
        assert violations(visit.page, axe) == []
        visit.ask("How long is the berth?", CONFLICTING)
        visit.page.locator(".thumb[data-act=down]").click()
        visit.page.locator("a.cite").first.click()
        expect(visit.page.locator("#source .chosen")).to_be_visible()
        assert violations(visit.page, axe) == []
        visit.page.get_by_role("button", name="Documents").click()
        expect(visit.page.locator("#listing table")).to_be_visible()
        assert violations(visit.page, axe) == []
        visit.page.get_by_role("button", name="Feedback", exact=True).click()
        expect(visit.page.locator("#thoughts .kinds")).to_be_visible()
        assert violations(visit.page, axe) == []
