"""What the program is made of: pinned, of licences that fit, models by their hashes, nothing unpickled."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from evals import supply
from evals.supply import Part, compatible, normal

ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def parts() -> tuple[Part, ...]:
    return supply.parts(ROOT / "pyproject.toml")


def test_every_part_is_pinned_and_is_the_one_that_is_pinned(parts: tuple[Part, ...]) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    pinned = {normal(name): version for name, _, version in (line.partition("==") for line in lines)}
    pinned["torch"] = pinned.get("torch", "2.13.0")  # in pyproject.toml: it goes first
    assert [each.name for each in parts if normal(each.name) not in pinned] == []
    other = [
        f"{each.name} {each.version}"
        for each in parts
        if each.version.partition("+")[0] != pinned[normal(each.name)]
    ]
    assert other == []


def test_every_licence_is_listed_and_fits(parts: tuple[Part, ...]) -> None:
    assert [each for each in parts if not compatible(each)] == []
    listed = (ROOT / "docs" / "licences.md").read_text(encoding="utf-8")
    assert [each.name for each in parts if f"| {each.name} " not in listed] == []
    assert len(parts) > 150


@pytest.mark.parametrize(
    ("stated", "fits"),
    [
        ("MIT", True),
        ("Apache-2.0 OR GPL-2.0-only", True),
        ("MIT AND GPL-3.0-only", False),
        ("GNU Affero General Public License v3 (AGPL)", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_a_licence_that_does_not_fit_is_seen(stated: str, fits: bool) -> None:
    assert compatible(Part("x", "1", stated, frozenset(supply._identifiers(stated)))) is fits


def test_the_bill_of_materials_names_every_part(parts: tuple[Part, ...]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "evals.supply", "sbom"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert (done.returncode, done.stderr) == (0, "")
    bom = json.loads(done.stdout)
    assert (bom["bomFormat"], bom["specVersion"]) == ("CycloneDX", "1.6")
    named = {(normal(each["name"]), each["version"]) for each in bom["components"]}
    assert named == {(normal(each.name), each.version) for each in parts}


def python_files() -> list[Path]:
    return [path for folder in ("index", "assistant", "evals") for path in (ROOT / folder).rglob("*.py")]


def test_nothing_is_unpickled() -> None:
    """Pickles run what they hold: weights are safetensors and JSON, and torch's own format is not opened."""
    found = []
    for path in [*python_files(), ROOT / "server.py", ROOT / "ui.py"]:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            elif isinstance(node, ast.Call) and ast.unparse(node.func) in (
                "torch.load",
                "np.load",
                "numpy.load",
            ):
                names = [ast.unparse(node)]
            found += [
                f"{path.relative_to(ROOT)}: {name}"
                for name in names
                if name.split(".")[0] in ("pickle", "cPickle", "dill", "joblib", "shelve", "marshal")
                or (".load(" in name and "allow_pickle" not in name and "weights_only=True" not in name)
            ]
    # Between our own processes, and there only values of our own types are made: see test_workers.py.
    assert found == ["index/workers.py: pickle"]
    ours = [ROOT / each for each in ("assistant", "corpus", "evals", "index", "tests")]
    pickled = [path for each in ours for form in ("pkl", "pt", "bin") for path in each.rglob(f"*.{form}")]
    assert pickled == []


def test_models_are_checked_by_their_hashes(tmp_path: Path) -> None:
    """The encoder's is tested in test_encoder.py; here the span model's."""
    from assistant.errors import ReaderError
    from assistant.reader.evidence import SPAN_WEIGHTS, load_weights
    from assistant.reader.span import SpanReader

    other = tmp_path / "span.safetensors"
    data = bytearray(SPAN_WEIGHTS.read_bytes())
    data[-1] ^= 1
    other.write_bytes(data)
    reader = SpanReader(other, load_weights().span_sha256)
    with pytest.raises(ReaderError, match=r"span\.safetensors"):
        reader.find("Who?", ["It is Ann."], [[(0, 10)]])
