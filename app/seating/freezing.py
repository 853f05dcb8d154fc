"""Pause and resume one offering, live: an operator's brake (nothing that was accepted is touched)."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from app.admission.engine import Engine
from app.admission.telling import Told, store_effects, tell
from app.errors import SeatrushError
from app.extensions.services import Services
from app.extensions.versions import locked


def set_brake(
    services: Services,
    engine: Engine,
    model: type[Any],
    place: tuple[str, int],
    missing: type[SeatrushError],
    *,
    frozen: bool,
) -> None:
    """Freeze or resume the offering at `place` (kind, id), a row of `model`. Doing it twice changes nothing. Raises
    `missing`.
    """

    def change(session: Session) -> Told:
        row = locked(session, model, place[1], missing)
        if row.frozen == frozen:
            return []
        row.frozen = frozen
        row.version += 1
        session.flush()
        return store_effects(session, services.ids, [place])

    tell(services, engine, services.db.retrying(change))
