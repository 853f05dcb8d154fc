"""Teaching weeks as timetables write them: "1-16周", "3-15周(单)", "1-8,10,12-16周"; "weeks 2–16 (even)". Pure functions.

Stored as a mask: bit 0 is week 1. Odd and even are by the week's own number, whatever the range begins with.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from app.catalogue.errors import WeeksInvalidError

MOST_WEEKS = 30
ALL_WEEKS = (1 << MOST_WEEKS) - 1
_LONGEST_TEXT = 200

_DASHES = str.maketrans(dict.fromkeys("–—~～－至", "-"))
_OTHERS = str.maketrans({"，": ",", "、": ",", ";": ",", "；": ",", "（": "(", "）": ")", "：": " ", "第": " "})
_PARITY = {"单": 1, "单周": 1, "odd": 1, "双": 0, "双周": 0, "even": 0}
_KIND = "(单周?|双周?|odd|even)"
_PART = re.compile(
    rf"(?:(?:weeks?|wks?\.?)\s*)?(\d{{1,2}})\s*周?\s*(?:-\s*(\d{{1,2}}))?\s*(?:周|weeks?)?\s*(?:\(\s*{_KIND}\s*\)|{_KIND})?",
    re.ASCII,
)


def parse_weeks(text: str) -> int:
    """The mask of a week expression, Chinese or English. A parity is its own part's: "1-5(单),8" has week 8.

    Raises WeeksInvalidError for what cannot be read, for weeks beyond 1 … 30, a range that runs backwards or one
    without any week ("3-3周(双)").
    """
    plain = text.lower().translate(_DASHES).translate(_OTHERS).strip()
    mask = 0
    for part in plain.split(",") if len(plain) <= _LONGEST_TEXT else [""]:
        found = _part(part.strip())
        if not found:
            raise WeeksInvalidError(text=text[:_LONGEST_TEXT], part=part.strip())
        mask |= found
    return mask


def _part(part: str) -> int:
    """The mask of one part; 0 when it makes no sense."""
    found = _PART.fullmatch(part)
    if found is None:
        return 0
    first = int(found[1])
    last = int(found[2] or first)
    if not 1 <= first <= last <= MOST_WEEKS:
        return 0
    parity = _PARITY.get(found[3] or found[4])
    return mask_of(week for week in range(first, last + 1) if parity is None or week % 2 == parity)


def mask_of(weeks: Iterable[int]) -> int:
    """The mask of these weeks. Raises ValueError for a week that no term has."""
    mask = 0
    for week in weeks:
        if not 1 <= week <= MOST_WEEKS:
            raise ValueError(f"no term has a week {week}")
        mask |= 1 << (week - 1)
    return mask


def weeks_of(mask: int) -> list[int]:
    """The weeks of a mask, ascending."""
    return [week for week in range(1, MOST_WEEKS + 1) if mask >> (week - 1) & 1]


def print_weeks(mask: int, language: str = "zh") -> str:
    """As a timetable writes it, `language` being "zh" or "en"; `parse_weeks` reads it back. Empty for no weeks."""
    pieces = _pieces(weeks_of(mask))
    if not pieces:
        return ""
    odd, even = (" (odd)", " (even)") if language == "en" else ("周(单)", "周(双)")
    written = []
    for first, last, step in pieces:
        numbers = str(first) if first == last else f"{first}-{last}"
        written.append(numbers + ((odd if first % 2 else even) if step == 2 else ""))
    joined = ",".join(written)
    if language == "en":
        return f"weeks {joined}" if mask & (mask - 1) else f"week {joined}"
    return joined if joined.endswith(")") else f"{joined}周"


def _pieces(weeks: list[int]) -> list[tuple[int, int, int]]:
    """(first, last, step) of runs in order: consecutive weeks, or at least three that are two apart."""
    pieces = []
    at = 0
    while at < len(weeks):
        run = _run(weeks, at, 1)
        other = _run(weeks, at, 2)
        if run == 1 and other >= 3:
            pieces.append((weeks[at], weeks[at + other - 1], 2))
            at += other
        else:
            pieces.append((weeks[at], weeks[at + run - 1], 1))
            at += run
    return pieces


def _run(weeks: list[int], at: int, step: int) -> int:
    """How many weeks from `at` on follow each other `step` apart."""
    length = 1
    while at + length < len(weeks) and weeks[at + length] == weeks[at] + length * step:
        length += 1
    return length
