"""Add a student or a teacher: the account and the record in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.identity import Identity
from app.auth.opening import account_name, open_account, password_for
from app.auth.permissions import Permission
from app.extensions.services import Services
from app.extensions.versions import locked
from app.extensions.writing import Taken, write
from app.org.people.posts import ACCOUNT_FIELDS, PersonView, Post
from app.org.people.reading import managed_person


def create_person(
    services: Services, identity: Identity, actor: Actor, post: Post, values: Mapping[str, Any]
) -> PersonView:
    """Create from the record's fields, `display_name`, and perhaps `username` (the number by default) and `password`
    (else one is made, and stands in the view, this once).

    Raises the unit's `missing`, UsernameTakenError, the number's error, InvalidInputError, PasswordTooWeakError.
    """
    actor.require(Permission.STUDENTS_MANAGE)
    may_give(actor, values)
    fields = dict(values)
    username = account_name(fields.pop("username", None) or fields[post.number])
    password_hash, told = password_for(identity, username, fields.pop("password", None))
    own = {name: fields.pop(name) for name in ACCOUNT_FIELDS if name in fields}

    def work(session: Session) -> int:
        locked(session, post.level.model, fields[post.home], post.level.missing, shared=True)
        account = open_account(
            session, services.ids, username=username, role=post.role, password_hash=password_hash, fields=own
        )
        session.add(post.model(id=services.ids.next_id(), account_id=account.id, version=1, **fields))
        session.flush()
        return account.id

    account_id = write(services, work, number_taken(post, fields))
    return managed_person(services, actor, post, account_id, password=told)


def may_give(actor: Actor, fields: Mapping[str, Any]) -> None:
    """Nobody gives a permission that he has not himself. Raises ForbiddenError."""
    for one in fields.get("permissions") or ():
        actor.require(Permission(one))


def number_taken(post: Post, fields: Mapping[str, Any]) -> Taken:
    """What a number that is somebody's is told as."""
    return {post.number_key: lambda: post.number_taken(**{post.number: fields.get(post.number)})}
