"""The office writes a notice, and takes it back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.errors import InvalidInputError
from app.extensions.records import record
from app.extensions.services import Services
from app.notices.errors import NoticeNotFoundError
from app.notices.live import tell
from app.notices.models import Notice, NoticeTarget, Scope
from app.notices.queries import Written
from app.notices.reach import EVERYBODY
from app.org.models import College, SchoolClass, Student


@record
class NoticeDraft:
    """What the office wants said. `targets`: ids of colleges, classes or accounts, years of grades, and for `student`
    student numbers too, as they were typed; none for all."""

    title: str
    body: str
    link: str | None
    scope: Scope
    targets: tuple[str, ...]


def publish_notice(services: Services, actor: Actor, draft: NoticeDraft) -> Written:
    """Store it, then tell whoever is looking. Raises ForbiddenError, InvalidInputError (targets nobody knows)."""
    actor.require(Permission.NOTICES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        targets = _targets(session, draft)
        notice = Notice(
            id=services.ids.next_id(),
            scope=draft.scope.value,
            title=draft.title,
            body=draft.body,
            link=draft.link,
            code="",
            data={},
            created_by=actor.account_id,
            at=services.clock.now(),
        )
        store(session, services, notice, targets)
    tell(services, notice, targets)
    return Written(notice, tuple(one for one in targets if one))


def withdraw_notice(services: Services, actor: Actor, notice_id: int) -> None:
    """Nobody sees it any more. Raises ForbiddenError, NoticeNotFoundError."""
    actor.require(Permission.NOTICES_MANAGE)
    with services.breakers.guard("database"), services.db.transaction() as session:
        notice = session.get(Notice, notice_id, with_for_update=True)
        if notice is None or notice.code or notice.is_deleted:
            raise NoticeNotFoundError
        notice.is_deleted = True


def store(session: Session, services: Services, notice: Notice, targets: Sequence[int]) -> None:
    """One row, and one for each group that it is for."""
    session.add(notice)
    session.flush()
    rows = [
        {"id": services.ids.next_id(), "notice_id": notice.id, "scope": notice.scope, "target": one} for one in targets
    ]
    session.execute(insert(NoticeTarget), rows)


def _targets(session: Session, draft: NoticeDraft) -> list[int]:
    """The groups as numbers, ascending. Raises InvalidInputError."""
    if draft.scope is Scope.ALL:
        if draft.targets:
            raise _refused("A notice to all has no targets.")
        return [EVERYBODY[1]]
    if not draft.targets:
        raise _refused("Say whom it is for.")
    known = _known(session, draft.scope, set(draft.targets))
    unknown = [one for one in draft.targets if one not in known]
    if unknown:
        raise _refused(f"Unknown: {', '.join(unknown[:10])}")
    return sorted({known[one] for one in draft.targets})


def _known(session: Session, scope: Scope, wanted: Collection[str]) -> dict[str, int]:
    """What was typed → the number that it means, for what exists."""
    numbers = [int(one) for one in wanted if one.isascii() and one.isdigit() and int(one) < 2**63]
    queries = {
        Scope.COLLEGE: select(College.id, College.id).where(College.id.in_(numbers), College.is_deleted.is_(False)),
        Scope.CLASS: select(SchoolClass.id, SchoolClass.id).where(
            SchoolClass.id.in_(numbers), SchoolClass.is_deleted.is_(False)
        ),
        Scope.GRADE: select(SchoolClass.grade, SchoolClass.grade).where(SchoolClass.grade.in_(numbers)).distinct(),
        Scope.STUDENT: select(Account.id, Account.id).where(Account.id.in_(numbers), Account.is_deleted.is_(False)),
    }
    known = {str(row[0]): row[1] for row in session.execute(queries[scope])}
    if scope is Scope.STUDENT:
        by_number = select(Student.student_no, Student.account_id).where(
            Student.student_no.in_([one for one in wanted if one.isascii()])
        )
        known |= {row[0]: row[1] for row in session.execute(by_number)}
    return known


def _refused(message: str) -> InvalidInputError:
    return InvalidInputError(errors={"target_ids": [message]})
