"""Many rows by one statement."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session


def insert_rows(session: Session, model: Any, rows: Sequence[dict[str, Any]]) -> None:
    """Insert rows that all have the same columns; nothing for none."""
    if rows:
        session.execute(insert(model.__table__), rows)
