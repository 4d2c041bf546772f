"""The report in a real Chromium: it needs nothing from elsewhere, and its cases can be searched and filtered."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest
from fakes_evals import CLOSED, OPENED, FakeSystem, contains, quoting
from playwright.sync_api import Page, expect, sync_playwright

from evals.__main__ import main
from evals.charts import calibration_chart, interval_bar, latency_chart, risk_chart
from evals.systems import System

CHROMIUM = shutil.which("chromium")
DEV = Path(__file__).parent / "cases" / "evals" / "tiny.dev.yaml"
PATIENCE_MS = 60_000


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    if CHROMIUM is None:
        pytest.skip("There is no Chromium. On Debian: apt-get install chromium")
    folder = tmp_path_factory.mktemp("report")
    (folder / "corpus").mkdir()

    @contextmanager
    def opened(name: str, corpus: Path, data: Path | None) -> Iterator[System]:
        wrong = {
            "When did the harbour open?": quoting(CLOSED),
            "For how many days was it closed?": quoting(OPENED),
        }
        yield FakeSystem(wrong)

    arguments = ["run", str(DEV), "--corpus", str(folder / "corpus"), "--html", str(folder / "report.html")]
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        assert main(arguments, open_system=opened, contains=contains) == 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        shown = browser.new_page(viewport={"width": 1280, "height": 900})
        shown.set_default_timeout(PATIENCE_MS)
        expect.set_options(timeout=PATIENCE_MS)
        asked: list[str] = []
        errors: list[str] = []
        shown.on("request", lambda request: asked.append(request.url))
        shown.on("pageerror", lambda error: errors.append(str(error)))
        shown.goto((folder / "report.html").as_uri())
        yield shown
        browser.close()
    assert errors == []
    assert all(url.startswith("file:") for url in asked)


@pytest.mark.browser
def test_wrong_cases_are_shown_and_found(page: Page) -> None:
    cards = page.locator(".case:visible")
    expect(cards).to_have_count(2)
    expect(cards.first).to_contain_text("It was closed for 54 days in 1987.")
    expect(cards.first).to_contain_text("1931")
    page.get_by_label("Search").fill("many days")
    expect(page.get_by_role("status")).to_have_text("1 of 4 cases")
    page.get_by_label("Search").fill("")
    page.get_by_label("Show").select_option("")
    expect(cards).to_have_count(4)
    page.get_by_label("Kind").select_option("unanswerable")
    expect(cards).to_have_count(1)
    page.get_by_label("Kind").select_option("")
    page.get_by_label("What was wrong").select_option("says what it must not")
    expect(cards).to_have_count(1)


@pytest.mark.browser
def test_a_cited_paragraph_opens(page: Page) -> None:
    page.reload()
    page.locator(".case:visible summary").first.click()
    expect(page.locator(".case details[open] blockquote").first).to_contain_text(
        "The harbour opened in 1931."
    )
    expect(page.locator("svg.chart")).to_have_count(3)


@pytest.mark.browser
def test_the_page_fits_a_phone(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.set_viewport_size({"width": 1280, "height": 900})


@pytest.mark.parametrize(
    ("chart", "words"),
    [
        (calibration_chart([(0.9, 0.5, 4), (0.2, 0.1, 1)]), "4 answers: mean confidence 0.90, 0.50 right"),
        (risk_chart([(0.5, 0.25)]), "50% answered: 25% of the answers wrong"),
        (latency_chart([0.1, 0.2, 0.9]), "median: 0.200 s"),
        (interval_bar(0.5, 0.4, 0.6), "0.50, interval 0.40 to 0.60"),
    ],
)
def test_a_chart_says_its_figures(chart: str, words: str) -> None:
    assert words in chart


@pytest.mark.parametrize("seconds", [[], [0.0], [0.0004], [3.0, 81.0]])
def test_a_latency_chart_fits_any_time(seconds: Sequence[float]) -> None:
    assert ("<svg" in latency_chart(seconds)) == bool(seconds)
