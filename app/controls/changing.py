"""The one way to change an operator setting: with a reason, against the version one has seen, into the history."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.controls.models import ControlChange, ControlRow
from app.controls.queries import Setting, setting_of
from app.controls.registry import Control, control_of
from app.errors import ConflictError, InvalidInputError
from app.extensions.services import Services


def change_control(services: Services, actor: Actor, key: str, value: Any, *, version: int, reason: str) -> Setting:
    """Set it; in force in every process some seconds later. `version`: the one the actor has seen, 0 for a default. The very
    same change once more is answered as the first.

    Raises ForbiddenError, ControlNotFoundError, InvalidInputError, ConflictError (data: the present `version`).
    """
    actor.require(Permission.CONTROLS_MANAGE)
    control = control_of(key)
    try:
        wanted = control.check(value)
    except ValueError as error:
        raise InvalidInputError(errors={"value": [str(error)]}) from error
    with services.breakers.guard("database"):
        try:
            _change(services, actor, control, wanted, version, reason)
        except ConflictError:
            # Nginx sends a change again when the program that got it died before its answer.
            last = _present(services, control).last
            same = (version + 1, wanted, reason, actor.account_id)
            if last is None or (last.version, last.new, last.reason, last.account_id) != same:
                raise
        return _present(services, control)


def _present(services: Services, control: Control) -> Setting:
    with services.db.transaction() as session:
        return setting_of(session, control)


def _change(services: Services, actor: Actor, control: Control, value: Any, version: int, reason: str) -> None:
    try:
        with services.db.transaction() as session:
            _write(session, services, actor, control, value, version, reason)
    except IntegrityError as error:  # somebody else changed it for the first time in this very moment
        raise ConflictError(version=1) from error


def _write(
    session: Session, services: Services, actor: Actor, control: Control, value: Any, version: int, reason: str
) -> None:
    row = session.scalar(select(ControlRow).where(ControlRow.key == control.key).with_for_update())
    present = 0 if row is None else row.version
    if version != present:
        raise ConflictError(version=present)
    old = control.default if row is None else row.value
    if row is None:
        session.add(ControlRow(id=services.ids.next_id(), key=control.key, value=value, version=1))
    else:
        row.value, row.version = value, present + 1
    session.add(
        ControlChange(
            id=services.ids.next_id(),
            key=control.key,
            version=present + 1,
            old=old,
            new=value,
            reason=reason,
            account_id=actor.account_id,
            username=actor.username,
            at=services.clock.now(),
        )
    )
