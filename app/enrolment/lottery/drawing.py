"""The draw: a pure function of a file that anybody may have. docs/lottery.md says the same in words.

Wishes are taken in one order: more points first; then the one that stands higher in its list; then the smaller ticket,
HMAC-SHA256(seed, "<lot>:<section>"). Each is granted when it is not excluded, a seat is left, and it fits what this very
student has been granted before it. Nothing that was granted is taken back. Seats that are reserved for the student go first.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

FORMAT = "seatrush-draw/2"
ALGORITHM = "points-order-ticket/2"

WON, NOT_DRAWN, EXCLUDED = "won", "not_drawn", "excluded"
GENERAL = "0"  # the pool of everybody
# Flags of a wish: a rule stands against it already; a clash, or the limit, does not (an override).
OUT, CLASH_OK, LIMIT_OK = "x", "c", "l"

Slot = tuple[int, int, int]
Results = dict[str, list[str]]
# Of a wish: what became of it, and the pool of its seat ("" for none).
Granted = tuple[str, str]


@dataclass(slots=True)
class _Section:
    """`left`: pool → seats; `credits` in tenths."""

    course: str
    credits: int
    slots: Sequence[Slot]
    left: dict[str, int]


@dataclass(slots=True)
class _Student:
    """What is granted so far. `room`: tenths of credits."""

    room: int
    courses: set[str] = field(default_factory=set)
    slots: list[Slot] = field(default_factory=list)


def draw(file: Mapping[str, Any]) -> Results:
    """Lot → what became of each wish, in the list's order. The order of sections and students in the file is nothing."""
    return {lot: [told for told, _ in own] for lot, own in grants(file).items()}


def grants(file: Mapping[str, Any]) -> dict[str, list[Granted]]:
    """The same with the pools of the seats."""
    sections = {
        one["id"]: _Section(
            one["course"], tenths(one["credits"]), one["slots"], {**one.get("reserved", {}), GENERAL: one["seats"]}
        )
        for one in file["sections"]
    }
    students = {one["lot"]: _Student(tenths(one["room"])) for one in file["students"]}
    found: dict[str, list[Granted]] = {one["lot"]: [(NOT_DRAWN, "")] * len(one["wishes"]) for one in file["students"]}
    for _, priority, _, lot, section, flags, pools in _in_order(file):
        found[lot][priority] = _decide(sections[section], students[lot], flags, (*pools, GENERAL))
    return found


def ticket(seed: bytes, lot: str, section: str) -> bytes:
    """What decides between wishes that are alike."""
    return hmac.digest(seed, f"{lot}:{section}".encode(), hashlib.sha256)


def tenths(worth: str) -> int:
    """A decimal with one place, as it stands in the file."""
    whole, _, part = worth.partition(".")
    return int(whole) * 10 + int(part or 0)


def _in_order(file: Mapping[str, Any]) -> list[tuple[int, int, bytes, str, str, str, list[str]]]:
    seed = bytes.fromhex(file["seed"])
    return sorted(
        (-points, priority, ticket(seed, one["lot"], section), one["lot"], section, flags, pools[0] if pools else [])
        for one in file["students"]
        for priority, (section, points, flags, *pools) in enumerate(one["wishes"])
    )


def _decide(section: _Section, student: _Student, flags: str, pools: Sequence[str]) -> Granted:
    against = _against(section, student, flags)
    pool = next((one for one in pools if section.left.get(one, 0) > 0), None)
    if against or pool is None:
        return against or NOT_DRAWN, ""
    section.left[pool] -= 1
    student.room -= section.credits
    student.courses.add(section.course)
    student.slots.extend(section.slots)
    return WON, pool


def _against(section: _Section, student: _Student, flags: str) -> str:
    """Whatever seats there are; "" for nothing."""
    if OUT in flags:
        return EXCLUDED
    if section.course in student.courses:
        return "duplicate_course"
    if CLASH_OK not in flags and any(_clash(one, other) for one in section.slots for other in student.slots):
        return "timetable_clash"
    return "credit_limit" if LIMIT_OK not in flags and section.credits > student.room else ""


def _clash(one: Slot, other: Slot) -> bool:
    return one[0] == other[0] and bool(one[1] & other[1]) and bool(one[2] & other[2])
