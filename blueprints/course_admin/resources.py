"""Terms, courses, study plans and credit accounts as managed resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.catalogue.courses import CourseDetail, CourseFilter, CourseView, list_managed_courses
from app.catalogue.managing.courses import create_course, delete_course, edit_course, one_course
from app.catalogue.managing.plans import PlanLine, add_line, delete_line, edit_line, list_plan, one_line
from app.catalogue.managing.terms import create_term, delete_term, edit_term, one_term
from app.catalogue.term_views import TermView, list_terms
from app.enrolment.credit_accounts import (
    CreditView,
    close_credit_account,
    edit_credit_account,
    list_credit_accounts,
    one_credit_account,
    open_credit_account,
)
from app.enrolment.holders import chosen
from app.references import uses_of_course
from blueprints.catalogue.presenting import course_document
from blueprints.catalogue.schemas import CourseQuerySchema
from blueprints.catalogue.terms import term_document
from blueprints.context import engine, services
from blueprints.course_admin import schemas
from blueprints.crud import After, Resource
from blueprints.paging import PageSchema, read_number_cursor, read_text_cursor


def _terms(actor: Actor, _: dict[str, Any], after: After, limit: int) -> Sequence[TermView]:
    actor.require(Permission.COURSES_MANAGE)
    return list_terms(services(), before=read_number_cursor(after), limit=limit)


TERMS = Resource(
    name="term",
    permission=Permission.COURSES_MANAGE,
    item=schemas.ManagedTermSchema,
    page=schemas.TERMS,
    query=PageSchema,
    new=schemas.TermInputSchema,
    changes=schemas.TermChangeSchema,
    listed=_terms,
    found=lambda actor, one: one_term(services(), actor, one),
    created=lambda actor, body: create_term(services(), actor, body),
    edited=lambda actor, one, body, version: edit_term(services(), actor, one, body, version=version),
    deleted=lambda actor, one: delete_term(services(), actor, one),
    document=lambda view: {**term_document(view), "version": view.term.version},
    after=lambda view: (view.term.code,),
    refused="term_taken, term_weeks_used",
)


def _courses(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[CourseDetail]:
    actor.require(Permission.COURSES_MANAGE)
    beyond = read_text_cursor(after, 10)
    return list_managed_courses(services(), CourseFilter(**filters), after=beyond, limit=limit)


def managed_course_document(detail: CourseDetail) -> dict[str, Any]:
    """A course with what must be passed before it."""
    needed = [_needed(one) for one in detail.prerequisites]
    return {**course_document(detail.view), "prerequisites": needed, "version": detail.view.course.version}


def _needed(view: CourseView) -> dict[str, str]:
    return {"id": str(view.course.id), "code": view.course.code, "name": view.course.name}


COURSES = Resource(
    name="course",
    permission=Permission.COURSES_MANAGE,
    item=schemas.ManagedCourseSchema,
    page=schemas.COURSES,
    query=CourseQuerySchema,
    new=schemas.CourseInputSchema,
    changes=schemas.CourseChangeSchema,
    listed=_courses,
    found=lambda actor, one: one_course(services(), actor, one),
    created=lambda actor, body: create_course(services(), actor, body),
    edited=lambda actor, one, body, version: edit_course(
        services(), engine(), actor, one, body, version=version, chosen=chosen
    ),
    deleted=lambda actor, one: delete_course(services(), actor, one, uses=uses_of_course),
    document=managed_course_document,
    after=lambda detail: (detail.view.course.code,),
    refused="course_taken, prerequisite_cycle, credits_in_use",
)


def _plan(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[PlanLine]:
    return list_plan(services(), actor, **filters, after=read_number_cursor(after) or 0, limit=limit)


def _line_document(one: PlanLine) -> dict[str, Any]:
    return {
        "id": str(one.line.id),
        "class_id": str(one.school_class.id),
        "class_name": one.school_class.name,
        "course_id": str(one.course.id),
        "course_code": one.course.code,
        "course_name": one.course.name,
        "credits": float(one.course.credits),
        "recommended_term": one.line.recommended_term,
        "required": one.line.required,
        "version": one.line.version,
    }


PLANS = Resource(
    name="programme_course",
    permission=Permission.COURSES_MANAGE,
    item=schemas.ManagedPlanSchema,
    page=schemas.PLANS,
    query=schemas.PlanQuerySchema,
    new=schemas.PlanInputSchema,
    changes=schemas.PlanChangeSchema,
    listed=_plan,
    found=lambda actor, one: one_line(services(), actor, one),
    created=lambda actor, body: add_line(services(), actor, body),
    edited=lambda actor, one, body, version: edit_line(services(), actor, one, body, version=version),
    deleted=lambda actor, one: delete_line(services(), actor, one),
    document=_line_document,
    after=lambda one: (one.line.id,),
    refused="planned_twice",
)


def _credits(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[CreditView]:
    beyond = read_text_cursor(after) or ""
    return list_credit_accounts(services(), actor, **filters, after=beyond, limit=limit)


def _credit_document(view: CreditView) -> dict[str, Any]:
    return {
        "id": str(view.row.id),
        "student_id": str(view.account.id),
        "username": view.account.username,
        "student_no": view.student.student_no,
        "display_name": view.account.display_name,
        "term_id": str(view.row.term_id),
        "credit_limit": float(view.row.credit_limit),
        "used": float(view.row.used),
        "waived": float(view.row.waived),
        "version": view.row.version,
    }


CREDITS = Resource(
    name="credit_account",
    permission=Permission.COURSES_MANAGE,
    item=schemas.ManagedCreditSchema,
    page=schemas.CREDITS,
    query=schemas.CreditQuerySchema,
    new=schemas.CreditInputSchema,
    changes=schemas.CreditChangeSchema,
    listed=_credits,
    found=lambda actor, one: one_credit_account(services(), actor, one),
    created=lambda actor, body: open_credit_account(services(), engine(), actor, body),
    edited=lambda actor, one, body, version: edit_credit_account(
        services(), engine(), actor, one, body, version=version
    ),
    deleted=lambda actor, one: close_credit_account(services(), engine(), actor, one),
    document=_credit_document,
    after=lambda view: (view.student.student_no,),
    refused="credit_account_taken, credits_used",
    list_problems=(404,),
)
