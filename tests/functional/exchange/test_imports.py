"""The way of a file: checked, confirmed, written; broken ones change nothing; a crash goes on where it was."""

from __future__ import annotations

import io
import time
from typing import Any

import orjson
import pytest
from sqlalchemy import text

from app.auth.models import Account
from app.auth.permissions import Role
from app.exchange import jobs
from app.exchange.kinds.people import Students
from app.exchange.models import ImportJob, ImportNote, ImportPiece
from app.extensions.services import Services
from app.org.models import Student, Teacher
from tests.factories import bearer, make_account, make_student
from tests.functional.exchange.conftest import PATH, STUDENTS, Office, students


def test_checked_confirmed_written(office: Office, services: Services) -> None:
    job = office.checked("students", students(450))
    assert (job["state"], job["rows"], job["done"], job["errors"], job["encoding"]) == ("checked", 450, 450, 0, "UTF-8")
    assert job["changes"] == {"new": 450, "changed": 0, "same": 0}
    assert office.count(Student) == 0
    assert not office.importer.work()
    assert office.confirm(job["id"])["state"] == "running"
    assert office.count(Student) == 0
    assert office.importer.work()
    done = office.get(job["id"])
    assert (done["state"], done["done"], done["changes"]["new"]) == ("done", 450, 450)
    assert office.count(Student) == 450
    student = office.all(Student)[0]
    account = office.all(Account)[1]
    assert (student.student_no, account.username, account.display_name, account.role) == (
        "2026000001", "2026000001", "学生1", "student",
    )  # fmt: skip
    assert (student.account_id, student.class_id, account.password_hash) == (account.id, office.place.class_id, None)
    assert office.count(ImportPiece) == 0
    assert office.confirm(job["id"])["state"] == "done"


def test_again_is_the_same_and_a_change_is_a_change(office: Office) -> None:
    office.imported("students", students(3))
    assert office.checked("students", students(3))["changes"] == {"new": 0, "changed": 0, "same": 3}
    job = office.checked("students", students(3).replace("学生2", "改名"))
    assert job["changes"] == {"new": 0, "changed": 1, "same": 2}
    office.confirm(job["id"])
    office.importer.work()
    assert sorted(one.display_name for one in office.all(Account))[-3:] == sorted(["学生1", "改名", "学生3"])
    same = office.checked("students", students(3).replace("学生2", "改名"))
    assert office.confirm(same["id"], 409)["code"] == "import_changes_nothing"


def test_row_errors_and_the_choice_to_skip_them(office: Office, services: Services) -> None:
    make_student(services, office.place, username="2026000005")
    data = (
        STUDENTS.replace("\r\n", ",性别,邮箱\r\n")
        + "2026000001,甲,软工2401班,男,a@b.cn\r\n"
        + "2026000002,,软工2401班,,\r\n"
        + "2026000001,乙,软工2401班,,\r\n"
        + "2026000003,丙,没有的班,,\r\n"
        + "学号,丁,软工2401班,,\r\n"
        + "2026000004,戊,软工2401班,无,nobody\r\n"
        + "2026000005,己,软工2401班,,\r\n"
        + "2026000006,=HYPERLINK(1),软工2401班,,\r\n"
        + "2026000007,a\x00b,软工2401班,,\r\n"
        + "2026000008,庚,软工2401班,,,多一列\r\n"
    )
    job = office.checked("students", data)
    assert office.codes(job) == [
        (3, "name", "missing"),
        (4, "student_no", "twice_in_file"),
        (5, "class", "unknown"),
        (6, "student_no", "not_a_code"),
        (7, "gender", "not_one_of"),
        (7, "email", "not_an_email"),
        (8, "student_no", "username_taken"),
        (9, "name", "formula"),
        (10, "name", "control_characters"),
        (11, "", "too_many_columns"),
    ]
    assert (job["errors"], job["changes"]["new"]) == (9, 1)
    before = office.count(Student)
    refused = office.confirm(job["id"], 409)
    assert (refused["code"], refused["errors"]) == ("import_has_errors", 9)
    office.confirm(job["id"], skip_errors=True)
    office.importer.work()
    assert office.count(Student) == before + 1
    answer = office.client.get(f"{PATH}/{job['id']}/errors.csv", headers={**office.headers, "Accept-Language": "zh"})
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert lines[0] == "行,列,代码,说明"
    assert lines[1] == "3,name,missing,不能为空。"
    assert len(lines) == 11


def test_a_crash_midway_goes_on_where_it_was(office: Office, monkeypatch: pytest.MonkeyPatch, clock: Any) -> None:
    job = office.checked("students", students(1000))
    office.confirm(job["id"])
    real, batches = Students.write, []

    def dies(self: Students, session: Any, services: Any, plans: Any) -> Any:
        effects = real(self, session, services, plans)
        batches.append(len(plans))
        if len(batches) == 3:
            raise KeyboardInterrupt  # in the transaction, after its statements
        return effects

    monkeypatch.setattr(Students, "write", dies)
    with pytest.raises(KeyboardInterrupt):
        office.importer.work()
    assert (office.count(Student), office.get(job["id"])["done"]) == (400, 400)
    # Whoever died still has the lease; then another process goes on.
    assert not office.importer.work()
    clock.advance(60)
    assert office.importer.work()
    done = office.get(job["id"])
    assert (done["state"], done["done"], done["changes"]["new"]) == ("done", 1000, 1000)
    assert (office.count(Student), sum(batches)) == (1000, 1200)


def test_without_the_look_under_lock_two_processes_count_twice(
    office: Office, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    """The guard turned off: a process that was given up for dead goes on beside its successor."""
    from app.exchange.working import Importer, LostError

    job = office.checked("students", students(300))
    office.confirm(job["id"])
    slow = office.importer
    stale = slow._take()
    assert stale is not None
    clock.advance(60)
    assert office.importer.work()
    done = office.get(job["id"])
    assert (done["state"], done["done"]) == ("done", 300)
    batch = [(2, None, [])]
    with pytest.raises(LostError):
        slow._batch(stale, Students(), batch)

    def trusting(self: Importer, session: Any, job: ImportJob, *, anew: bool = False) -> ImportJob:
        return session.get_one(ImportJob, job.id)  # type: ignore[no-any-return]

    monkeypatch.setattr(Importer, "_mine", trusting)
    slow._batch(stale, Students(), batch)
    assert office.get(job["id"])["done"] == 301


def test_confirm_checks_again(office: Office, services: Services) -> None:
    job = office.checked("students", students(3))
    office.confirm(job["id"])
    with services.db.transaction() as session:
        session.execute(text("UPDATE school_class SET is_deleted = 1"))
    office.importer.work()
    done = office.get(job["id"])
    assert (done["state"], done["errors"], done["changes"]["new"], office.count(Student)) == ("done", 3, 0, 0)
    assert office.codes(done) == [(row, "class", "unknown") for row in (2, 3, 4)]


def test_what_the_database_refuses_is_one_row_and_not_the_batch(
    office: Office, monkeypatch: pytest.MonkeyPatch, services: Services
) -> None:
    """The look-up of usernames turned off: the unique key still refuses, and only that row."""
    make_account(services, Role.TEACHER, username="2026000007")
    monkeypatch.setattr(Students, "_name", lambda self, session, plans: [
        plan.row.cells.update(username=plan.row.cells["student_no"]) for plan in plans
    ])  # fmt: skip
    done = office.imported("students", students(20))
    assert (done["state"], done["changes"]["new"], done["errors"]) == ("done", 19, 1)
    assert office.codes(done) == [(8, "", "refused")]
    assert office.count(Student) == 19


def test_thirty_thousand_students_in_a_minute(office: Office) -> None:
    began = time.monotonic()
    done = office.imported("students", students(30_000))
    assert (done["state"], done["changes"]["new"]) == ("done", 30_000)
    assert office.count(Student) == 30_000
    assert time.monotonic() - began < 60


def test_what_is_never_confirmed_is_forgotten(office: Office, services: Services, clock: Any) -> None:
    job = office.checked("students", students(3))
    assert jobs.forget_old(services) == 0
    clock.advance(jobs.KEEP.total_seconds() + 1)
    assert jobs.forget_old(services) == 1
    assert office.count(ImportPiece) == 0
    assert office.client.get(f"{PATH}/{job['id']}", headers=office.headers).status_code == 404


def test_its_owner_hears_how_far_it_has_come(office: Office, services: Services) -> None:
    listening = services.redis.pubsub(ignore_subscribe_messages=True)
    with listening:
        listening.subscribe("sr:events")
        listening.get_message(timeout=5)
        office.checked("students", students(450))
        told = [orjson.loads(one["data"]) for one in iter(lambda: listening.get_message(timeout=0.5), None)]
    assert {(one["type"], one["user_id"]) for one in told} == {("to", office.manager.id)}
    progress = [one["message"]["import"] for one in told]
    assert [(one["state"], one["done"]) for one in progress] == [
        ("checking", 200), ("checking", 400), ("checking", 450), ("checked", 450),
    ]  # fmt: skip


def test_teachers(office: Office) -> None:
    done = office.imported("teachers", "工号,姓名,学院,职称\r\n000001,李老师,计算机学院,教授\r\n")
    assert done["changes"]["new"] == 1
    (teacher,) = office.all(Teacher)
    assert (teacher.teacher_no, teacher.title, teacher.college_id) == ("000001", "教授", office.place.college_id)


def test_who_may(office: Office, services: Services) -> None:
    job = office.checked("students", students(1))["id"]
    for who in (make_student(services), make_account(services, Role.TEACHER), make_account(services, Role.CHECKIN)):
        headers = bearer(services, who)
        form = {"kind": "students", "file": (io.BytesIO(b"x"), "x")}
        assert office.client.post(PATH, data=form, headers=headers).status_code == 403
        for address in (PATH, f"{PATH}/{job}", f"{PATH}/1", f"{PATH}/{job}/errors.csv"):
            assert office.client.get(address, headers=headers).status_code == 403, address
        assert office.client.get("/api/manage/exports/students.csv", headers=headers).status_code == 403
    assert office.client.get(PATH).status_code == 401


def test_list_and_take_away(office: Office) -> None:
    first, second = office.checked("students", students(1)), office.upload("students", students(2))
    listed = office.client.get(f"{PATH}?limit=1", headers=office.headers).json
    assert [one["id"] for one in listed["items"]] == [second["id"]]
    more = office.client.get(f"{PATH}?limit=1&cursor={listed['next_cursor']}", headers=office.headers).json
    assert [one["id"] for one in more["items"]] == [first["id"]]
    assert office.client.delete(f"{PATH}/{first['id']}", headers=office.headers).status_code == 204
    assert office.client.get(f"{PATH}/{first['id']}", headers=office.headers).status_code == 404
    assert office.count(ImportNote) == 0
