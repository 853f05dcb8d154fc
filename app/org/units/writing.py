"""What creating and editing a unit share: its parent stays while something is hung on it, and names are not doubled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import false, select
from sqlalchemy.orm import Session

from app.extensions.versions import locked
from app.extensions.writing import Taken
from app.org.errors import ClassTakenError, NameTakenError
from app.org.units.levels import CLASS, Level


def class_taken(values: Mapping[str, Any]) -> Taken:
    """What a class that is there is told as, by the values as they are when it is."""
    return {"uq_school_class_live": lambda: ClassTakenError(grade=values["grade"], class_no=values["class_no"])}


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
