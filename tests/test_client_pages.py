"""The code of the pages for clients, run as it stands against a running server."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from fakes_web import LIBRARY, SUPPORTED, fake
from served import serving

import server
from assistant.shelf import Shelf
from index.receipts import Receipt

ROOT = Path(__file__).parent.parent
PAGES = ROOT / "docs" / "clients"
ADDRESS = "http://127.0.0.1:8000"


def blocks(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", (PAGES / page).read_text(encoding="utf-8"), re.DOTALL)


SERVED = [
    (page.name, number)
    for page in sorted(PAGES.glob("*.md"))
    if page.name != "python.md"
    for number in range(len(blocks(page.name)))
]
EXPECTED = {
    ("langchain.md", 1): str(len(LIBRARY.encoder.passages(["a"])[0])),
    ("open-webui.md", 0): '"type": "source"',
    ("http.md", 1): "final",
    ("http.md", 2): "done",
}


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("corpus")
    shelf = Shelf(folder, folder / ".aside", lambda _: Receipt((), 0))
    with serving(server.create_app(fake(SUPPORTED), (), shelf=shelf)) as url:
        yield url


@pytest.mark.parametrize(("page", "number"), SERVED)
def test_the_code_of_a_page_runs(page: str, number: int, url: str, capfd: pytest.CaptureFixture[str]) -> None:
    code = blocks(page)[number].replace(ADDRESS, url).replace("all-MiniLM-L6-v2", LIBRARY.encoder.name)
    exec(compile(code, f"{page} {number}", "exec"), {"__name__": "page"})
    assert EXPECTED.get((page, number), SUPPORTED.answer) in capfd.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize("number", range(len(blocks("python.md"))))
def test_the_assistant_runs_without_a_server(number: int, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", blocks("python.md")[number]],
        cwd=ROOT,
        env={**os.environ, "ASSISTANT_DATA": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=900,
    )
    assert done.returncode == 0, done.stderr
    assert "500,000" in done.stdout or "barrels" in done.stdout
