"""Sheets that a process keeps from one settling transaction to the next, as long as their mark says that they are the same.

A batch of carts is about hundreds of sections; to read their sheets was most of what deciding them took. The mark is read
in the transaction itself, so a copy is what reading anew at that moment would give.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field

from sqlalchemy.orm import Session

from app.enrolment.rules import SectionSheet
from app.enrolment.sheet_mark import mark_of_sheets
from app.enrolment.sheets import section_sheets

# For fewer it is quicker to read them than the mark.
WORTH_A_MARK = 12
MOST = 20_000


@dataclass(frozen=True, slots=True)
class _Edition:
    """All that was read while the mark was this one; missing sections have None."""

    mark: str
    sheets: dict[int, SectionSheet | None] = field(default_factory=dict)


class SheetCopies:
    """Of one process. `read(session, ids)` is as `section_sheets`, by id."""

    def __init__(self) -> None:
        self._edition = _Edition("")

    def read(self, session: Session, section_ids: Collection[int]) -> dict[int, SectionSheet]:
        """Those of these sections that exist."""
        if len(section_ids) < WORTH_A_MARK:
            return {one.offering_id: one for one in section_sheets(session, sorted(section_ids))}
        edition = self._current(session)
        strange = sorted(one for one in section_ids if one not in edition.sheets)
        if strange:
            fresh = {one.offering_id: one for one in section_sheets(session, strange)}
            edition.sheets.update({one: fresh.get(one) for one in strange})
        found = {one: edition.sheets[one] for one in section_ids}
        return {one: sheet for one, sheet in found.items() if sheet is not None}

    def _current(self, session: Session) -> _Edition:
        """Another greenlet may have begun a newer one meanwhile: each goes on with its own."""
        mark, edition = mark_of_sheets(session), self._edition
        if edition.mark != mark or len(edition.sheets) > MOST:
            edition = self._edition = _Edition(mark)
        return edition
