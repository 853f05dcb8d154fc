"""Out of which spool a claim came, and when it was put there: in the names of segments, and beside the messages made of them.

A host whose spool was written off may come back with it (`write_offs.py`).
"""

from __future__ import annotations

import re
import uuid
from pathlib import Path

from app.extensions.records import record

SUFFIX = ".spool"
UNREADABLE = ".unreadable"  # instead of it, of a segment that was put aside
_NAME = re.compile(r"(\d+)-(.+)-[0-9a-f]{32}\.spool")


@record
class Origin:
    """The host that promised it, by its name in the registry; `at`: epoch milliseconds, 0 for a segment of an older release."""

    host: str
    at: int

    def written(self) -> str:
        """As a message says it."""
        return f"{self.host} {self.at}"


def segment_name(origin: Origin) -> str:
    """A new name. It says whose the segment is wherever its file is put."""
    return f"{origin.at}-{origin.host}-{uuid.uuid4().hex}{SUFFIX}"


def origin_of(segment: Path, here: str) -> Origin:
    """Whose a segment is; one whose name does not say so is of the host where it lies."""
    named = _NAME.fullmatch(segment.name)
    return Origin(named[2], int(named[1])) if named else Origin(here, 0)


def origin_from(written: object) -> Origin | None:
    """What a message says; None for one that came from no spool."""
    host, _, at = str(written or "").partition(" ")
    return Origin(host, int(at)) if host and at.isdecimal() else None
