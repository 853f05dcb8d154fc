"""Sections with their seats and meetings. New ones are made whole; of one that exists an import changes what is words only:
seats, times and state are moved by the engine's own steps, on the section's page."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.claims import GENERAL
from app.admission.outbox import Effects
from app.admission.resizing import Change, create_pool
from app.auth.permissions import Permission
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, Section, Term
from app.catalogue.timetable import Slot, clashes
from app.exchange.columns import YES_NO, Column, choice, code, moment, text, whole
from app.exchange.kinds.base import Plan, Row, differs, held, ids_by, pick, said, wanted, yes_no
from app.exchange.kinds.plans import course_ids
from app.exchange.kinds.section_doubles import refuse_doubles
from app.exchange.meetings import Meets, print_meetings, read_meetings
from app.exchange.rows import insert_rows
from app.extensions.services import Services
from app.extensions.versions import change
from app.org.models import Teacher

_LANGUAGES = {"中文": "zh", "英文": "en", "双语": "bilingual", "zh": "zh", "en": "en", "bilingual": "bilingual"}
_EXAMS = {"考试": "exam", "考查": "assessment", "exam": "exam", "assessment": "assessment"}
_STATES = {"草稿": "draft", "发布": "published", "draft": "draft", "published": "published"}
_WORDS = ("teacher_names", "language", "is_mooc", "exam_type", "exam_at")
_FIXED = ("capacity", "waitlist_capacity", "state")
_DEFAULTS: dict[str, Any] = {
    "teacher_id": None,
    "language": "zh",
    "is_mooc": False,
    "exam_type": "exam",
    "exam_at": None,
    "waitlist_capacity": 0,
    "state": "draft",
}
_MOST_SEATS = 10_000


class Sections:
    name = "sections"
    permission = Permission.COURSES_MANAGE
    key = ("term", "course_code", "section_no")
    columns = (
        Column("term", "学期", "Term", whole(10_000, 99_999), required=True, example="20261"),
        Column("course_code", "课程代码", "Course code", code(10, upper=True), required=True, example="COMP000001"),
        Column("section_no", "课程班号", "Section no.", whole(1, 999), required=True, example="1"),
        Column("teacher_names", "任课教师", "Teachers", text(100), required=True, example="李老师"),
        Column("capacity", "容量", "Seats", whole(0, _MOST_SEATS), required=True, example="60"),
        Column("waitlist_capacity", "候补容量", "Waiting list", whole(0, _MOST_SEATS), example="20"),
        Column("teacher_no", "教师工号", "Teacher no.", code(20), example="000001"),
        Column("language", "授课语言", "Language", choice(_LANGUAGES), example="中文"),
        Column("is_mooc", "慕课", "MOOC", YES_NO, example="否"),
        Column("exam_type", "考核方式", "Exam type", choice(_EXAMS), example="考试"),
        Column("exam_at", "考试时间", "Exam at", moment, example="2027-01-08 09:00"),
        Column("state", "状态", "State", choice(_STATES), example="草稿"),
        Column("meetings", "上课时间地点", "Meetings", read_meetings, example="周三|3-4节|1-16周(单)|主楼101"),
    )

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan."""
        terms = {str(code): [one] for code, one in session.execute(select(Term.code, Term.id))}
        courses = course_ids(session, rows, lock=lock)
        numbers = wanted(rows, "teacher_no")
        teachers = ids_by(
            session, Teacher.teacher_no, Teacher.account_id, numbers, Teacher.is_deleted.is_(False), lock=lock
        )
        plans = [Plan(row, said(row.cells, _WORDS)) for row in rows]
        for plan in plans:
            pick(plan, "term", "term_id", terms)
            pick(plan, "course_code", "course_id", courses)
            pick(plan, "teacher_no", "teacher_id", teachers)
            _check_itself(plan)
        self._find(session, plans, lock)
        return plans

    def _find(self, session: Session, plans: Sequence[Plan], lock: bool) -> None:
        ids = {plan.values.get("course_id", 0) for plan in plans}
        known = {
            (one.term_id, one.course_id, one.section_no): one
            for one in session.scalars(held(select(Section).where(Section.course_id.in_(ids)), lock=lock))
        }
        for plan in plans:
            place = (plan.values.get("term_id"), plan.values.get("course_id"), plan.row.cells["section_no"])
            plan.target = known.get(place)
        meets = _meetings_of(session, [plan.target.id for plan in plans if plan.target is not None])
        for plan in plans:
            if plan.target is not None:
                _compare(plan, meets.get(plan.target.id, []))
        refuse_doubles(session, plans, meets, lock=lock)

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write."""
        told = []
        for plan in plans:
            if plan.target is not None:
                change(plan.target, plan.values)
                section = plan.target
            else:
                section = _create(session, services, plan)
            if section.state == "published":
                told.append((KIND, section.id))
        session.flush()
        return Effects(offerings=told)

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page; of one term when it is wanted."""
        query = (
            select(Section, Term.code, Course.code, Teacher.teacher_no)
            .join(Term, Term.id == Section.term_id)
            .join(Course, Course.id == Section.course_id)
            .outerjoin(Teacher, Teacher.account_id == Section.teacher_id)
            .where(Section.id > after, Section.is_deleted.is_(False))
        )
        if wanted.get("term_id") is not None:
            query = query.where(Section.term_id == wanted["term_id"])
        rows = session.execute(query.order_by(Section.id).limit(limit)).all()
        meets = _meetings_of(session, [row[0].id for row in rows])
        return [(row[0].id, _cells(row[0], row[1:], meets.get(row[0].id, []), zone)) for row in rows]


def _check_itself(plan: Plan) -> None:
    slots = [slot for slot, _ in plan.row.cells.get("meetings", ())]
    if any(clashes(slots[:at], [slot]) for at, slot in enumerate(slots)):
        plan.refuse("meetings", "meets_itself")


def _meetings_of(session: Session, section_ids: Collection[int]) -> dict[int, list[Meeting]]:
    found: dict[int, list[Meeting]] = defaultdict(list)
    query = select(Meeting).where(Meeting.section_id.in_(section_ids), Meeting.is_deleted.is_(False))
    for one in session.scalars(query.order_by(Meeting.id)) if section_ids else ():
        found[one.section_id].append(one)
    return found


def _compare(plan: Plan, present: Sequence[Meeting]) -> None:
    """What is words may change; what the engine counts on may not."""
    cells = plan.row.cells
    plan.changed = differs(plan.target, plan.values)
    for name in _FIXED:
        if name in cells and cells[name] != getattr(plan.target, name):
            plan.refuse(name, "seats_fixed")
    there = {(Slot(m.week_mask, m.weekday, m.first_period, m.last_period), m.place) for m in present}
    if "meetings" in cells and set(cells["meetings"]) != there:
        plan.refuse("meetings", "seats_fixed")
    if plan.target.is_deleted:
        plan.refuse("section_no", "deleted", value=plan.target.section_no)


def _create(session: Session, services: Services, plan: Plan) -> Section:
    values = {**_DEFAULTS, **plan.values, **said(plan.row.cells, _FIXED), "section_no": plan.row.cells["section_no"]}
    section = Section(id=services.ids.next_id(), **values)
    session.add(section)
    size = Change(KIND, section.id, GENERAL, section.capacity, section.waitlist_capacity)
    create_pool(session, services.ids.next_id(), size)
    meets: Sequence[Meets] = plan.row.cells.get("meetings", ())
    rows = [_meeting_row(services.ids.next_id(), section.id, slot, place) for slot, place in meets]
    insert_rows(session, Meeting, rows)
    return section


def _meeting_row(row_id: int, section_id: int, slot: Slot, place: str) -> dict[str, Any]:
    return {
        "id": row_id,
        "section_id": section_id,
        "week_mask": slot.week_mask,
        "weekday": slot.weekday,
        "first_period": slot.first_period,
        "last_period": slot.last_period,
        "place": place,
    }


def _cells(section: Section, names: Sequence[Any], meetings: Sequence[Meeting], zone: ZoneInfo) -> list[str]:
    term, course, teacher_no = names
    exam = section.exam_at
    return [
        str(term),
        course,
        str(section.section_no),
        section.teacher_names,
        str(section.capacity),
        str(section.waitlist_capacity),
        teacher_no or "",
        section.language,
        yes_no(section.is_mooc),
        section.exam_type,
        "" if exam is None else exam.astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        section.state,
        print_meetings(meetings),
    ]
