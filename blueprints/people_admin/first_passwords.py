"""POST /api/manage/students|teachers/first-passwords: a file with a first password for whoever has none."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.exchange.files import csv_pieces
from app.org.people.first_passwords import Handed, hand_out
from app.org.people.posts import STUDENT, TEACHER, Post
from blueprints.auth.guards import requires
from blueprints.context import language, services
from blueprints.exchange.imports import download
from blueprints.openapi import answers
from blueprints.people_admin.blueprint import blueprint
from blueprints.people_admin.people import people_filter
from blueprints.people_admin.schemas import HandOutSchema, PeopleFilterSchema, StudentFilterSchema

_FILE = {"type": "string"}
_HEADINGS = {
    ("student", "zh"): ("学号", "姓名", "班级", "用户名", "初始密码"),
    ("student", "en"): ("Student no.", "Name", "Class", "Username", "First password"),
    ("teacher", "zh"): ("工号", "姓名", "学院", "用户名", "初始密码"),
    ("teacher", "en"): ("Teacher no.", "Name", "College", "Username", "First password"),
}


@blueprint.route("/students/first-passwords", methods=["POST"])
@requires(Permission.STUDENTS_MANAGE)
@answers(200, _FILE, content_type="text/csv")
@blueprint.arguments(StudentFilterSchema, location="query")
@blueprint.arguments(HandOutSchema)
def to_students(actor: Actor, filters: dict[str, Any], body: dict[str, Any]) -> Response:
    """A first password for every student of the list that has no password: told this once, kept nowhere."""
    return _file(actor, STUDENT, filters, again=body["again"])


@blueprint.route("/teachers/first-passwords", methods=["POST"])
@requires(Permission.STUDENTS_MANAGE)
@answers(200, _FILE, content_type="text/csv")
@blueprint.arguments(PeopleFilterSchema, location="query")
@blueprint.arguments(HandOutSchema)
def to_teachers(actor: Actor, filters: dict[str, Any], body: dict[str, Any]) -> Response:
    """The same for teachers."""
    return _file(actor, TEACHER, filters, again=body["again"])


def _file(actor: Actor, post: Post, filters: dict[str, Any], *, again: bool) -> Response:
    handed = hand_out(services(), actor, post, people_filter(filters), again=again)
    rows = _rows(_HEADINGS[post.role.value, language()], handed)
    response = download(csv_pieces(rows), "text/csv; charset=utf-8", f"{post.role.value}s-first-passwords.csv")
    response.headers["X-Accel-Buffering"] = "no"  # Nginx puts what a slow browser has not taken yet into a file
    return response


def _rows(headings: Sequence[str], handed: Iterator[Handed]) -> Iterator[Sequence[str]]:
    yield headings
    for one in handed:
        yield (one.number, one.display_name, one.unit, one.username, one.password)
