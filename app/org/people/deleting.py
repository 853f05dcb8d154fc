"""Delete a student or a teacher: logically, so that what they did keeps its name. The account is over at once."""

from __future__ import annotations

from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.ending import delete_account
from app.auth.models import Account
from app.auth.permissions import Permission
from app.auth.revocations import tell_ended
from app.errors import InUseError
from app.extensions.services import Services
from app.extensions.writing import write
from app.org.people.posts import Post
from app.org.units.deleting import Uses


def delete_person(services: Services, actor: Actor, post: Post, account_id: int, *, uses: Uses) -> None:
    """Delete record and account, and end every session. Raises the post's `missing`; InUseError saying what hangs on
    them, such as a student's enrolments: withdraw the student first, which ends them.
    """
    actor.require(Permission.STUDENTS_MANAGE)

    def work(session: Session) -> Account:
        record, account = post.locked(session, account_id)
        found = {name: count for name, count in uses(session, account_id).items() if count}
        if found:
            raise InUseError(uses=found)
        record.is_deleted = True
        record.version += 1
        delete_account(account)
        return account

    tell_ended(services, write(services, work))
