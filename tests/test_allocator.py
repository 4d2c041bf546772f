"""The commands start themselves over with tcmalloc where there is one, and what they start does not."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from index import allocator

SCRIPT = """
import os, sys
from index import allocator
allocator.tcmalloc = lambda: {library!r}
allocator.preload()
print(sys.argv[1:], os.environ.get("LD_PRELOAD"), {name!r} in open("/proc/self/maps").read())
"""


def run(library: str | None, **environment: str) -> str:
    """What a command prints of its arguments, of LD_PRELOAD, and of whether it has the library loaded."""
    code = SCRIPT.format(library=library, name=Path(library).name if library else "tcmalloc")
    environment = {**{k: v for k, v in os.environ.items() if k != "LD_PRELOAD"}, **environment}
    done = subprocess.run(
        [sys.executable, "-c", code, "an argument", "--more"],
        env=environment, check=True, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    return done.stdout.strip()


@pytest.mark.skipif(sys.platform != "linux", reason="LD_PRELOAD is of Linux")
def test_a_command_starts_over_with_the_library_and_its_children_do_without() -> None:
    libc = next(
        line.split()[-1] for line in Path("/proc/self/maps").read_text().splitlines() if "libm" in line
    )
    assert run(libc) == "['an argument', '--more'] None True"


def test_a_command_goes_on_without_the_library() -> None:
    assert run(None) == "['an argument', '--more'] None False"


def test_what_is_preloaded_stays() -> None:
    assert run("/nowhere/libtcmalloc.so.4", LD_PRELOAD="") == "['an argument', '--more']  False"


def test_the_library_is_found_where_packages_put_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setattr(allocator, "_FOLDERS", (str(tmp_path / "none"), str(tmp_path)))
    assert allocator.tcmalloc() is None
    library = tmp_path / "x86_64-linux-gnu" / "libtcmalloc_minimal.so.4"
    library.parent.mkdir()
    library.touch()
    assert allocator.tcmalloc() == library
    monkeypatch.setattr(sys, "platform", "darwin")
    assert allocator.tcmalloc() is None
