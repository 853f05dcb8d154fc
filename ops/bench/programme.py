"""Which parts there are, what each needs, and the order in which a round runs them."""

from __future__ import annotations

from collections.abc import Callable

from ops.bench import parts
from ops.bench.parts import Round
from ops.bench.results import Result
from ops.bench.selection import parts as selection
from ops.bench.selection import reading

PARTS: dict[str, tuple[Callable[[Round], Result], ...]] = {
    "a": (parts.ceiling,),
    "b": (
        parts.locked, parts.guarded, parts.locked_hot, parts.guarded_hot, parts.locked_refusals, parts.guarded_refusals,
    ),
    "c": (parts.accepted, parts.hot),
    "d": (parts.sold_out,),
    "e": (parts.status,),
    "f": (parts.crowd,),
    "g": (parts.pace, parts.ceiling_pace),
    "h": (selection.opening,),
    "i": (selection.rules_in_redis,),
    "j": (reading.timetable, reading.catalogue, reading.page_shell),
    "k": (selection.published_shape,),
}  # fmt: skip
NEEDS = {"e": "c", "g": "ac", "h": "c", "j": "a"}
# What is compared runs side by side: a shared machine is another one a minute later.
ORDER = (
    parts.locked, parts.locked_hot, parts.locked_refusals,
    parts.guarded, parts.accepted, parts.ceiling, parts.sold_out, parts.guarded_refusals, parts.guarded_hot, parts.hot,
    parts.status, parts.crowd, parts.pace, parts.ceiling_pace,
    selection.opening, reading.timetable, reading.catalogue, reading.page_shell,
    selection.rules_in_redis, selection.published_shape,
)  # fmt: skip
