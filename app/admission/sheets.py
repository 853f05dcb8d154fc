"""Offering sheets as this worker last read them from MariaDB: cached briefly, one reader at a time, stale on an outage."""

from __future__ import annotations

from dataclasses import dataclass
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError

from app.admission.kinds import Kinds, OfferingSheet
from app.extensions.breakers import Breakers, DependencyDownError
from app.extensions.coalesce import Coalescer, Ticket
from app.extensions.db import Database

FRESH_S = 2.0
MOST = 20_000

Key = tuple[str, int]


@dataclass(frozen=True, slots=True)
class _Entry:
    sheet: OfferingSheet | None
    read_at: float


class Sheets:
    """`get(kind, id)` returns the offering's sheet, None when there is no such offering."""

    def __init__(self, db: Database, kinds: Kinds, breakers: Breakers) -> None:
        self._db = db
        self._kinds = kinds
        self._breakers = breakers
        self._known: dict[Key, _Entry] = {}
        self._reader: Coalescer[Key, OfferingSheet | None] = Coalescer(self._read, in_flight=1)

    def get(self, kind: str, offering_id: int) -> OfferingSheet | None:
        """Raises the database's error only when nothing is known of the offering yet."""
        key = (kind, offering_id)
        entry = self._known.get(key)
        if entry is not None and monotonic() - entry.read_at < FRESH_S:
            return entry.sheet
        try:
            return self._reader.ask(key)
        except (SQLAlchemyError, DependencyDownError):
            if entry is None:
                raise
            return entry.sheet

    def _read(self, tickets: list[Ticket[Key, OfferingSheet | None]]) -> None:
        wanted = {ticket.item for ticket in tickets}
        found: dict[Key, OfferingSheet] = {}
        with self._breakers.guard("database"), self._db.reading() as session:
            for kind in {kind for kind, _ in wanted}:
                ids = [offering_id for name, offering_id in wanted if name == kind]
                for sheet in self._kinds[kind].sheets(session, ids):
                    found[(kind, sheet.offering_id)] = sheet
        now = monotonic()
        if len(self._known) > MOST:
            self._known.clear()
        for key in wanted:
            self._known[key] = _Entry(found.get(key), now)
        for ticket in tickets:
            ticket.resolve(found.get(ticket.item))
