"""Reads of the operator settings for those who change them: from the primary, as just written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.controls.models import ControlChange, ControlRow
from app.controls.registry import REGISTRY, Control, control_of
from app.extensions.records import record
from app.extensions.services import Services


@record
class Setting:
    """A setting as it stands. `version` 0: never changed, the default holds. `last`: its latest change."""

    control: Control
    value: Any
    version: int
    last: ControlChange | None


def list_settings(services: Services) -> list[Setting]:
    """Every setting, in the registry's order."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        return [setting_of(session, control) for control in REGISTRY.values()]


def setting_of(session: Session, control: Control) -> Setting:
    """One setting."""
    row = session.scalar(select(ControlRow).where(ControlRow.key == control.key))
    if row is None:
        return Setting(control, control.default, 0, None)
    last = session.scalar(
        select(ControlChange).where(ControlChange.key == control.key, ControlChange.version == row.version)
    )
    return Setting(control, row.value, row.version, last)


def history_of(services: Services, key: str, *, before: int | None, limit: int) -> Sequence[ControlChange]:
    """Up to `limit` changes of a setting, the latest first, of versions below `before`. Raises ControlNotFoundError."""
    control = control_of(key)
    query = select(ControlChange).where(ControlChange.key == control.key)
    if before is not None:
        query = query.where(ControlChange.version < before)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return session.scalars(query.order_by(ControlChange.version.desc()).limit(limit)).all()
