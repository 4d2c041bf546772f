"""Days as documents write them -> ISO 8601."""

from __future__ import annotations

import re

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = "|".join(rf"{name[:3]}(?:{name[3:]})?" for name in _MONTHS).replace("sep(", "sept?(")
_DAY = re.compile(r"(?<!\d)((?:1[5-9]|20)\d\d)[-/.]?(0[1-9]|1[0-2])[-/.]?(0[1-9]|[12]\d|3[01])(?!\d)")
_YEAR_MONTH = re.compile(r"^\s*((?:1[5-9]|20)\d\d)(?:-(0[1-9]|1[0-2]))?\s*$")
_WRITTEN = re.compile(
    rf"\b(?:(?P<m1>{_MONTH})\.?\s+(?P<d1>\d{{1,2}}),?\s+(?P<y1>\d{{4}})"
    rf"|(?P<d2>\d{{1,2}})\.?\s+(?P<m2>{_MONTH})\.?,?\s+(?P<y2>\d{{4}}))\b",
    re.IGNORECASE,
)


def iso_day(text: str) -> str | None:
    """The day in `text` as ISO 8601, or the month or year that is all it says."""
    if found := _DAY.search(text):
        return "-".join(found.groups())
    if found := _YEAR_MONTH.match(text):
        return "-".join(part for part in found.groups() if part)
    if found := _WRITTEN.search(text):
        name = (found["m1"] or found["m2"])[:3].lower()
        month = next(number for number, each in enumerate(_MONTHS, 1) if each.startswith(name))
        day = int(found["d1"] or found["d2"])
        if 1 <= day <= 31:
            return f"{found['y1'] or found['y2']}-{month:02d}-{day:02d}"
    return None
