"""An allocator that keeps what it was given back, for the long-running commands: tcmalloc, where the system has it.

glibc hands the memory of every large matrix back to the system and fetches it anew, page by page. tcmalloc has to be
there before Python is, so the command starts itself over with it.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib")
_NAMES = ("libtcmalloc_minimal.so.4", "libtcmalloc.so.4")
_PRELOAD = "LD_PRELOAD"
_STARTED_OVER = "ASSISTANT_STARTED_OVER"


def preload() -> None:
    """Start this command over with tcmalloc; does nothing where there is none, or where something is preloaded."""
    if os.environ.pop(_STARTED_OVER, None):
        os.environ.pop(_PRELOAD, None)  # for this process alone, not for those that it starts
        return
    library = tcmalloc()
    if library is not None and _PRELOAD not in os.environ:
        environment = {**os.environ, _PRELOAD: str(library), _STARTED_OVER: "1"}
        os.execve(sys.executable, [sys.executable, *sys.orig_argv[1:]], environment)


def tcmalloc() -> Path | None:
    """The library, as gperftools' packages install it on Linux."""
    if sys.platform != "linux":
        return None
    for folder in map(Path, _FOLDERS):
        for name in _NAMES:
            for found in (folder / name, *sorted(folder.glob(f"*-linux-gnu/{name}"))):
                if found.is_file():
                    return found
    return None
