"""Change a person's record or account: name, number, unit, contact, standing; disable and enable.

A student's new class is seen by the rules of booking at the next refresh of the token; settle judges by the rows at once.
What a teacher is given, or no longer, is seen then too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import set_status
from app.auth.models import Account
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.extensions.versions import change, check_version, locked
from app.extensions.writing import write
from app.org.errors import StudentWithdrawnError
from app.org.models import StudentStatus
from app.org.people.creating import may_give, number_taken
from app.org.people.posts import ACCOUNT_FIELDS, PersonView, Post
from app.org.people.reading import managed_person


def edit_person(
    services: Services, actor: Actor, post: Post, account_id: int, changes: Mapping[str, Any], *, version: int | None
) -> PersonView:
    """Change the named fields; `account_status` disables (and ends all sessions) or enables.

    Raises the post's `missing`, the unit's, the number's error, StudentWithdrawnError, ConflictError for an old version.
    """
    actor.require(Permission.STUDENTS_MANAGE)
    may_give(actor, changes)

    def work(session: Session) -> Account:
        record, account = post.locked(session, account_id)
        check_version(record, version)
        if getattr(record, "status", "") == StudentStatus.WITHDRAWN:
            raise StudentWithdrawnError
        if post.home in changes:
            locked(session, post.level.model, changes[post.home], post.level.missing, shared=True)
        _apply(record, account, changes)
        session.flush()
        return account

    edited = write(services, work, number_taken(post, changes))
    if "account_status" in changes:
        tell_ended(services, edited)
    return managed_person(services, actor, post, account_id)


def _apply(record: Any, account: Account, changes: Mapping[str, Any]) -> None:
    """The record's version stands for the account's too: one person is one thing to edit."""
    own = {name: value for name, value in changes.items() if name in ACCOUNT_FIELDS}
    rest = {name: value for name, value in changes.items() if name not in {*ACCOUNT_FIELDS, "account_status"}}
    touched = change(account, own)
    if "account_status" in changes:
        touched = set_status(account, changes["account_status"]) or touched
    if not change(record, rest) and touched:
        record.version += 1
