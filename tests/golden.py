"""JSON snapshots: what a surface gives, word for word."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

SNAPSHOTS = Path(__file__).parent / "snapshots"


def matches_snapshot(name: str, value: Any) -> bool:
    """Compare with the stored JSON; `UPDATE_SNAPSHOTS=1` writes it anew."""
    path = SNAPSHOTS / name
    text = json.dumps(value, indent=2, ensure_ascii=False) + "\n"
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(text, encoding="utf-8")
    return path.read_text(encoding="utf-8") == text
