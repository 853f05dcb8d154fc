"""Every kind there and back: what an export writes, an import takes as what is there already."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from sqlalchemy import select, update

from app.admission.models import OutboxRow, SeatPool
from app.admission.outbox import Effects
from app.auth.models import Account
from app.catalogue.meeting_models import Meeting
from app.catalogue.models import KIND, Course, ProgrammeCourse, Section, Term
from app.catalogue.selection_models import CompletedCourse
from app.enrolment.models import Enrolment
from app.exchange.kinds.registry import EXPORTED, IMPORTED
from app.extensions.services import Services
from app.org.models import Student
from tests.functional.exchange.conftest import Office

COURSES = (
    "课程代码,课程名称,开课学院,课程类别,学分\r\n"
    "COMP1,数据结构,计算机学院,专业必修,3\r\n"
    "COMP2,编译原理,计算机学院,专业必修,2.5\r\n"
)
SECTIONS = (
    "学期,课程代码,课程班号,任课教师,容量,候补容量,教师工号,授课语言,考试时间,状态,上课时间地点\r\n"
    "20261,COMP1,1,李老师,60,20,000001,双语,2027-01-08 09:00,发布,周三|3-4节|1-16周(单)|主楼101;周五|1-2节|1-8周|主楼102\r\n"
    "20261,COMP2,1,李老师,30,,,,,,\r\n"
)
TEACHERS = "工号,姓名,学院\r\n000001,李老师,计算机学院\r\n"
STUDENTS = "学号,姓名,班级,性别,电话\r\n2026000001,甲,软工2401班,男,+86 10 1234\r\n2026000002,-乙,软工2401班,,\r\n"
PLAN = "班级,课程代码,建议学期,必修\r\n软工2401班,COMP1,1,是\r\n软工2401班,COMP2,2,否\r\n"
DONE = "学号,课程代码,学期,成绩,通过\r\n2026000001,COMP1,20261,59.5,\r\n2026000001,COMP2,20261,,是\r\n"
NEEDS = "课程代码,先修课程代码\r\nCOMP2,COMP1\r\n"
FILES = {
    "teachers": TEACHERS, "courses": COURSES, "prerequisites": NEEDS,
    "sections": SECTIONS, "students": STUDENTS, "programme-courses": PLAN,
    "completed-courses": DONE,
}  # fmt: skip


@pytest.fixture
def campus(office: Office, services: Services) -> Office:
    """Everything imported, one kind after another."""
    with services.db.transaction() as session:
        session.add(
            Term(
                id=services.ids.next_id(), code=20261, name="2026 秋", weeks=18, teaching_free_days=[],
                starts_on=datetime(2026, 9, 7, tzinfo=UTC).date(),
            )
        )  # fmt: skip
    for kind, data in FILES.items():
        done = office.imported(kind, data)
        assert (done["state"], done["errors"]) == ("done", 0), (kind, done)
    return office


def test_what_was_written(campus: Office) -> None:
    first, second = campus.all(Section)
    assert (first.state, first.language, first.capacity, first.teacher_id is None) == (
        "published",
        "bilingual",
        60,
        False,
    )
    assert first.exam_at == datetime(2027, 1, 8, 1, tzinfo=UTC)
    assert (second.state, second.language, second.waitlist_capacity) == ("draft", "zh", 0)
    pools = [(one.kind, one.offering_id, one.pool, one.capacity, one.line_capacity) for one in campus.all(SeatPool)]
    assert pools == [(KIND, first.id, "0", 60, 20), (KIND, second.id, "0", 30, 0)]
    meets = [(one.weekday, one.first_period, one.last_period, one.place) for one in campus.all(Meeting)]
    assert meets == [(3, 3, 4, "主楼101"), (5, 1, 2, "主楼102")]
    assert [one.credits for one in campus.all(Course)] == [Decimal("3.0"), Decimal("2.5")]
    assert [(one.recommended_term, one.required) for one in campus.all(ProgrammeCourse)] == [(1, True), (2, False)]
    done = [(one.score, one.passed) for one in campus.all(CompletedCourse)]
    assert done == [(Decimal("59.5"), False), (None, True)]


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
def test_there_and_back_is_the_same(campus: Office, ending: str) -> None:
    for kind, data in FILES.items():
        count = data.count("\r\n") - 1
        back = campus.checked(kind, campus.export(kind, ending))
        assert (back["state"], back["errors"], back["changes"]) == (
            "checked", 0, {"new": 0, "changed": 0, "same": count},
        ), (kind, back)  # fmt: skip


def test_formulas_are_defused_and_come_back_whole(campus: Office) -> None:
    rows = list(csv.reader(io.StringIO(campus.export("students").decode("utf-8-sig"))))
    assert rows[0][:3] == ["Student no.", "Name", "Class"]
    by_number = {row[0]: row for row in rows}
    assert by_number["2026000002"][1] == "'-乙"
    assert by_number["2026000001"][5] == "'+86 10 1234"
    book = openpyxl.load_workbook(io.BytesIO(campus.export("students", "xlsx")))
    cells = [cell for row in book.active.iter_rows() for cell in row]
    assert {cell.data_type for cell in cells if cell.value is not None} <= {"s", "inlineStr"}
    assert not [cell.value for cell in cells if cell.value and str(cell.value).startswith(("=", "+", "-", "@"))]


def test_seats_and_times_are_not_moved_past_the_engine(campus: Office) -> None:
    job = campus.checked("sections", SECTIONS.replace(",60,", ",61,").replace("李老师,30", "王老师,30"))
    assert campus.codes(job) == [(2, "capacity", "seats_fixed")]
    assert job["changes"] == {"new": 0, "changed": 1, "same": 0}
    assert campus.codes(campus.checked("sections", SECTIONS.replace("主楼102", "主楼103")))[0][1:] == (
        "meetings",
        "seats_fixed",
    )
    clash = SECTIONS.replace("周五|1-2节|1-8周", "周三|4-5节|1-8周").replace("COMP1,1", "COMP1,9")
    assert campus.codes(campus.checked("sections", clash)) == [(2, "meetings", "meets_itself")]


def test_a_room_and_a_teacher_are_in_one_section_at_a_time(campus: Office) -> None:
    """Of what is there, and of rows before it in the file; the lines are sections of their own."""
    head = SECTIONS.splitlines()[0]
    lines = [
        "20261,COMP2,11,,30,,,,,,周三|4-5节|3-5周|主楼101",
        "20261,COMP2,12,,30,,000001,,,,周五|2-3节|8周|主楼109",
        "20261,COMP2,13,,30,,000001,,,,周五|2-3节|9周|主楼109",
        "20261,COMP2,14,,30,,,,,,周五|3节|9周|主楼109",
        "20261,COMP2,15,,30,,,,,,周三|3-4节|2周|主楼101",
        "20261,COMP2,1,李老师,30,,000001,,,,",
    ]
    data = "\r\n".join([head, *(line.replace(",,30", ",王老师,30", 1) for line in lines), ""])
    job = campus.checked("sections", data)
    wrong = [(2, "meetings", "place_taken"), (3, "teacher_no", "teacher_taken"), (5, "meetings", "place_taken")]
    assert (campus.codes(job), job["changes"]) == (wrong, {"new": 2, "changed": 1, "same": 0})
    campus.confirm(job["id"], skip_errors=True)
    assert campus.importer.work()
    assert (campus.codes(campus.get(job["id"])), campus.count(Section)) == (wrong, 4)
    # Who comes to teach a section that is there is looked at, too.
    other = f"{head}\r\n20261,COMP2,15,王老师,30,,000001,,,,\r\n20261,COMP2,16,王老师,30,,,,,,周五|2节|9周|主楼108\r\n"
    assert campus.imported("sections", other)["errors"] == 0
    teaches = f"{head}\r\n20261,COMP2,16,王老师,30,,000001,,,,\r\n"
    assert campus.codes(campus.checked("sections", teaches)) == [(2, "teacher_no", "teacher_taken")]


def test_redis_hears_of_what_it_counts_on(campus: Office, services: Services) -> None:
    def effects() -> list[Effects]:
        with services.db.transaction() as session:
            rows = session.scalars(select(OutboxRow.payload).order_by(OutboxRow.id)).all()
            session.execute(OutboxRow.__table__.delete())
        return [Effects.from_bytes(one) for one in rows]

    section, student = campus.all(Section)[0], campus.all(Student)[0]
    first, second = effects()
    assert (list(first.offerings), list(second.accounts)) == ([(KIND, section.id)], [(KIND, student.account_id)])
    campus.imported("courses", COURSES.replace("数据结构,计算机学院,专业必修,3", "数据结构,计算机学院,专业必修,4"))
    (changed,) = effects()
    assert list(changed.offerings) == [(KIND, section.id)]


def enrolled(campus: Office, services: Services) -> Section:
    """The first student has the first section."""
    section, student = campus.all(Section)[0], campus.all(Student)[0]
    with services.db.transaction() as session:
        session.add(
            Enrolment(
                id=1, student_id=student.account_id, section_id=section.id, course_id=section.course_id,
                term_id=section.term_id, credits=Decimal(3), claim_id="c", state="confirmed", active=1,
            )
        )  # fmt: skip
    return section


def test_enrolments_of_a_section(campus: Office, services: Services) -> None:
    section = enrolled(campus, services)
    text = campus.export("enrolments", "csv", f"?section_id={section.id}").decode("utf-8-sig")
    assert text.splitlines()[1] == "20261,COMP1,数据结构,1,2026000001,甲,软工2401班,已选"
    assert len(campus.export("enrolments", "csv", "?section_id=1").decode().splitlines()) == 1


def test_what_a_course_is_worth_stays_while_somebody_has_it(campus: Office, services: Services) -> None:
    """In MariaDB a seat weighs what it weighed when it was chosen, in Redis what the course weighs now: as on the course's
    page, so in a file."""
    enrolled(campus, services)
    heavier = COURSES.replace("专业必修,3", "专业必修,4").replace("2.5", "5.0")
    assert campus.codes(campus.checked("courses", heavier)) == [(2, "credits", "credits_in_use")]
    assert campus.codes(campus.imported("courses", heavier, skip_errors=True)) == [(2, "credits", "credits_in_use")]
    assert [one.credits for one in campus.all(Course)] == [Decimal("3.0"), Decimal("5.0")]
    renamed = campus.imported("courses", COURSES.replace("数据结构", "数据结构 A").replace("2.5", "5.0"))
    assert (renamed["errors"], renamed["changes"]["changed"]) == (0, 1)


def test_who_chooses_it_while_the_file_is_written_is_seen(campus: Office, services: Services) -> None:
    """The check found nobody; the writing looks again, under the locks of settle."""
    job = campus.checked("courses", COURSES.replace("专业必修,3", "专业必修,4"))
    assert job["errors"] == 0
    enrolled(campus, services)
    campus.confirm(job["id"])
    assert campus.importer.work()
    assert campus.codes(campus.get(job["id"])) == [(2, "credits", "credits_in_use")]
    assert campus.all(Course)[0].credits == Decimal("3.0")


def test_who_was_deleted_is_not_brought_back(campus: Office, services: Services) -> None:
    with services.db.transaction() as session:
        session.execute(update(Student).values(is_deleted=True))
        session.execute(update(Course).values(is_deleted=True))
    assert campus.codes(campus.checked("students", STUDENTS))[0] == (2, "student_no", "deleted")
    assert campus.codes(campus.checked("courses", COURSES))[0] == (2, "code", "deleted")
    assert len(campus.export("students").decode().splitlines()) == 1


def test_nobody_withdraws_by_a_file(campus: Office, services: Services) -> None:
    gone = "学号,姓名,班级,学籍状态\r\n2026000001,甲,软工2401班,退学\r\n"
    assert campus.codes(campus.checked("students", gone)) == [(2, "status", "withdrawn")]
    with services.db.transaction() as session:
        session.execute(update(Student).values(status="withdrawn"))
    assert campus.codes(campus.checked("students", STUDENTS))[0] == (2, "status", "withdrawn")


def test_every_template_can_be_read(campus: Office, services: Services) -> None:
    for kind in IMPORTED:
        for language in ("zh", "en"):
            answer = campus.client.get(
                f"/api/manage/imports/kinds/{kind}/template.csv",
                headers={**campus.headers, "Accept-Language": language},
            )
            assert answer.status_code == 200
            job = campus.checked(kind, answer.data)
            assert (job["state"], job["rows"]) == ("checked", 1), (kind, job)
            assert {code for _, _, code in campus.codes(job)} <= {"unknown"}


def test_exports_come_in_pieces(campus: Office, services: Services) -> None:
    """The first piece is there before the last row was read."""
    people = [{"id": n, "username": f"x{n}", "display_name": f"名{n}", "role": "student"} for n in range(10, 2010)]
    place = {"class_id": campus.place.class_id}
    with services.db.transaction() as session:
        session.execute(Account.__table__.insert(), people)
        rows: list[dict[str, Any]] = [
            {"id": n, "account_id": n, "student_no": f"x{n}", **place} for n in range(10, 2010)
        ]
        session.execute(Student.__table__.insert(), rows)
    for ending in ("csv", "xlsx"):
        answer = campus.client.get(f"/api/manage/exports/students.{ending}", headers=campus.headers, buffered=False)
        assert len(list(answer.response)) >= 4
    assert set(EXPORTED) == {*IMPORTED, "enrolments"}
