"""Offering sheets as this worker last read them from MariaDB: a copy answers, and is read again beside the request.

A MariaDB that hangs must not stall booking: only a sheet that was never seen is waited for (`reading_ahead.py` sees to it
that there are few such). How old an answer may be:
- up to FRESH_S: nobody asks MariaDB;
- up to OLD_S: the copy answers at once, one read refreshes it for those who come next;
- older (nobody has asked for a while): the read may take GRACE_S in all, then the copy answers after all.
So no copy older than OLD_S answers while MariaDB does so within GRACE_S. After a read that failed the copy answers for
RETRY_S without another. Settle checks every rule again anyway. What was read before an edit that this worker heard of
(`edits.py`) is as old as can be, whenever it arrives.

A term has thousands of sections, and an opening minute asks for all of them: a kind may give a *mark* that changes with any
edit of what its sheets are made of. Then one look at the mark makes every copy of the same mark fresh again.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf
from time import monotonic

import gevent
from gevent.event import Event
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.admission.kinds import Kinds, OfferingSheet
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db import Database

logger = logging.getLogger(__name__)

FRESH_S = 2.0
OLD_S = 5.0
GRACE_S = 0.25
RETRY_S = 1.0
MOST = 20_000

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    sheet: OfferingSheet | None
    read_at: float
    mark: str | None = None


@dataclass(frozen=True, slots=True)
class _Seen:
    """The mark of a kind, and when it was read."""

    mark: str
    at: float


@dataclass(frozen=True, slots=True)
class _Refresh:
    done: Event
    since: float


class Sheets:
    """`get(kind, id)` returns the offering's sheet, None when there is no such offering."""

    def __init__(self, db: Database, kinds: Kinds, breakers: Breakers) -> None:
        self._db = db
        self._kinds = kinds
        self._breakers = breakers
        self._known: dict[Key, _Entry] = {}
        self._refreshes: dict[Key, _Refresh] = {}
        self._seen: dict[str, _Seen] = {}
        self._leaders: dict[str, Key] = {}  # of a kind: whose read looked at the mark last
        self._edited: dict[Key, float] = {}  # when this worker heard of it
        self._reading: Collection[Key] = frozenset()
        self._reader: Coalescer[Key, OfferingSheet | None] = Coalescer(
            self._read, in_flight=1, check=partial(breakers.check, "database")
        )

    def get(self, kind: str, offering_id: int) -> OfferingSheet | None:
        """Raises the database's error only when nothing is known of the offering yet."""
        key = (kind, offering_id)
        entry = self._known.get(key)
        if entry is None:
            return self._reader.ask(key)
        now = monotonic()
        age = self._age(key, entry, now)
        if age < FRESH_S:
            return entry.sheet
        refresh = self._refreshed_by(key, entry)
        if age < OLD_S:
            return entry.sheet
        refresh.done.wait(timeout=max(0.0, refresh.since + GRACE_S - now))
        entry = self._known.get(key, entry)
        if refresh is not self._refreshes.get(key) and self._age(key, entry, monotonic()) >= OLD_S:
            # It was another one's, and found another mark; or it had begun before the edit.
            refresh = self._refreshes.get(key) or self._refresh(key)
            refresh.done.wait(timeout=max(0.0, now + GRACE_S - monotonic()))
        return self._known.get(key, entry).sheet

    def get_all(self, kind: str, offering_ids: Sequence[int]) -> dict[int, OfferingSheet]:
        """Those that exist of several; the ones that this worker has never seen are read together. Raises like `get`."""
        self.read(kind, [one for one in offering_ids if (kind, one) not in self._known])
        found = {one: self.get(kind, one) for one in offering_ids}
        return {one: sheet for one, sheet in found.items() if sheet is not None}

    def read(self, kind: str, offering_ids: Sequence[int]) -> None:
        """Read these now, together. Raises like `get`."""
        for outcome in self._reader.ask_together([(kind, one) for one in offering_ids]):
            if isinstance(outcome, Exception):
                raise outcome

    def unread(self, kind: str, offering_ids: Sequence[int]) -> list[int]:
        """Those that this worker has never read, or not since an edit that it heard of."""
        keys = [(kind, one) for one in offering_ids]
        return [key[1] for key in keys if key not in self._known or key in self._edited]

    def room(self) -> int:
        """How many copies it may read ahead: those that somebody asked for are to stay."""
        return max(0, MOST // 2 - len(self._known))

    def edited(self, kind: str, offering_ids: Collection[int]) -> None:
        """These are not what they were: no copy of before now answers while MariaDB does so within GRACE_S."""
        now = monotonic()
        those = {(kind, one) for one in offering_ids}
        self._edited.update({key: now for key in those if key in self._known or key in self._reading})

    def _age(self, key: Key, entry: _Entry, now: float) -> float:
        """Since the copy was last known to be what MariaDB has; without end after an edit."""
        seen = self._seen.get(key[0])
        true_at = max(entry.read_at, seen.at) if seen is not None and seen.mark == entry.mark else entry.read_at
        return inf if true_at <= self._edited.get(key, -inf) else now - true_at

    def _refreshed_by(self, key: Key, entry: _Entry) -> _Refresh:
        """The read that makes this copy fresh again: that of any other with the same mark will do, if one is under way."""
        known = self._refreshes.get(key)
        if known is not None:
            return known
        seen = self._seen.get(key[0])
        if entry.mark is None or seen is None or seen.mark != entry.mark:
            return self._refresh(key)
        leader = self._leaders.get(key[0], key)
        if leader not in self._refreshes:
            leader = self._leaders[key[0]] = key
            return self._refresh(key)
        return self._refreshes[leader]

    def _refresh(self, key: Key) -> _Refresh:
        """Start the one read of this sheet; whoever comes meanwhile finds it in `_refreshes`."""
        begun = self._refreshes[key] = _Refresh(Event(), monotonic())
        gevent.spawn(self._read_beside, key, begun)
        return begun

    def _read_beside(self, key: Key, refresh: _Refresh) -> None:
        try:
            self._reader.ask(key)
        except (Exception, gevent.Timeout) as error:
            if not isinstance(error, (SQLAlchemyError, DependencyDownError)):
                logger.exception("%s %d cannot be read", *key)
            refresh.done.set()
            gevent.sleep(RETRY_S)  # an outage is not asked about by every request
        finally:
            refresh.done.set()
            del self._refreshes[key]

    def _read(self, tickets: list[Ticket[Key, OfferingSheet | None]]) -> None:
        wanted = {ticket.item for ticket in tickets}
        if len(self._known) > MOST:
            self._known.clear()
            self._edited.clear()
        self._reading = wanted
        try:
            with self._breakers.guard("database"), self._db.reading() as session:
                for kind in {kind for kind, _ in wanted}:
                    self._read_kind(session, kind, {one for name, one in wanted if name == kind})
        finally:
            self._reading = frozenset()
        for ticket in tickets:
            ticket.resolve(self._known[ticket.item].sheet)

    def _read_kind(self, session: Session, kind: str, wanted: Collection[int]) -> None:
        began = monotonic()
        mark = self._kinds[kind].mark(session)  # first: an edit that comes meanwhile changes the next one
        known = {one: entry for one in wanted if (entry := self._known.get((kind, one))) is not None}
        same = {one: entry.sheet for one, entry in known.items() if mark is not None and entry.mark == mark}
        stale = sorted(one for one in wanted if one not in same)
        found = (
            same | {sheet.offering_id: sheet for sheet in self._kinds[kind].sheets(session, stale)} if stale else same
        )
        for one in wanted:
            self._known[(kind, one)] = _Entry(found.get(one), began, mark)
            if self._edited.get((kind, one), inf) < began:
                del self._edited[(kind, one)]
        if mark is not None:
            self._seen[kind] = _Seen(mark, began)
