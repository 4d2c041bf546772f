"""The bench of the page: a real browser over a fake assistant, and what is said where it cannot be measured."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from fakes_web import fake
from served import serving

import server
from evals.bench import page
from evals.bench.page import Visit, render


def test_the_table_has_median_and_extremes() -> None:
    visits = [Visit(10, 20, 30, 40, 50), Visit(12, 20, 30, 40, 50), Visit(99, 20, 30, 40, 50)]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in render(visits).splitlines()]
    assert ["first paint", "12", "10", "99"] in rows
    assert ["second answer", "50", "50", "50"] in rows


def test_what_is_missing_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: None)
    assert page.main([]) == 2
    assert "There is no Chromium." in capsys.readouterr().err
    monkeypatch.setattr(shutil, "which", lambda name: name)
    monkeypatch.setenv("ASSISTANT_CORPUS", str(tmp_path))
    assert page.main([]) == 2
    assert "fewer than two questions" in capsys.readouterr().err


@pytest.mark.browser
def test_a_visit_is_measured_in_the_order_in_which_things_happen() -> None:
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("There is no Chromium. On Debian: apt-get install chromium")
    from playwright.sync_api import sync_playwright

    with serving(server.create_app(fake(), ()), ws="none") as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=page._SWITCHES)
        seen = page.visit(browser, url, ("How much?", "And then?"))
        browser.close()
    assert 0 < seen.first_paint <= seen.can_be_asked
    assert 0 < seen.first_words <= seen.whole_answer
    assert seen.second_answer > 0
