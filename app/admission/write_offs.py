"""Spools that an operator has written off: their host is lost for good, so no rebuild waits for it (DESIGN §3).

If such a spool turns up all the same, its claims may be unknown to a Redis that was built without them and has refused
others since: they are decided `rejected`, unless they were decided before (docs/model.md, 8).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.models import SpoolWriteOff
from app.admission.origins import Origin
from app.extensions.clock import to_epoch_ms

# Claims by their ids, each with the spools that it came from.
Spooled = Mapping[str, Collection[Origin]]
NOT_SPOOLED: Spooled = {}

REASON = "written_off"
# The clocks of two hosts, and the time that a segment is written to.
WITHIN_MS = 2000


def write_off(session: Session, row_id: int, host: str, now: datetime) -> None:
    """What this host's spool holds now is void. Once more, after it was back and is lost again, from then."""
    row = session.scalar(select(SpoolWriteOff).where(SpoolWriteOff.host == host).with_for_update())
    if row is None:
        session.add(SpoolWriteOff(id=row_id, host=host, written_off_at=now))
    else:
        row.written_off_at = now


def written_off(session: Session) -> dict[str, int]:
    """Host → when its spool was last written off, in epoch milliseconds."""
    rows = session.execute(select(SpoolWriteOff.host, SpoolWriteOff.written_off_at))
    return {host: to_epoch_ms(at) for host, at in rows}


def void(session: Session, spooled: Spooled) -> set[str]:
    """Those that come from spools that were written off, and from nowhere else."""
    if not spooled:
        return set()
    times = written_off(session)
    return {claim for claim, origins in spooled.items() if all(_is_void(one, times) for one in origins)}


def _is_void(origin: Origin, times: Mapping[str, int]) -> bool:
    return origin.host in times and origin.at <= times[origin.host] + WITHIN_MS
