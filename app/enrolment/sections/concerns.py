"""In whose way a section's times would be: a room, a teacher, and students who sit elsewhere then."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.auth.models import Account
from app.catalogue.occupancy import Double, Use, occupancy_of
from app.catalogue.timetable import Clash, Slot, print_slot
from app.catalogue.weeks import print_weeks
from app.enrolment.errors import MeetingsClashError, PlaceTakenError, TeacherTakenError, TimesTakenError
from app.enrolment.sections.draft import MeetingDraft
from app.errors import Words

MOST = 50
_ERRORS: dict[str, type[TimesTakenError]] = {
    "place": PlaceTakenError,
    "teacher": TeacherTakenError,
    "student": MeetingsClashError,
}


@dataclass(frozen=True, slots=True)
class Concern:
    """Somebody or something (`name`) that would be in another section (`title`) at the same time."""

    kind: Literal["place", "teacher", "student"]
    name: str
    section_id: int
    title: str
    when: Words
    student_id: int = 0

    def told(self) -> dict[str, Any]:
        """As an error says it."""
        named = {"kind": self.kind, "name": self.name}
        return {**named, "offering_id": str(self.section_id), "offering_title": self.title, "when": self.when}


def doubles_of(
    session: Session, place: tuple[int, int], meetings: Sequence[MeetingDraft], teacher_id: int | None, *, rooms: bool
) -> list[Concern]:
    """Rooms (unless only the teacher is new) and the teacher, of meetings of the section at `place` (term, section).

    The term's timetable is locked.
    """
    term_id, section_id = place
    uses = [Use(term_id, section_id, "", one.slot, one.place if rooms else "", teacher_id) for one in meetings]
    if not uses:
        return []
    taken = occupancy_of(session, [term_id], [use.place for use in uses], [teacher_id] if teacher_id else [])
    doubles = taken.doubles(uses)
    busy = any(one.what == "teacher" for one in doubles)
    teacher = session.get(Account, teacher_id) if busy else None
    return [_double(one, teacher.display_name if teacher else "") for one in doubles]


def _double(one: Double, teacher: str) -> Concern:
    name = one.mine.place.strip() if one.what == "place" else teacher
    return Concern(one.what, name, one.other.section_id, one.other.title, when_both(one.clash))


def refuse(concerns: Sequence[Concern]) -> None:
    """Raise the error of the first, with all of them: whoever forces it shall know of everything."""
    if not concerns:
        return
    first = concerns[0]
    students = len({one.student_id for one in concerns if one.kind == "student"})
    told = [one.told() for one in concerns[:MOST]]
    told_first = {name: value for name, value in told[0].items() if name != "kind"}
    raise _ERRORS[first.kind](**told_first, students=students, concerned=told)


def students_in(concerns: Iterable[Concern]) -> list[int]:
    """Whose courses clash."""
    return sorted({one.student_id for one in concerns if one.kind == "student"})


def when_both(one: Clash) -> Words:
    """The time that two meetings share."""
    slot = Slot(one.week_mask, one.weekday, one.first_period, one.last_period)
    zh, en = (f"{print_slot(slot, language)}, {print_weeks(one.week_mask, language)}" for language in ("zh", "en"))
    return Words(zh.replace(", ", " "), en)
