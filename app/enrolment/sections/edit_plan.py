"""What an edit of a section comes to, worked out from what is there: read without locks, and checked again under them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select

from app.admission.models import SeatPool
from app.admission.resizing import pools_of
from app.catalogue.errors import SectionNotFoundError
from app.catalogue.models import KIND, Section
from app.enrolment.errors import SectionCancelledError
from app.enrolment.sections.draft import MeetingDraft, check_reservations
from app.enrolment.sections.rows import meetings_of
from app.extensions.services import Services
from app.extensions.versions import check_version
from app.seating.pools import Named, Sizes, name_pools, plan_sizes
from app.seating.reservation_rows import draft_of, reservations_of
from app.seating.reservations import ReservationDraft
from app.seating.sizing import SizePlan


class StaleError(Exception):
    """The section changed between being read and being locked."""


@dataclass(frozen=True, slots=True)
class SectionEdit:
    """One edit. `meetings` and `named` (the reservations with their pools) are None when they stay as they are."""

    section_id: int
    version: int
    fields: Mapping[str, Any]
    present: Sequence[MeetingDraft]
    meetings: Sequence[MeetingDraft] | None
    named: Named | None
    pools: Mapping[str, SeatPool]
    sizes: SizePlan
    force: bool

    @property
    def wanted(self) -> Sequence[MeetingDraft]:
        """All meetings that it shall have."""
        return self.present if self.meetings is None else self.meetings

    @property
    def fresh(self) -> Sequence[MeetingDraft]:
        """Meetings that it has not had: what was forced once is not asked about again."""
        return [one for one in self.meetings or () if one not in self.present]


def prepare(
    services: Services, section_id: int, changes: Mapping[str, Any], version: int | None, *, force: bool
) -> SectionEdit:
    """Raises SectionNotFoundError, SectionCancelledError, ConflictError, InvalidInputError."""
    with services.db.transaction() as session:
        section = session.scalar(select(Section).where(Section.id == section_id, Section.is_deleted.is_(False)))
        if section is None:
            raise SectionNotFoundError
        pools = pools_of(session, KIND, section_id)
        meetings = meetings_of(session, section_id)
        kept = [draft_of(one) for one in reservations_of(session, KIND, [section_id]).get(section_id, ())]
    if section.state == "cancelled":
        raise SectionCancelledError
    check_version(section, version)
    capacity = changes.get("capacity", section.capacity)
    named = _named(kept, changes.get("reservations", kept), capacity, pools)
    sizes = Sizes(capacity, changes.get("waitlist_capacity", section.waitlist_capacity), named)
    return SectionEdit(
        section_id=section_id,
        version=section.version,
        fields={name: value for name, value in changes.items() if name not in {"meetings", "reservations"}},
        present=meetings,
        meetings=_changed(meetings, changes.get("meetings")),
        named=None if [replace(one, pool=pool) for pool, one in named] == kept else named,
        pools=pools,
        sizes=plan_sizes(KIND, section_id, sizes, pools),
        force=force,
    )


def _named(
    kept: Sequence[ReservationDraft], wanted: Sequence[ReservationDraft], capacity: int, pools: Mapping[str, SeatPool]
) -> Named:
    check_reservations(wanted, capacity)
    return name_pools(wanted, {one.pool: one.name for one in kept if one.pool}, pools)


def _changed(present: Sequence[MeetingDraft], wanted: Sequence[MeetingDraft] | None) -> Sequence[MeetingDraft] | None:
    """None when they are the same, in whatever order."""
    same = wanted is None or sorted(map(repr, wanted)) == sorted(map(repr, present))
    return None if same else wanted
