"""A term of the bench's own: the demo campus's sections once more, with everybody's credits and a round that is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.models import SeatPool
from app.admission.outbox import Effects
from app.auth.demo import insert_rows
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, Section, Term
from app.catalogue.selection_models import SelectionRound, TermCredit
from ops.bench.rig import Rig, Student
from ops.bench.shooting import BenchError

# Less than six courses are worth as a rule: for some the limit is what stands in the way.
CREDIT_LIMIT = Decimal("16.0")
# Bench terms are later than any real one, so that "the current term" stays the demo campus's.
FIRST_CODE = 90_001


@dataclass(frozen=True, slots=True)
class Option:
    """A section as a student who plans sees it. `when`: a bit for every week, weekday and period in which it meets."""

    section_id: int
    course_id: int
    when: int
    capacity: int


@dataclass(slots=True)
class BenchTerm:
    """`capacities`: section → seats, as they were when the round opened."""

    term_id: int
    round_id: int
    options: list[Option]
    capacities: dict[int, int] = field(default_factory=dict)


def open_term(
    rig: Rig, students: Sequence[Student], seats: Callable[[Sequence[Option]], Mapping[int, int]]
) -> BenchTerm:
    """Copy the demo campus's sections and open a round for these students. `seats`: how many some sections are to have.

    In one transaction: what is committed without its last sizes may be in Redis a moment later.
    """
    with rig.services.db.transaction() as session:
        made, source, _ = _bare_term(rig, session, students, CREDIT_LIMIT)
        made.options = _copy_sections(rig, session, source, made.term_id)
        changed = seats(made.options)
        _resize(session, changed)
    made.capacities = {one.section_id: one.capacity for one in made.options} | dict(changed)
    return made


def plain_term(rig: Rig, students: Sequence[Student], seats: Sequence[int]) -> BenchTerm:
    """A term with a section of a course of its own for each of these numbers of seats: no meetings, no line, no limit."""
    new_id = rig.services.ids.next_id
    with rig.services.db.transaction() as session:
        made, _, count = _bare_term(rig, session, students, Decimal("999.0"))
        made.options = [Option(new_id(), new_id(), 0, one) for one in seats]
        rows: dict[type[Any], list[dict[str, Any]]] = {Course: [], Section: [], SeatPool: []}
        for at, one in enumerate(made.options):
            rows[Course].append(
                {
                    "id": one.course_id, "code": f"Z{count:03d}{at:04d}", "name": f"Bench {at}", "campus": "主校区",
                    "college_id": 1, "category": "公共选修", "credits": Decimal("2.0"),
                }
            )  # fmt: skip
            rows[Section].append(
                {
                    "id": one.section_id, "course_id": one.course_id, "term_id": made.term_id, "section_no": 1,
                    "teacher_names": "", "language": "zh", "exam_type": "exam", "capacity": one.capacity,
                    "state": "published",
                }
            )  # fmt: skip
            rows[SeatPool].append(
                {
                    "id": new_id(), "kind": KIND, "offering_id": one.section_id, "pool": GENERAL,
                    "capacity": one.capacity, "line_capacity": 0,
                }
            )  # fmt: skip
        for model, some in rows.items():
            insert_rows(session, model, some)
    made.capacities = {one.section_id: one.capacity for one in made.options}
    return made


def _bare_term(rig: Rig, session: Session, students: Sequence[Student], limit: Decimal) -> tuple[BenchTerm, int, int]:
    """(a term with an open round and these students' credits, the demo campus's term, how many bench terms there were)."""
    new_id, now = rig.services.ids.next_id, rig.services.clock.now()
    made = BenchTerm(new_id(), new_id(), [])
    source, count = _demo_term(session)
    session.add(
        Term(
            id=made.term_id, code=FIRST_CODE + count, name=f"Bench {count}", starts_on=now.date(), weeks=16,
            teaching_free_days=[],
        )
    )  # fmt: skip
    _open_round(session, made, now)
    credit = {"term_id": made.term_id, "credit_limit": limit}
    insert_rows(session, TermCredit, [{"id": new_id(), "student_id": one.account_id, **credit} for one in students])
    return made, source, count


def _resize(session: Session, seats: Mapping[int, int]) -> None:
    for section, count in seats.items():
        values = {"capacity": count, "line_capacity": count // 5}
        session.execute(update(SeatPool).where(SeatPool.kind == KIND, SeatPool.offering_id == section).values(**values))


def show(rig: Rig, students: Sequence[Student]) -> None:
    """Let Redis know the sections of every term that can be chosen in, and these students' accounts."""
    rig.engine.loader.load_all()
    accounts = [(KIND, one.account_id) for one in students]
    if not rig.engine.applier.apply(Effects(accounts=accounts)):
        raise BenchError("Redis did not take the bench's accounts")


def _demo_term(session: Session) -> tuple[int, int]:
    """(the demo campus's current term, how many bench terms there are)."""
    terms = session.execute(select(Term.id, Term.code).order_by(Term.code)).all()
    demo = [row.id for row in terms if row.code < FIRST_CODE]
    return demo[-1], len(terms) - len(demo)


def _open_round(session: Session, made: BenchTerm, now: Any) -> None:
    session.add(
        SelectionRound(
            id=made.round_id, term_id=made.term_id, round_no=1, opens_at=now - timedelta(hours=1),
            closes_at=now + timedelta(hours=5), drop_until=now + timedelta(hours=6), state="published",
        )
    )  # fmt: skip


def _copy_sections(rig: Rig, session: Session, source: int, target: int) -> list[Option]:
    """Sections, meetings and seats of one term once more in another."""
    mine = select(Section).where(Section.term_id == source, Section.state == "published").order_by(Section.id)
    sections = list(session.scalars(mine))
    new_ids = {one.id: rig.services.ids.next_id() for one in sections}
    meetings = [one for one in session.scalars(select(Meeting)) if one.section_id in new_ids and not one.is_deleted]
    pools = {one.offering_id: one for one in session.scalars(select(SeatPool).where(SeatPool.kind == KIND))}
    rows: list[tuple[type[Any], list[dict[str, Any]]]] = [
        (Section, [_again(one, id=new_ids[one.id], term_id=target) for one in sections]),
        (Meeting, [_again(one, id=rig.services.ids.next_id(), section_id=new_ids[one.section_id]) for one in meetings]),
        (
            SeatPool,
            [
                _again(pools[old], id=rig.services.ids.next_id(), offering_id=new, taken=0, waiting=0)
                for old, new in new_ids.items()
            ],
        ),
    ]
    for model, some in rows:
        insert_rows(session, model, some)
    when: dict[int, int] = {}
    for one in meetings:
        section = new_ids[one.section_id]
        when[section] = when.get(section, 0) | _bits(one)
    return [
        Option(new_ids[one.id], one.course_id, when.get(new_ids[one.id], 0), pools[one.id].capacity)
        for one in sections
    ]  # fmt: skip


def _again(row: Any, **changed: Any) -> dict[str, Any]:
    left_out = {"create_time", "update_time"}
    columns = [column.name for column in row.__table__.columns if column.name not in left_out]
    return {name: getattr(row, name) for name in columns} | changed


def _bits(one: Meeting) -> int:
    """Every (week, weekday, period) of a meeting, told apart by the plain arithmetic of the calendar."""
    found = 0
    for week in range(30):
        if one.week_mask >> week & 1:
            for period in range(one.first_period, one.last_period + 1):
                found |= 1 << (week * 100 + one.weekday * 14 + period)
    return found
