"""Rows of sections that would put a room or a teacher into two sections at once: of what is there, and of the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy.orm import Session

from app.catalogue.meeting_models import Meeting
from app.catalogue.occupancy import Use, lock_timetable, occupancy_of, section_title
from app.catalogue.timetable import Slot
from app.exchange.kinds.base import Plan

_COLUMNS = {"place": "meetings", "teacher": "teacher_no"}


def refuse_doubles(
    session: Session, plans: Sequence[Plan], present: Mapping[int, Sequence[Meeting]], *, lock: bool
) -> None:
    """Note what stands against each of these rows, in their order: an earlier row has the room. `present`: the meetings of
    sections that are there, of which only the teacher can change.

    A check without `lock` knows the rows of its own batch; confirming knows those before, too.
    """
    due = [(plan, uses) for plan in plans if not plan.notes and (uses := _uses(plan, present))]
    terms = {use.term_id for _, uses in due for use in uses}
    if lock:
        lock_timetable(session, terms)
    places = {use.place for _, uses in due for use in uses}
    taken = occupancy_of(session, terms, places, {use.teacher_id for _, uses in due for use in uses if use.teacher_id})
    for plan, uses in due:
        doubles = {one.what: one for one in reversed(taken.doubles(uses))}
        for what, one in sorted(doubles.items()):
            named = one.mine.place.strip() if what == "place" else plan.row.cells["teacher_no"]
            plan.refuse(_COLUMNS[what], f"{what}_taken", value=named, title=one.other.title)
        if not doubles:
            taken.add(uses)


def _uses(plan: Plan, present: Mapping[int, Sequence[Meeting]]) -> list[Use]:
    """What the row would newly take: all meetings of a new section, the teacher's time of one that is there."""
    cells, teacher = plan.row.cells, plan.values.get("teacher_id")
    title = section_title(cells["course_code"], cells["section_no"])
    if plan.target is None:
        term, section = plan.values["term_id"], -plan.row.number
        return [Use(term, section, title, slot, place, teacher) for slot, place in cells.get("meetings", ())]
    if teacher is None or teacher == plan.target.teacher_id:
        return []
    slots = [
        Slot(one.week_mask, one.weekday, one.first_period, one.last_period) for one in present.get(plan.target.id, ())
    ]
    return [Use(plan.target.term_id, plan.target.id, title, slot, "", teacher) for slot in slots]
