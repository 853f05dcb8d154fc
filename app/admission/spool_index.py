"""Which claims stand in the spool's segments: each line is read once, however often the pages ask."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

# Every id a line holds will do: a target's line is one more reason to say "in progress", and torn lines hold no promise.
_ID = re.compile(rb'"id":"([0-9a-f-]{36})"')


@dataclass(slots=True)
class _Segment:
    offset: int = 0
    ids: set[str] = field(default_factory=set)


class SpoolIndex:
    """The claims of a folder of segments, which only grow until they are removed."""

    def __init__(self) -> None:
        self._segments: dict[Path, _Segment] = {}

    def knows(self, claim_id: str, segments: Sequence[Path]) -> bool:
        """True when one of these segments, the only ones there are, holds the claim."""
        for gone in self._segments.keys() - set(segments):
            del self._segments[gone]
        return any(claim_id in self._read(segment).ids for segment in segments)

    def _read(self, path: Path) -> _Segment:
        known = self._segments.setdefault(path, _Segment())
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > known.offset:
                with path.open("rb") as file:
                    file.seek(known.offset)
                    whole, _, _ = file.read().rpartition(b"\n")
                known.offset += len(whole) + 1 if whole else 0
                known.ids.update(found.decode() for found in _ID.findall(whole))
        return known
