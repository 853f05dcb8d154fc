"""/api/manage/students and teachers, their passwords, and a student's withdrawal."""

from __future__ import annotations

from typing import Any

from flask import Response

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.org.people.posts import STUDENT, TEACHER, Post
from app.org.people.resetting import reset_password
from app.org.people.withdrawing import withdraw_student
from app.references import uses_of_student, uses_of_teacher
from blueprints.auth.guards import requires
from blueprints.auth.new_passwords import NewPasswordSchema, told_once
from blueprints.context import engine, identity, services
from blueprints.crud import serve
from blueprints.openapi import answers, problems
from blueprints.people_admin import first_passwords, schemas
from blueprints.people_admin.blueprint import blueprint
from blueprints.people_admin.people import people_resource, student_document

__all__ = ["blueprint", "first_passwords"]

serve(
    blueprint,
    "/students",
    people_resource(
        STUDENT,
        lambda session, one: uses_of_student(session, services().ids, one),
        item=schemas.ManagedStudentSchema,
        page=schemas.STUDENTS,
        query=schemas.StudentQuerySchema,
        new=schemas.StudentInputSchema,
        changes=schemas.StudentChangeSchema,
    ),
)
serve(
    blueprint,
    "/teachers",
    people_resource(
        TEACHER,
        uses_of_teacher,
        item=schemas.ManagedTeacherSchema,
        page=schemas.TEACHERS,
        query=schemas.PeopleQuerySchema,
        new=schemas.TeacherInputSchema,
        changes=schemas.TeacherChangeSchema,
    ),
)


@blueprint.route("/students/<id:row_id>/reset-password", methods=["POST"])
@requires(Permission.STUDENTS_MANAGE)
@problems(404)
@answers(200, NewPasswordSchema)
def reset_of_student(actor: Actor, row_id: int) -> Response:
    """A new password for a student, told this once; every session is over."""
    return _reset(actor, STUDENT, row_id)


@blueprint.route("/teachers/<id:row_id>/reset-password", methods=["POST"])
@requires(Permission.STUDENTS_MANAGE)
@problems(404)
@answers(200, NewPasswordSchema)
def reset_of_teacher(actor: Actor, row_id: int) -> Response:
    """A new password for a teacher, told this once; every session is over."""
    return _reset(actor, TEACHER, row_id)


@blueprint.route("/students/<id:row_id>/withdraw", methods=["POST"])
@requires(Permission.STUDENTS_MANAGE)
@problems(404)
@answers(200, schemas.ManagedStudentSchema)
@blueprint.arguments(schemas.WithdrawalSchema)
def withdraw(actor: Actor, body: dict[str, Any], row_id: int) -> dict[str, Any]:
    """The student leaves: the account is disabled, every enrolment and booking ends, freed seats go to those who wait.

    For good. The reason stands in the request log.
    """
    return student_document(withdraw_student(services(), engine(), actor, row_id))


def _reset(actor: Actor, post: Post, account_id: int) -> Response:
    return told_once(reset_password(services(), identity(), actor, post, account_id))
