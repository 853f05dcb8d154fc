"""Students and teachers as managed resources."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from marshmallow import Schema

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.org.people.creating import create_person
from app.org.people.deleting import delete_person
from app.org.people.editing import edit_person
from app.org.people.posts import STUDENT, PersonView, Post
from app.org.people.reading import PeopleFilter, list_people, managed_person
from app.org.units.deleting import Uses
from blueprints.context import identity, services
from blueprints.crud import After, Resource
from blueprints.moments import campus_time
from blueprints.paging import read_text_cursor

_LEVELS = ("college", "department", "major", "class")


def people_resource(
    post: Post,
    uses: Uses,
    *,
    item: type[Schema],
    page: Schema,
    query: type[Schema],
    new: type[Schema],
    changes: type[Schema],
) -> Resource:
    """The resource of one post; `uses` counts what the domains above hang on a person."""

    def listed(actor: Actor, filters: dict[str, Any], after: After, limit: int) -> Sequence[PersonView]:
        beyond = read_text_cursor(after) or ""
        return list_people(services(), actor, post, people_filter(filters), after=beyond, limit=limit)

    return Resource(
        name=post.role.value,
        permission=Permission.STUDENTS_MANAGE,
        item=item,
        page=page,
        query=query,
        new=new,
        changes=changes,
        listed=listed,
        found=lambda actor, one: managed_person(services(), actor, post, one),
        created=lambda actor, body: create_person(services(), identity(), actor, post, body),
        edited=lambda actor, one, body, version: edit_person(services(), actor, post, one, body, version=version),
        deleted=lambda actor, one: delete_person(services(), actor, post, one, uses=uses),
        document=student_document if post is STUDENT else teacher_document,
        after=lambda view: (getattr(view.record, post.number),),
        refused=f"username_taken, {post.number}_taken" + (", student_withdrawn" if post is STUDENT else ""),
    )


def student_document(view: PersonView) -> dict[str, Any]:
    """A student with class and what is above it."""
    record, home = view.record, view.units["class"]
    own = {
        "student_no": record.student_no,
        "gender": record.gender,
        "phone": record.phone,
        "status": record.status,
        "class_id": str(home.id),
        "class_name": home.name,
        "grade": home.grade,
    }
    units = {name: view.units[name] for name in ("major", "department")}
    return {**_person(view), **own, **_named(units)}


def teacher_document(view: PersonView) -> dict[str, Any]:
    """A teacher with the college."""
    may = sorted(one.value for one in view.account.granted)
    return {**_person(view), "teacher_no": view.record.teacher_no, "title": view.record.title, "permissions": may}


def _person(view: PersonView) -> dict[str, Any]:
    account = view.account
    document = {
        "id": str(account.id),
        "username": account.username,
        "display_name": account.display_name,
        "email": view.record.email,
        "account_status": account.status,
        "last_login": campus_time(account.last_login),
        "version": view.record.version,
        **_named({"college": view.units["college"]}),
    }
    return document if view.password is None else {**document, "password": view.password}


def _named(units: dict[str, Any]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, one in units.items():
        found |= {f"{name}_id": str(one.id), name: one.name}
    return found


def people_filter(filters: dict[str, Any]) -> PeopleFilter:
    """What the list is narrowed to, from its query."""
    within = [(name, filters.get(f"{name}_id")) for name in _LEVELS]
    return PeopleFilter(
        q=filters["q"],
        within=tuple((name, unit_id) for name, unit_id in within if unit_id is not None),
        grade=filters.get("grade"),
        status=filters.get("status"),
        account_status=filters["account_status"],
    )
