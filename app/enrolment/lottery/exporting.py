"""From rows to the file that is drawn from: who wishes for what, and what stands against it before anything is drawn.

The rules are asked of the judge that settles claims, student by student, under the same locks. What the file says of a
person is no more than the draw needs: a lot instead of a name, room for credits, and which wishes are out (not why).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.catalogue.models import KIND
from app.catalogue.selection_models import SelectionRound
from app.enrolment.judging import SectionJudge
from app.enrolment.lottery.claims import drawn_claim
from app.enrolment.lottery.drawing import ALGORITHM, CLASH_OK, FORMAT, LIMIT_OK, OUT
from app.enrolment.lottery.models import WishRow
from app.enrolment.lottery.wishes import lot_of
from app.enrolment.rules import SectionSheet
from app.enrolment.sheets import section_sheets
from app.extensions.clock import to_epoch_ms
from app.extensions.services import Services

# Students whose accounts are locked in one short transaction.
AT_ONCE = 200
SHEETS_AT_ONCE = 500

_LIFTED = {"clash": CLASH_OK, "credit_limit": LIMIT_OK}

Reasons = dict[int, str]  # wish → the rule that stands against it


@dataclass(frozen=True, slots=True)
class Export:
    """The `file` without its results; the wishes that stand in it (by student and priority) and those whose section is
    `gone`; and the rule against each that is out."""

    file: dict[str, Any]
    wishes: Sequence[WishRow]
    gone: Sequence[WishRow]
    reasons: Reasons


def export(services: Services, one: SelectionRound) -> Export:
    """What is drawn from, as it is now."""
    with services.db.transaction() as session:
        query = select(WishRow).where(WishRow.round_id == one.id).order_by(WishRow.student_id, WishRow.priority)
        handed_in = session.scalars(query).all()
        sheets = _sheets(session, {wish.section_id for wish in handed_in})
        sections = _sections(session, sheets)
    wishes = [wish for wish in handed_in if wish.section_id in sheets]
    by_student = [(student, list(own)) for student, own in groupby(wishes, key=lambda wish: wish.student_id)]
    reasons: Reasons = {}
    students = []
    for at in range(0, len(by_student), AT_ONCE):
        with services.db.transaction() as session:
            students += _students(session, services, one, by_student[at : at + AT_ONCE], sheets, reasons)
    students.sort(key=lambda student: str(student["lot"]))
    gone = [wish for wish in handed_in if wish.section_id not in sheets]
    return Export(_file(one, sections, students), wishes, gone, reasons)


def _file(one: SelectionRound, sections: Sequence[Any], students: Sequence[Any]) -> dict[str, Any]:
    return {
        "format": FORMAT,
        "algorithm": ALGORITHM,
        "round": {
            "id": str(one.id),
            "term_id": str(one.term_id),
            "round_no": one.round_no,
            "closes_at": one.closes_at.isoformat(),
            "points_limit": one.points_limit,
        },
        "commitment": one.commitment,
        "seed": one.seed,
        "sections": sections,
        "students": students,
    }


def _sheets(session: Session, ids: set[int]) -> dict[int, SectionSheet]:
    wanted = sorted(ids)
    found: dict[int, SectionSheet] = {}
    for at in range(0, len(wanted), SHEETS_AT_ONCE):
        some = section_sheets(session, wanted[at : at + SHEETS_AT_ONCE])
        found |= {sheet.offering_id: sheet for sheet in some if sheet.published}
    return found


def _sections(session: Session, sheets: Mapping[int, SectionSheet]) -> list[dict[str, Any]]:
    """Seats that nobody has and nobody waits for; `reserved` ones by pool."""
    query = select(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id.in_(sheets)).order_by(SeatPool.id)
    seats: dict[int, dict[str, int]] = defaultdict(dict)
    for pool in session.scalars(query):
        seats[pool.offering_id][pool.pool] = 0 if pool.waiting else pool.capacity - pool.taken
    return [
        {
            "id": str(section),
            "course": str(sheet.course_id),
            "credits": f"{sheet.credits:.1f}",
            "seats": seats[section].pop(GENERAL, 0),
            **(
                {"reserved": kept}
                if (kept := {pool: left for pool, left in seats[section].items() if left > 0})
                else {}
            ),
            "slots": [list(slot) for slot in (sheet.traits.slots if sheet.traits else ())],
        }
        for section, sheet in sorted(sheets.items())
    ]


def _students(
    session: Session,
    services: Services,
    one: SelectionRound,
    some: Sequence[tuple[int, Sequence[WishRow]]],
    sheets: Mapping[int, SectionSheet],
    reasons: Reasons,
) -> list[dict[str, Any]]:
    judge = SectionJudge(session, services.ids)
    claims = [drawn_claim(wish, to_epoch_ms(one.closes_at) - 1, 0) for _, own in some for wish in own]
    judge.know(sheets)
    judge.lock(claims)
    judge.read(claims)
    found = []
    for student, own in some:
        lines = [_line(wish, judge, sheets[wish.section_id], reasons) for wish in own]
        room = judge.room(one.term_id, student)
        found.append({"lot": lot_of(one, student), "room": f"{room // 10}.{room % 10}", "wishes": lines})
    return found


def _line(wish: WishRow, judge: SectionJudge, sheet: SectionSheet, reasons: Reasons) -> list[Any]:
    against = judge.rule_against(wish.section_id, wish.student_id)
    flags = "".join(_LIFTED[rule] for rule in sorted(sheet.waived(wish.student_id)) if rule in _LIFTED)
    if against is not None:
        reasons[wish.id] = against
        flags = OUT
    reserved = judge.reserved_for(wish.section_id, wish.student_id)
    return [str(wish.section_id), wish.points, flags, *([reserved] if reserved else [])]
