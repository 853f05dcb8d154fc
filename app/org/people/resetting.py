"""Give somebody a new password, to be told once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import fresh_password, put_password
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.extensions.services import Services
from app.extensions.writing import write
from app.org.people.creating import may_give
from app.org.people.posts import Post


def reset_password(services: Services, identity: Identity, actor: Actor, post: Post, account_id: int) -> str:
    """The new password; every session of the account is over. Raises the post's `missing`, BusyError, and ForbiddenError of
    an account that may do what the actor may not."""
    actor.require(Permission.STUDENTS_MANAGE)
    password_hash, password = fresh_password(identity)

    def work(session: Session) -> Account:
        _, account = post.locked(session, account_id)
        # Whoever knows the password may do all of it.
        may_give(actor, {"permissions": account.permissions})
        put_password(account, password_hash)
        return account

    tell_ended(services, write(services, work))
    return password
