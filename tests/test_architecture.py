"""The table of design.md: which package imports which, who owns which library, and what no file may hold."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from index.corpus import list_files, read_document

ROOT = Path(__file__).parent.parent

# A package of the project -> those that it may import. `server -> ui -> assistant -> index`, evals beside.
LAYERS = {
    "index": {"index"},
    "assistant": {"assistant", "index"},
    "ui": {"ui", "assistant", "index"},
    "server": {"server", "ui", "assistant", "index"},
    "evals": {"evals", "assistant", "index"},
}
# An outside library -> the files or folders that may import it.
OWNERS = {
    "chromadb": ("index/chroma.py", "evals/bench/peers/"),
    "sentence_transformers": ("index/encoder.py",),
    "gradio": ("ui.py",),
    "fastapi": ("server.py", "assistant/api/"),
    "starlette": ("server.py", "assistant/api/"),
    "uvicorn": ("assistant/api/listen.py", "assistant/api/connections.py"),
    "sqlite3": ("index/sqlite_file.py",),
    "sqlalchemy": ("assistant/storage/",),
    "opentelemetry": ("assistant/api/run.py", "assistant/api/tracing.py"),
    "ray": ("index/cluster.py",),
    "bm25s": ("index/lexical.py",),
    "tokenizers": ("index/bert.py", "index/packaged.py", "assistant/reader/network.py"),
    "mcp": ("assistant/mcp_server.py", "assistant/api/mcp.py"),
    "prometheus_client": ("assistant/api/metrics.py",),
    "atheris": ("evals/fuzz/drive.py",),
    "alembic": ("assistant/storage/",),
    "docx": ("assistant/exports/word.py",),
    "markdown_it": ("index/readers/markdown.py",),
    "charset_normalizer": ("index/readers/decode.py",),
    "babel": ("assistant/languages.py",),
    "rapidfuzz": ("index/vocabulary.py", "assistant/languages.py", "evals/reading.py"),
    "ir_measures": ("evals/rankings.py",),
    "jinja2": ("evals/page.py",),
    "pypdfium2": ("index/readers/pdf/pdfium.py",),
    "httpx": (
        "assistant/llm.py",
        "assistant/api/peers.py",
        "index/chroma.py",
        "evals/bench/",
    ),
    "openai": ("assistant/llm.py",),
    "tenacity": ("assistant/llm.py",),
    "llama_index": (
        "index/pipeline.py",
        "index/store.py",
        "assistant/llm.py",
        "evals/judge.py",
        "evals/starter.py",
        "evals/bench/",
    ),
}
HEAVY = (
    "torch",
    "transformers",
    "sentence_transformers",
    "chromadb",
    "gradio",
    "llama_index",
    "bm25s",
    "ray",
    "openai",
)
# These are imported only where their work is done, since what they are built on takes seconds.
HEAVY_MODULES = {
    "index.pipeline",
    "index.bert",
    "index.precision",
    "index.packaged",
    "assistant.reader.network",
    "assistant.reader.model",
    "assistant.reader.stored",
    "assistant.reader.train",
    "assistant.reader.fit",
}

LONGEST_RUN = 11
TEXT_SUFFIXES = {
    ".py",
    ".jsonl",
    ".html",
    ".md",
    ".toml",
    ".yaml",
    ".yml",
    ".txt",
    ".json",
    ".js",
    ".css",
    ".svg",
    "",
}


def module_files() -> list[Path]:
    files = [path for layer in LAYERS for path in (ROOT / layer).rglob("*.py")]
    return [*sorted(files), *(path for layer in LAYERS if (path := ROOT / f"{layer}.py").is_file())]


def name_of(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


@cache
def imported(path: Path) -> tuple[str, ...]:
    """The full names of what a file imports, wherever in it."""
    package = name_of(path).split(".")
    if path.name != "__init__.py":
        package = package[:-1]
    found = []
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            found.append(".".join([*base, *([node.module] if node.module else [])]))
    return tuple(found)


@pytest.fixture(params=module_files(), ids=name_of)
def module(request: pytest.FixtureRequest) -> Path:
    path: Path = request.param
    return path


def test_imports_point_one_way(module: Path) -> None:
    layer = name_of(module).split(".")[0]
    ours = {name.split(".")[0] for name in imported(module)} & LAYERS.keys()
    assert ours <= LAYERS[layer], f"{layer} imports {sorted(ours - LAYERS[layer])}"


def test_a_library_has_one_owner(module: Path) -> None:
    place = module.relative_to(ROOT).as_posix()
    for library in {name.split(".")[0] for name in imported(module)} & OWNERS.keys():
        assert place.startswith(OWNERS[library]), f"{library} is imported beside {', '.join(OWNERS[library])}"


@pytest.mark.parametrize("library", OWNERS)
def test_an_owner_uses_its_library(library: str) -> None:
    """An entry of the table that nobody needs any more is taken out of it."""
    users = [path for path in module_files() if library in {name.split(".")[0] for name in imported(path)}]
    assert users


IMPORT_ALL = """
import importlib, sys
for name in sys.argv[2:]:
    before = set(sys.modules)
    importlib.import_module(name)
    heavy = sorted({new.split(".")[0] for new in set(sys.modules) - before} & set(sys.argv[1].split(",")))
    if heavy:
        print(name, "imports", *heavy)
"""


def test_importing_is_silent_and_light(tmp_path: Path) -> None:
    light = [name for path in module_files() if (name := name_of(path)) not in HEAVY_MODULES]
    process = subprocess.run(
        [sys.executable, "-W", "error", "-c", IMPORT_ALL, ",".join(HEAVY), *light],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (process.returncode, process.stdout, process.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


@cache
def tracked() -> tuple[Path, ...]:
    """The text files that are the project's: those that git has or would take."""
    try:
        listed = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("This is no git checkout, so which files are the project's is not known.")
    paths = [ROOT / name for name in listed.split("\0") if name]
    return tuple(path for path in paths if path.is_file() and path.suffix in TEXT_SUFFIXES)


def test_no_file_holds_a_path_of_a_machine() -> None:
    pattern = re.compile("/(?:" + "|".join(["work", "root", "Users", r"home/\w+"]) + ")/")
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        for number, line in enumerate(path.read_text(encoding="utf-8", errors="replace").splitlines(), 1)
        if pattern.search(re.sub(r"https?://\S+", "", line))
    ]
    assert found == []


def test_one_file_makes_the_addresses_of_documents() -> None:
    made = re.compile(r"""f["'][^"'\n]*(?<!v1)(?<!footnote:/)/documents/\{""")
    found = [name_of(path) for path in module_files() if made.search(path.read_text(encoding="utf-8"))]
    assert found == ["index.addresses"]


def runs(text: str, size: int) -> Iterator[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return (tuple(words[at : at + size]) for at in range(len(words) - size + 1))


@pytest.mark.parametrize("name", sorted(HEAVY_MODULES))
def test_a_heavy_module_is_one(name: str) -> None:
    """An exception that nobody needs any more is taken out of the list."""
    path = ROOT.joinpath(*name.split(".")).with_suffix(".py")
    direct = {found.split(".")[0] for found in imported(path)}
    assert direct & set(HEAVY) or set(imported(path)) & HEAVY_MODULES


def test_no_file_holds_a_sentence_of_the_originals(seeds: Path) -> None:
    size = LONGEST_RUN + 1
    originals = [read_document(file, seeds) for file in list_files(seeds)]
    titles = [re.escape(original.document.title) for original in originals]
    leave_out = re.compile("|".join([*titles, r"https?://\S+"]), re.IGNORECASE)
    quotation = re.compile(r"“[^”\n]*”|\"[^\"\n]*\"")  # in code, these are strings
    theirs = {run for original in originals for p in original.paragraphs[1:] for run in runs(p.text, size)}
    shared = [
        f"{path.relative_to(ROOT)}: {' '.join(run)}"
        for path in tracked()
        for part in leave_out.split(path.read_text(encoding="utf-8", errors="replace"))
        for own in (quotation.split(part) if path.suffix == ".md" else [part])
        for run in runs(own, size)
        if run in theirs
    ]
    assert shared == []
