"""/api/manage/students and teachers: who they are, how they sign in, and what deleting and withdrawing them does."""

from __future__ import annotations

from typing import Any

import gevent
import pytest
from flask.testing import FlaskClient
from sqlalchemy import Select, select, text
from sqlalchemy.dialects import mysql

from app.auth.models import Account
from app.auth.permissions import Permission, Role
from app.demo import seed_demo
from app.extensions.services import Services
from app.org.models import Student
from app.org.people.posts import STUDENT, TEACHER
from app.org.people.reading import PeopleFilter, people_listing
from tests.factories import PASSWORD, make_account, make_place, make_student
from tests.functional.management.conftest import Desk, DeskOf, code

S, T = "/api/manage/students", "/api/manage/teachers"


def login(client: FlaskClient, username: str, password: str) -> Any:
    return client.post("/api/auth/login", json={"username": username, "password": password})


@pytest.fixture
def class_id(services: Services) -> str:
    return str(make_place(services).class_id)


def wish(class_id: str, **fields: Any) -> dict[str, Any]:
    return {"student_no": "2024000001", "display_name": "张三", "class_id": class_id, **fields}


def test_a_student_signs_in_with_the_password_that_is_told_once(
    desk: Desk, client: FlaskClient, services: Services, class_id: str
) -> None:
    answer = desk.post(S, wish(class_id, gender="female", email="z@example.edu", phone="13800000000"))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (201, "no-store")
    made = answer.json
    password = made.pop("password")
    assert made == desk.get(f"{S}/{made['id']}").json
    assert {name: made[name] for name in ("username", "student_no", "display_name", "gender", "status")} == {
        "username": "2024000001",
        "student_no": "2024000001",
        "display_name": "张三",
        "gender": "female",
        "status": "enrolled",
    }
    assert (made["class_name"], made["major"], made["college"]) == ("软工2401班", "软件工程", "计算机学院")
    signed = login(client, "2024000001", password)
    assert signed.status_code == 200
    assert signed.json["user"]["student"]["class_id"] == class_id
    with services.db.transaction() as session:
        assert session.scalars(select(Account.id)).all().count(int(made["id"])) == 1


def test_numbers_and_names_are_given_once(desk: Desk, class_id: str) -> None:
    desk.make(S, **wish(class_id))
    answer = desk.post(S, wish(class_id, username="other"))
    assert (code(answer), answer.json["student_no"]) == ((409, "student_no_taken"), "2024000001")
    assert code(desk.post(S, wish(class_id, student_no="2", username="2024000001"))) == (409, "username_taken")
    assert desk.get(S).json["items"][0]["student_no"] == "2024000001"
    assert len(desk.get(S).json["items"]) == 1  # neither left a half behind
    assert code(desk.post(S, wish("999", student_no="3"))) == (404, "class_not_found")
    for wrong in ({"student_no": "学号"}, {"password": "short"}, {"username": "no spaces"}, {"status": "withdrawn"}):
        assert desk.post(S, {**wish(class_id, student_no="3"), **wrong}).status_code == 422, wrong


def test_editing(desk: Desk, services: Services, class_id: str, client: FlaskClient) -> None:
    student = desk.make(S, **wish(class_id))
    other = make_place(services, college="文学院", grade=2025)
    changes = {"display_name": "李四", "class_id": str(other.class_id), "status": "suspended", "version": 1}
    found = desk.patch(f"{S}/{student}", changes).json
    assert (found["display_name"], found["college"], found["grade"], found["status"]) == (
        "李四",
        "文学院",
        2025,
        "suspended",
    )
    assert found["version"] == 2
    answer = desk.patch(f"{S}/{student}", {"display_name": "x", "version": 1})
    assert (code(answer), answer.json["version"]) == ((409, "conflict"), 2)
    assert desk.patch(f"{S}/{student}", {"display_name": "王五"}).json["version"] == 3  # the account's field counts too
    assert desk.patch(f"{S}/{student}", {"display_name": "王五"}).json["version"] == 3


def test_disabling_ends_every_session(desk: Desk, client: FlaskClient, services: Services, class_id: str) -> None:
    password = "a good long password"
    student = desk.make(S, **wish(class_id, password=password))
    assert login(client, "2024000001", password).status_code == 200
    assert desk.patch(f"{S}/{student}", {"account_status": "disabled"}).json["account_status"] == "disabled"
    assert client.post("/api/auth/refresh").status_code == 401
    assert code(login(client, "2024000001", password)) == (403, "account_disabled")
    assert desk.patch(f"{S}/{student}", {"account_status": "active"}).status_code == 200
    assert login(client, "2024000001", password).status_code == 200


def test_a_new_password_ends_every_session(desk: Desk, client: FlaskClient, services: Services) -> None:
    student = make_student(services)
    assert login(client, student.username, PASSWORD).status_code == 200
    answer = desk.post(f"{S}/{student.id}/reset-password")
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert client.post("/api/auth/refresh").status_code == 401
    assert login(client, student.username, PASSWORD).status_code == 401
    assert login(client, student.username, answer.json["password"]).status_code == 200
    admin = make_account(services, Role.SUPER_ADMIN)
    for path in (S, T):  # nobody comes to a manager's account by way of the students
        assert desk.post(f"{path}/{admin.id}/reset-password").status_code == 404


def test_deleting(desk: Desk, client: FlaskClient, services: Services, class_id: str) -> None:
    password = "a good long password"
    student = desk.make(S, **wish(class_id, password=password))
    login(client, "2024000001", password)
    assert desk.delete(f"{S}/{student}").status_code == 204
    assert client.post("/api/auth/refresh").status_code == 401
    assert login(client, "2024000001", password).status_code == 401
    assert desk.get(S).json["items"] == []
    for answer in (desk.get(f"{S}/{student}"), desk.patch(f"{S}/{student}", {}), desk.delete(f"{S}/{student}")):
        assert code(answer) == (404, "student_not_found")
    assert code(desk.post(S, wish(class_id))) == (409, "username_taken")  # never given out twice
    assert desk.delete(f"/api/manage/classes/{class_id}").status_code == 204
    with services.db.transaction() as session:
        assert session.scalars(select(Student.student_no)).all() == ["2024000001"]  # kept, for the records


def test_teachers(desk: Desk, client: FlaskClient, services: Services) -> None:
    college = str(make_place(services).college_id)
    fields = {"teacher_no": "T001", "display_name": "陈教授", "college_id": college, "title": "教授"}
    teacher = desk.make(T, **fields)
    found = desk.get(f"{T}/{teacher}").json
    assert (found["username"], found["teacher_no"], found["title"], found["college_id"]) == (
        "t001",
        "T001",
        "教授",
        college,
    )
    assert code(desk.post(T, {**fields, "username": "t2"})) == (409, "teacher_no_taken")
    assert desk.patch(f"{T}/{teacher}", {"title": "副教授", "version": 1}).json["title"] == "副教授"
    answer = desk.delete(f"/api/manage/colleges/{college}")
    assert (code(answer), answer.json["uses"]) == ((409, "in_use"), {"departments": 1, "teachers": 1})
    assert desk.get(T, q="陈").json["items"][0]["id"] == teacher
    assert code(desk.get(f"{S}/{teacher}")) == (404, "student_not_found")
    assert desk.delete(f"{T}/{teacher}").status_code == 204
    assert code(desk.get(f"{T}/{teacher}")) == (404, "teacher_not_found")


def test_only_who_may(services: Services, desk_of: DeskOf, class_id: str) -> None:
    left = make_account(services, Role.MANAGER, permissions=[Permission.ORG_MANAGE.value])
    for account in (left, make_student(services), make_account(services, Role.TEACHER)):
        desk = desk_of(account)
        for path in (S, T):
            assert desk.get(path).status_code == 403
            assert desk.post(path, {}).status_code == 403
            for answer in (desk.get(f"{path}/1"), desk.patch(f"{path}/1", {}), desk.delete(f"{path}/1")):
                assert answer.status_code == 403
            assert desk.post(f"{path}/1/reset-password").status_code == 403
        assert desk.post(f"{S}/1/withdraw", {"reason": "x"}).status_code == 403


def test_two_of_one_number_at_once(desk: Desk, class_id: str) -> None:
    tries = [gevent.spawn(desk.post, S, wish(class_id, username=f"u{one}")) for one in range(4)]
    assert sorted(one.get(timeout=30).status_code for one in tries) == [201, 409, 409, 409]


def test_the_list(desk: Desk, services: Services) -> None:
    seed_demo(services, students=300)
    numbers: list[str] = []
    cursor: dict[str, Any] = {}
    while True:
        page = desk.get(S, limit=120, **cursor).json
        numbers += [one["student_no"] for one in page["items"]]
        if page["next_cursor"] is None:
            break
        cursor = {"cursor": page["next_cursor"]}
    assert len(numbers) == 300
    assert numbers == sorted(set(numbers))
    one = desk.get(S, q=numbers[7]).json["items"]
    assert [each["student_no"] for each in one] == [numbers[7]]
    assert desk.get(S, q=one[0]["username"].upper()).json["items"] == one
    named = desk.get(S, q=one[0]["display_name"], limit=200).json["items"]
    assert one[0] in named
    assert all(each["display_name"].startswith(one[0]["display_name"]) for each in named)
    for field in ("class_id", "major_id", "department_id", "college_id", "grade"):
        found = desk.get(S, limit=200, **{field: one[0][field]}).json["items"]
        assert one[0] in found
        assert {each[field] for each in found} == {one[0][field]}
    assert desk.get(S, status="withdrawn").json["items"] == []
    assert desk.get(S, q="2_").json["items"] == []
    assert code(desk.get(S, cursor="WzFd")) == (422, "invalid_input")
    assert len(desk.get(T, limit=200).json["items"]) == 100


def plan(services: Services, query: Select[Any]) -> dict[str, Any]:
    sql = str(query.compile(dialect=mysql.dialect(), compile_kwargs={"literal_binds": True}))
    with services.db.transaction() as session:
        rows = session.connection().exec_driver_sql(f"EXPLAIN {sql}".replace("%%", "%").replace("%", "%%"))
        return {row.table: row for row in rows}


@pytest.fixture
def many(services: Services) -> Services:
    """Some thousand students: enough that reading all of them is never the cheapest way."""
    seed_demo(services, students=4000)
    with services.db.transaction() as session:
        for table in ("student", "account", "school_class", "major", "department", "college", "teacher"):
            session.execute(text(f"ANALYZE TABLE {table}"))
    return services


def test_no_list_reads_every_student(many: Services) -> None:
    with many.db.transaction() as session:
        record = session.scalars(select(Student).offset(2000)).first()
        assert record is not None
    college = people_listing(STUDENT, PeopleFilter(), "", 1)
    with many.db.transaction() as session:
        college_id = session.execute(college).one()[-1].id
    for wanted in (
        PeopleFilter(),
        PeopleFilter(q=record.student_no[:7]),
        PeopleFilter(q="s000"),
        PeopleFilter(q="张"),
        PeopleFilter(within=(("class", record.class_id),)),
        PeopleFilter(within=(("college", college_id),), grade=2024),
    ):
        for after in ("", record.student_no):
            found = plan(many, people_listing(STUDENT, wanted, after, 51))
            everyone = [name for name in ("student", "account") if name in found and found[name].type == "ALL"]
            assert not everyone, (wanted, after, found)
    for wanted in (PeopleFilter(), PeopleFilter(q=record.student_no[:7]), PeopleFilter(status="enrolled")):
        found = plan(many, people_listing(STUDENT, wanted, record.student_no, 51))
        assert found["student"].key == "uq_student_student_no", found
        assert not any("filesort" in (one.Extra or "") for one in found.values()), found
    teachers = plan(many, people_listing(TEACHER, PeopleFilter(), "", 51))
    assert teachers["teacher"].key == "uq_teacher_teacher_no" or int(teachers["teacher"].rows) <= 100
