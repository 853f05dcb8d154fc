"""What every kind supplies, and what they share."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.outbox import Effects
from app.auth.permissions import Permission
from app.exchange.columns import Column
from app.exchange.notes import Note, note
from app.extensions.services import Services

Outcome = Literal["new", "changed", "same", "faulty"]


@dataclass(slots=True)
class Row:
    """A row whose cells could be read. A cell that is empty, or has no column, is not in it: it says nothing."""

    number: int
    cells: dict[str, Any]


@dataclass(slots=True)
class Plan:
    """What a row would do: `target` is what is there (None when it is new), `values` what it shall be."""

    row: Row
    values: dict[str, Any] = field(default_factory=dict)
    target: Any = None
    notes: list[Note] = field(default_factory=list)
    changed: bool = True

    @property
    def outcome(self) -> Outcome:
        if self.notes:
            return "faulty"
        return "new" if self.target is None else "changed" if self.changed else "same"

    def refuse(self, column: str, code: str, **data: object) -> None:
        """Note what stands against it."""
        self.notes.append(note(self.row.number, column, code, **data))


class Exported(Protocol):
    """What can be exported, page by page."""

    @property
    def name(self) -> str:
        """As in addresses."""

    @property
    def permission(self) -> Permission:
        """Who may."""

    @property
    def columns(self) -> tuple[Column, ...]:
        """In the order of a file."""

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """Up to `limit` rows beyond id `after`: (id, cells in the order of the columns)."""


class Kind(Exported, Protocol):
    """What can be imported too."""

    @property
    def key(self) -> tuple[str, ...]:
        """The columns that say which thing a row is about."""

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """What these rows would do, in their order. With `lock` what is there is held until the transaction ends, and
        what the rows hang on cannot be deleted meanwhile."""

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """Write the new and the changed ones of what `plan` returned in the same transaction."""


def ids_by(
    session: Session, column: Any, row_id: Any, wanted: Collection[str], *where: Any, lock: bool
) -> dict[str, list[int]]:
    """What is written in a file → the ids of what is called so."""
    found: dict[str, list[int]] = defaultdict(list)
    if wanted:
        query = held(select(column, row_id).where(column.in_(wanted), *where), lock=lock, shared=True)
        for name, one in session.execute(query):
            found[name].append(one)
    return found


def held(query: Any, *, lock: bool, shared: bool = False) -> Any:
    """The query, with the rows under lock when the import is written (app.extensions.versions.locked says why)."""
    return query.with_for_update(read=shared).execution_options(populate_existing=True) if lock else query


def pick(plan: Plan, column: str, field_name: str, found: dict[str, list[int]]) -> int | None:
    """The one id that a cell means, into the plan's values; else a note: unknown or ambiguous. None for an empty cell."""
    word = plan.row.cells.get(column)
    if word is None:
        return None
    ids = found.get(str(word), [])
    if len(ids) != 1:
        plan.refuse(column, "ambiguous" if ids else "unknown", value=word)
        return None
    plan.values[field_name] = ids[0]
    return ids[0]


def wanted(rows: Iterable[Row], column: str) -> set[str]:
    """What the rows say in a column."""
    return {str(row.cells[column]) for row in rows if column in row.cells}


def differs(target: Any, values: dict[str, Any]) -> bool:
    """True when the row in the database is not what it shall be."""
    return any(getattr(target, name) != value for name, value in values.items())


def said(cells: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Those of these cells that say something."""
    return {name: cells[name] for name in names if name in cells}


def yes_no(value: bool) -> str:
    """As an export writes it; both languages read it."""
    return "是" if value else "否"
