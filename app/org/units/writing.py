"""What creating and editing a unit share: its parent stays while something is hung on it, and names are not doubled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from sqlalchemy import false, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.extensions.db import DUPLICATE_ENTRY, error_number
from app.extensions.services import Services
from app.extensions.versions import locked
from app.org.errors import ClassTakenError, NameTakenError
from app.org.units.levels import CLASS, Level

Result = TypeVar("Result")


def write_unit(
    services: Services, level: Level, values: Mapping[str, Any], work: Callable[[Session], Result]
) -> Result:
    """Run `work` in a transaction. Raises what it raises, and ClassTakenError for a class that is there."""
    with services.breakers.guard("database"):
        try:
            return services.db.retrying(work)
        except IntegrityError as error:
            if level is CLASS and error_number(error) == DUPLICATE_ENTRY:
                raise ClassTakenError(grade=values["grade"], class_no=values["class_no"]) from error
            raise


def check_place(session: Session, level: Level, values: Mapping[str, Any], *, unit_id: int = 0) -> None:
    """Lock the siblings' common ground and look for the name there. Raises the parent's `missing`, NameTakenError.

    A name has no unique key (a deleted one may come again, and the database's words are not the campus's), so two who
    give the same one take turns: at the unit above, and at the top at the rows of the level itself.
    """
    siblings = select(level.model.id, level.model.name).where(level.model.is_deleted == false())
    if level.above is None:
        siblings = siblings.with_for_update()
    else:
        parent_id = values[str(level.parent_field)]
        locked(session, level.above.model, parent_id, level.above.missing)
        siblings = siblings.where(level.parent() == parent_id)
    if level is CLASS:
        return  # a class is known by grade and number, which have a unique key
    for other_id, name in session.execute(siblings):
        if other_id != unit_id and name == values["name"]:
            raise NameTakenError(name=name)
