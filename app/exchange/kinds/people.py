"""Students and teachers, each with an account. New accounts have no password: the office hands out first passwords
(app/org/people/first_passwords.py)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.admission.outbox import Effects
from app.auth.models import Account
from app.auth.permissions import Permission, Role
from app.auth.rules import normal_username
from app.exchange.columns import Column, choice, code, email, text
from app.exchange.kinds.base import Plan, Row, differs, held, ids_by, pick, said, wanted
from app.exchange.rows import insert_rows
from app.extensions.services import Services
from app.extensions.versions import change
from app.org.models import College, Gender, SchoolClass, Student, StudentStatus, Teacher

_GENDERS = {"男": "male", "女": "female", "未知": "unknown", **{one.value: one.value for one in Gender}}
_STATUSES = {
    "在读": "enrolled",
    "休学": "suspended",
    "毕业": "graduated",
    "退学": "withdrawn",
    **{one.value: one.value for one in StudentStatus},
}
_USERNAME = Column("username", "用户名", "Username", text(64))


class People:
    """What students and teachers share: a number, an account, a unit they belong to."""

    name: str
    permission: Permission
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    model: Any
    role: Role
    unit: tuple[str, str, Any]  # the column, the field that holds its id, the table
    fields: tuple[str, ...]

    @property
    def number(self) -> Any:
        """The column of the person's number."""
        return getattr(self.model, self.key[0])

    def plan(self, session: Session, rows: Sequence[Row], *, lock: bool) -> list[Plan]:
        """As Kind.plan."""
        column, field, table = self.unit
        units = ids_by(session, table.name, table.id, wanted(rows, column), table.is_deleted.is_(False), lock=lock)
        known = self._known(session, wanted(rows, self.key[0]), lock)
        plans = [Plan(row, said(row.cells, self.fields)) for row in rows]
        for plan in plans:
            plan.target = known.get(plan.row.cells[self.key[0]])
            pick(plan, column, field, units)
            if plan.target is not None:
                person, account = plan.target
                plan.changed = differs(person, plan.values) or account.display_name != plan.row.cells["name"]
                if person.is_deleted or account.is_deleted:
                    plan.refuse(self.key[0], "deleted", value=plan.row.cells[self.key[0]])
            self._check_standing(plan)
        self._name(session, [plan for plan in plans if plan.target is None])
        return plans

    def _known(self, session: Session, numbers: set[str], lock: bool) -> dict[str, tuple[Any, Account]]:
        query = select(self.model, Account).join(Account, Account.id == self.model.account_id)
        rows = session.execute(held(query.where(self.number.in_(numbers)), lock=lock))
        return {getattr(row[0], self.key[0]): (row[0], row[1]) for row in rows}

    def _check_standing(self, plan: Plan) -> None:
        """Whoever leaves gives back what he holds: that is a step of its own (app/org/people/withdrawing.py)."""
        before = "" if plan.target is None else getattr(plan.target[0], "status", "")
        if StudentStatus.WITHDRAWN in {before, plan.values.get("status")}:
            plan.refuse("status", "withdrawn")

    def _name(self, session: Session, plans: Sequence[Plan]) -> None:
        """Usernames for new accounts: the one that is given, or the number."""
        names = {plan.row.number: normal_username(self._username(plan)) for plan in plans}
        query = select(Account.username).where(Account.username.in_([one for one in names.values() if one]))
        taken = set(session.scalars(query))
        for plan in plans:
            name = names[plan.row.number]
            if name is None or name in taken:
                column = "username" if "username" in plan.row.cells else self.key[0]
                plan.refuse(column, "username_taken" if name else "username_invalid", value=self._username(plan))
            else:
                taken.add(name)
                plan.row.cells["username"] = name

    def _username(self, plan: Plan) -> str:
        return str(plan.row.cells.get("username") or plan.row.cells[self.key[0]])

    def write(self, session: Session, services: Services, plans: Sequence[Plan]) -> Effects:
        """As Kind.write."""
        accounts, people = [], []
        for plan in plans:
            cells = plan.row.cells
            if plan.target is not None:
                renamed = change(plan.target[1], {"display_name": cells["name"]})
                if not change(plan.target[0], plan.values) and renamed:
                    plan.target[0].version += 1  # one person is one thing to edit
                continue
            account_id = services.ids.next_id()
            accounts.append(
                {
                    "id": account_id,
                    "username": cells["username"],
                    "display_name": cells["name"],
                    "role": self.role.value,
                }
            )
            number = {self.key[0]: cells[self.key[0]]}
            people.append({"id": services.ids.next_id(), "account_id": account_id, **number, **self._whole(plan)})
        insert_rows(session, Account, accounts)
        insert_rows(session, self.model, people)
        session.flush()
        return Effects()

    def _whole(self, plan: Plan) -> dict[str, Any]:
        """Every field, so that all rows go in by one statement."""
        return {**dict.fromkeys(self.fields), **self.defaults, **plan.values}

    defaults: dict[str, Any]

    def page(
        self, session: Session, *, after: int, limit: int, zone: ZoneInfo, wanted: dict[str, int | None]
    ) -> list[tuple[int, list[str]]]:
        """As Exported.page."""
        column, field, table = self.unit
        query = (
            select(self.model, Account, table.name)
            .join(Account, Account.id == self.model.account_id)
            .outerjoin(table, table.id == getattr(self.model, field))
            .where(self.model.id > after, self.model.is_deleted.is_(False), Account.is_deleted.is_(False))
        )
        rows = session.execute(query.order_by(self.model.id).limit(limit))
        return [(row[0].id, self._cells(row[0], row[1], {column: row[2]})) for row in rows]

    def _cells(self, person: Any, account: Account, unit: dict[str, str | None]) -> list[str]:
        own = {"name": account.display_name, "username": account.username, **unit}
        return [str(own[one.name] if one.name in own else getattr(person, one.name) or "") for one in self.columns]


class Students(People):
    name = "students"
    permission = Permission.STUDENTS_MANAGE
    key = ("student_no",)
    model = Student
    role = Role.STUDENT
    unit = ("class", "class_id", SchoolClass)
    fields = ("gender", "email", "phone", "status")
    defaults = {"gender": Gender.UNKNOWN.value, "status": StudentStatus.ENROLLED.value}  # noqa: RUF012 - never changed
    columns = (
        Column("student_no", "学号", "Student no.", code(20), required=True, example="2026000001"),
        Column("name", "姓名", "Name", text(64), required=True, example="王小明"),
        Column("class", "班级", "Class", text(64), required=True, example="软件工程2601班"),
        Column("gender", "性别", "Gender", choice(_GENDERS), example="男"),
        Column("email", "邮箱", "E-mail", email, example="wang@example.edu"),
        Column("phone", "电话", "Phone", text(20), example="+86 10 1234 5678"),
        Column("status", "学籍状态", "Status", choice(_STATUSES), example="在读"),
        _USERNAME,
    )


class Teachers(People):
    name = "teachers"
    permission = Permission.STUDENTS_MANAGE
    key = ("teacher_no",)
    model = Teacher
    role = Role.TEACHER
    unit = ("college", "college_id", College)
    fields = ("title", "email")
    defaults = {"title": ""}  # noqa: RUF012 - never changed
    columns = (
        Column("teacher_no", "工号", "Teacher no.", code(20), required=True, example="000001"),
        Column("name", "姓名", "Name", text(64), required=True, example="李老师"),
        Column("college", "学院", "College", text(64), required=True, example="计算机学院"),
        Column("title", "职称", "Title", text(32), example="教授"),
        Column("email", "邮箱", "E-mail", email, example="li@example.edu"),
        _USERNAME,
    )
