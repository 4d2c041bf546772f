"""The targets of fuzzing without coverage: kept inputs replayed, and mutations of them by hypothesis.

Guided by coverage, each for as long as one likes: python -m evals.fuzz TARGET --seconds 60.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evals.fuzz.__main__ import NAMES, main
from evals.fuzz.targets import TARGETS

ROOT = Path(__file__).parent.parent
CASES = ROOT / "tests" / "cases" / "fuzz"
KEPT = sorted(path for path in CASES.rglob("*") if path.is_file())
EXAMPLES = {"stream": 25, "pdf": 50}
SECONDS = 20.0
"""Of processor time for one input, far more than any takes."""


@pytest.mark.parametrize("path", KEPT, ids=lambda path: path.relative_to(CASES).as_posix())
def test_a_kept_input(path: Path) -> None:
    began = time.process_time()
    TARGETS[path.parent.name](path.read_bytes())
    assert time.process_time() - began < SECONDS


def test_every_target_has_kept_inputs() -> None:
    assert tuple(TARGETS) == NAMES
    assert {path.parent.name for path in KEPT} == set(TARGETS)


@st.composite
def mutated(draw: st.DrawFn, name: str) -> bytes:
    """A kept input with pieces of it, of others and of anything put in, taken out or doubled."""
    seeds = [path.read_bytes() for path in KEPT if path.parent.name == name]
    data = draw(st.sampled_from(seeds))
    for _ in range(draw(st.integers(0, 6))):
        other = draw(st.sampled_from(seeds))
        a, b = sorted((draw(st.integers(0, len(data))), draw(st.integers(0, len(data)))))
        c, d = sorted((draw(st.integers(0, len(other))), draw(st.integers(0, len(other)))))
        piece = draw(st.one_of(st.just(other[c:d]), st.binary(max_size=8), st.text(max_size=4).map(_bytes)))
        data = data[:a] + piece + data[b:]
    return data[:20_000]


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("name", NAMES)
def test_nothing_breaks_a_target(name: str) -> None:
    @settings(
        max_examples=EXAMPLES.get(name, 150),
        deadline=None,
        suppress_health_check=list(HealthCheck),
        database=None,
    )
    @given(st.one_of(mutated(name), mutated(name), st.binary(max_size=400)))
    def fuzz(data: bytes) -> None:
        TARGETS[name](data)

    fuzz()


def test_a_broken_target_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    """That nothing breaks is worth as much as that something would be seen."""
    monkeypatch.setattr("evals.fuzz.targets.sentence_spans", lambda text: [(0, len(text) + 1)])
    with pytest.raises(AssertionError):
        TARGETS["sentences"](b"It rose.")


def test_the_command_replays_inputs_and_says_what_it_needs(capsys: pytest.CaptureFixture[str]) -> None:
    file = CASES / "sentences" / "marks"
    assert main(["sentences", str(file)]) == 0
    assert capsys.readouterr().out.startswith(f"{file}: ")
    blocked = (
        "import sys; sys.modules['atheris'] = None; from evals.fuzz.__main__ import main; main(['text'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", blocked], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "pip install 'footnote[fuzz]'" in done.stderr
