"""Notices that the engine's decisions cause: a pass of the watch that reads the outbox behind the settling consumers.

Settling pays nothing for it: the steps stand in the outbox anyway. A notice knows by its `source` (the outbox row, and
what it is about) that it has been written, so that the pass may begin anew, or run in two processes.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.admission.claims import Standing
from app.admission.engine import Engine
from app.admission.outbox import OUTBOX, read
from app.extensions.db import DUPLICATE_ENTRY, error_number
from app.extensions.services import Services
from app.notices.live import tell
from app.notices.models import Notice, Scope
from app.notices.publishing import store

logger = logging.getLogger(__name__)

# A row is stamped when it is written and seen when its transaction commits; no settling transaction lasts so long.
LATE = timedelta(minutes=2)
ROWS = 50
# A person has done these himself, and was told so by the claim.
OWN_DOING = frozenset({"", "cancelled_by_user", "swapped"})

# Where a person reads more of an offering: by its sheet.
PAGES = {"lecture": "/lectures/{0.offering_id}", "section": "/courses/{0.course_id}?term_id={0.term_id}"}

Key = tuple[str, str, int, str]  # code, kind, offering, reason


class OutcomeNotices:
    """One per process. `follow` reads what has come since it was last called; at first, all that the outbox holds."""

    def __init__(self, services: Services, engine: Engine) -> None:
        self._services = services
        self._engine = engine
        self._seen: dict[int, datetime] = {}
        self._since: datetime | None = None

    def follow(self) -> int:
        """Returns how many notices were written."""
        written = 0
        with self._services.db.transaction() as session:
            fresh = self._fresh(session)
        for at in range(0, len(fresh), ROWS):
            part = fresh[at : at + ROWS]
            written += self._read([row_id for row_id, _ in part])
            self._seen |= dict(part)
        self._forget()
        return written

    def _fresh(self, session: Session) -> list[tuple[int, datetime]]:
        query = select(OUTBOX.c.id, OUTBOX.c.create_time).order_by(OUTBOX.c.create_time)
        if self._since is not None:
            query = query.where(OUTBOX.c.create_time >= self._since)
        return [(row.id, row.create_time) for row in session.execute(query) if row.id not in self._seen]

    def _forget(self) -> None:
        if self._seen:
            self._since = max(self._seen.values()) - LATE
            self._seen = {row_id: at for row_id, at in self._seen.items() if at >= self._since}

    def _read(self, row_ids: Sequence[int]) -> int:
        with self._services.db.transaction() as session:
            rows = session.execute(select(OUTBOX.c.id, OUTBOX.c.payload).where(OUTBOX.c.id.in_(row_ids))).all()
        wanted = [one for row in rows for one in self._notices(row.id, row.payload)]
        return sum(self._write(notice, targets) for notice, targets in wanted)

    def _notices(self, row_id: int, payload: bytes) -> Iterator[tuple[Notice, list[int]]]:
        if not any(word in payload for word in (b'"promoted"', b'"expired"', b'"cancelled"', b'"people"')):
            return
        if (effects := read(row_id, payload)) is None:
            return
        groups: dict[Key, set[int]] = {}
        for one in effects.news:
            groups[(one.code, one.kind, one.offering_id, "")] = set(one.people)
        for standing in effects.claims:
            code = code_of(standing)
            if code:
                key = (code, standing.kind, standing.offering_id, standing.reason)
                groups.setdefault(key, set()).add(standing.user_id)
        for key, people in groups.items():
            yield self._notice(row_id, key), sorted(people)

    def _notice(self, row_id: int, key: Key) -> Notice:
        code, kind, offering_id, reason = key
        sheet: Any = self._engine.sheets.get(kind, offering_id)
        return Notice(
            id=self._services.ids.next_id(),
            scope=Scope.STUDENT.value,
            link=PAGES[kind].format(sheet) if sheet is not None and kind in PAGES else None,
            code=code,
            data={"title": getattr(sheet, "title", ""), "reason": reason},
            source=f"{row_id}:{code}:{kind}:{offering_id}:{reason}"[:120],
            at=self._services.clock.now(),
        )

    def _write(self, notice: Notice, targets: Sequence[int]) -> bool:
        try:
            with self._services.db.transaction() as session:
                if session.scalar(select(Notice.id).where(Notice.source == notice.source)) is not None:
                    return False
                store(session, self._services, notice, targets)
        except IntegrityError as error:
            if error_number(error) != DUPLICATE_ENTRY:
                raise
            return False  # another process was a moment faster
        tell(self._services, notice, targets)
        return True


def code_of(standing: Standing) -> str:
    """Which notice a step calls for, "" for none: what somebody did himself is no news to him."""
    if not standing.user_id or standing.action in {"cancel", "promote"}:
        return ""
    if standing.state == "confirmed":
        return "promoted" if standing.reason == "promoted" else ""
    if standing.state == "expired":
        return "line_ended"
    if standing.state != "cancelled" or standing.reason in OWN_DOING:
        return ""
    return "called_off" if standing.reason.endswith("_cancelled") else "revoked"
