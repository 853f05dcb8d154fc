"""Reads of people: the lists with their filters, and one person, with the units they belong to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, false, select, union
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.org.people.posts import PersonView, Post
from app.org.units.levels import CLASS


@dataclass(frozen=True, slots=True)
class PeopleFilter:
    """`q`: the beginning of a number, a username or a name. `within` a unit, by the name of its level."""

    q: str = ""
    within: tuple[tuple[str, int], ...] = ()
    grade: int | None = None
    status: str | None = None
    account_status: str | None = None


def list_people(
    services: Services, actor: Actor, post: Post, wanted: PeopleFilter, *, after: str, limit: int
) -> list[PersonView]:
    """Up to `limit` people with numbers beyond `after`, by number."""
    actor.require(Permission.STUDENTS_MANAGE)
    query = people_listing(post, wanted, after, limit)
    with services.breakers.guard("database"), services.db.reading() as session:
        return [_view(post, row) for row in session.execute(query)]


def managed_person(
    services: Services, actor: Actor, post: Post, account_id: int, *, password: str | None = None
) -> PersonView:
    """One person as just written: from the primary. Raises the post's `missing`."""
    actor.require(Permission.STUDENTS_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        return person_in(session, post, account_id, password=password)


def person_in(session: Session, post: Post, account_id: int, *, password: str | None = None) -> PersonView:
    """The same within a session."""
    row = session.execute(_people(post).where(post.account_id() == account_id)).first()
    if row is None:
        raise post.missing
    return _view(post, row, password)


def people_listing(post: Post, wanted: PeopleFilter, after: str, limit: int) -> Select[Any]:
    """The list's query, by number. `q` is the beginning of something that has an index."""
    number = getattr(post.model, post.number)
    query = _people(post).where(number > after) if after else _people(post)
    if wanted.q:
        query = query.where(beginning_with(post, wanted.q))
    if not wanted.within and wanted.grade is None and (not wanted.q or _is_number(wanted.q)):
        # By number from the first row on: the optimiser would rather read and sort everybody.
        query = query.prefix_with("STRAIGHT_JOIN").with_hint(post.model, f"FORCE INDEX ({post.number_key})")
    by_name = {one.name: one.model for one in (post.level, *post.level.higher)}
    for name, unit_id in wanted.within:
        # The person's own column, so that its index is one to begin with.
        own = getattr(post.model, post.home) if name == post.level.name else by_name[name].id
        query = query.where(own == unit_id)
    if wanted.grade is not None:
        query = query.where(CLASS.model.grade == wanted.grade)
    if wanted.status is not None:
        query = query.where(post.model.status == wanted.status)
    if wanted.account_status is not None:
        query = query.where(Account.status == wanted.account_status)
    return query.order_by(number).limit(limit)


def beginning_with(post: Post, q: str) -> ColumnElement[bool]:
    """Whose number, username or name begins so: digits begin a number, other ASCII a username or a name, anything else
    a name."""
    if _is_number(q):
        number: ColumnElement[bool] = getattr(post.model, post.number).startswith(q, autoescape=True)
        return number
    mine = select(Account.id).where(Account.role == post.role.value, Account.is_deleted == false())
    named = mine.where(Account.display_name.startswith(q, autoescape=True))
    if not q.isascii():
        return post.account_id().in_(named)
    # Two ranges of two indexes: an OR would read neither.
    by_username = mine.where(Account.username.startswith(q.lower(), autoescape=True))
    both = union(named, by_username).subquery()
    return post.account_id().in_(select(both.c.id))


def _is_number(q: str) -> bool:
    return q.isascii() and q[0].isdigit()


def _people(post: Post) -> Select[Any]:
    levels = (post.level, *post.level.higher)
    query = select(post.model, Account, *(one.model for one in levels)).select_from(post.model)
    query = query.join(Account, Account.id == post.account_id())
    column = getattr(post.model, post.home)
    for one in levels:
        query = query.join(one.model, one.model.id == column)
        if one.above is not None:
            column = one.parent()
    return query.where(post.model.is_deleted == false())


def _view(post: Post, row: Any, password: str | None = None) -> PersonView:
    levels = (post.level, *post.level.higher)
    units = {one.name: found for one, found in zip(levels, row[2:], strict=True)}
    return PersonView(row[0], row[1], units, password)
