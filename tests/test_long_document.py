"""A PDF of 300 pages through a whole build: shown while it lasts, killed half-way, finished by the next run."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import OneHotEncoder
from fakes_pdf import Draw, lines, pdf, prose
from reportlab.pdfgen.canvas import Canvas

from index import __main__ as cli

PAGES = 300
ROOT = Path(__file__).parent.parent
WORDS = (
    "harbour quay granite salt ferry bay winter cart ramp flood bridge plan baker town drawing mill barley brewery "
    "river keeper loft cooperage board timber pile jetty worm lamp bell fog"
).split()
# Half of the document is embedded when the process ends, as at a kill: nothing is closed or written any more.
KILLED = """
import os
from pathlib import Path
from fakes import OneHotEncoder
from index.sync import Place, sync
def at_half(step):
    if step.stage == "embedding" and 0 < step.total <= 2 * step.done:
        os._exit(9)
sync(Place(Path("corpus"), Path(".data")), OneHotEncoder(), progress=at_half)
"""


def drawn(number: int) -> Draw:
    """A page with a running head, two paragraphs and its number."""

    def draw(canvas: Canvas) -> None:
        lines(canvas, ["The Harbours of the North"], 72, 40, size=9)
        chance = random.Random(number)  # no two pages are alike, or their lines would be running heads
        y = 100.0
        for _ in range(2):
            told = " ".join(chance.choice(WORDS) for _ in range(40))
            y = prose(canvas, f"On page {number} the {told} was told.", y=y, indent=14)
        lines(canvas, [str(number)], 290, 800, size=9)

    return draw


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder whose corpus is one long file."""
    (tmp_path / "corpus").mkdir()
    (tmp_path / "corpus" / "long.pdf").write_bytes(pdf(*map(drawn, range(1, PAGES + 1)), title="Harbours"))
    monkeypatch.chdir(tmp_path)
    for name in [name for name in os.environ if name.startswith("ASSISTANT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(cli, "SentenceEncoder", lambda name, precision: OneHotEncoder(name=name))
    return tmp_path


@pytest.mark.slow
def test_a_long_pdf_is_followed_and_finished(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    killed = subprocess.run(
        [sys.executable, "-c", KILLED],
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), str(ROOT / "tests")])},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert killed.returncode == 9, killed.stderr
    capsys.readouterr()
    assert cli.main(["build", "--json"]) == 0
    out, err = capsys.readouterr()
    (file,) = json.loads(out)["files"]
    assert (file["state"], file["pages"], file["paragraphs"], file["reason"]) == (
        "added",
        PAGES,
        2 * PAGES,
        None,
    )
    said = err.splitlines()
    assert said[0] == "reading long.pdf (1 of 1)"
    embedding = [line for line in said if line.startswith("embedding long.pdf: ")]
    assert len(embedding) >= 10
    assert cli.main(["build", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0]["state"] == "unchanged"
    assert cli.main(["search", "page 299"]) == 0
    assert "On page 299 " in capsys.readouterr().out
