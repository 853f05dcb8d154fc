"""Reads of notices: one's own with what is unread, and those that the office has written."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.records import record
from app.extensions.services import Services
from app.notices.models import Notice, NoticeRead, NoticeTarget
from app.notices.reach import groups_of


@record
class Received:
    """A notice, and when its reader has read it."""

    notice: Notice
    read_at: datetime | None


@record
class Written:
    """A notice of the office with its targets: ids, years, empty for all."""

    notice: Notice
    targets: tuple[int, ...]


def list_received(
    services: Services, actor: Actor, *, unread: bool, before: int | None, limit: int
) -> tuple[list[Received], int]:
    """(up to `limit` notices for the actor with ids below `before`, the newest first; how many he has not read)."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        query = select(Notice, NoticeRead.read_at).select_from(NoticeTarget)
        rows = session.execute(
            query.join(Notice, Notice.id == NoticeTarget.notice_id)
            .outerjoin(NoticeRead, _read_by(actor))
            .where(*mine(actor), *([NoticeRead.id.is_(None)] if unread else []))
            .where(*([NoticeTarget.notice_id < before] if before is not None else []))
            .order_by(NoticeTarget.notice_id.desc())
            .limit(limit)
        )
        return [Received(*row) for row in rows], count_unread(session, actor)


def count_unread(session: Session, actor: Actor) -> int:
    """How many notices the actor has not read."""
    return len(unread_ids(session, actor))


def unread_ids(session: Session, actor: Actor) -> Sequence[int]:
    """The notices that the actor has not read."""
    query = select(NoticeTarget.notice_id).join(Notice, Notice.id == NoticeTarget.notice_id)
    return session.scalars(
        query.outerjoin(NoticeRead, _read_by(actor)).where(*mine(actor), NoticeRead.id.is_(None))
    ).all()


def mine(actor: Actor) -> list[ColumnElement[bool]]:
    """Conditions over notice_target and notice: for this person, and not taken back."""
    groups = [and_(NoticeTarget.scope == scope, NoticeTarget.target == target) for scope, target in groups_of(actor)]
    return [or_(*groups), Notice.is_deleted.is_(False)]


def _read_by(actor: Actor) -> ColumnElement[bool]:
    return and_(NoticeRead.account_id == actor.account_id, NoticeRead.notice_id == NoticeTarget.notice_id)


def list_written(services: Services, actor: Actor, *, before: int | None, limit: int) -> list[Written]:
    """Up to `limit` notices of the office with ids below `before`, the newest first. Raises ForbiddenError."""
    actor.require(Permission.NOTICES_MANAGE)
    query = select(Notice).where(Notice.code == "", Notice.is_deleted.is_(False))
    if before is not None:
        query = query.where(Notice.id < before)
    with services.breakers.guard("database"), services.db.transaction() as session:
        notices = session.scalars(query.order_by(Notice.id.desc()).limit(limit)).all()
        targets = _targets_of(session, [one.id for one in notices])
    return [Written(one, tuple(targets.get(one.id, ()))) for one in notices]


def _targets_of(session: Session, notice_ids: Sequence[int]) -> dict[int, list[int]]:
    found: dict[int, list[int]] = {}
    query = select(NoticeTarget.notice_id, NoticeTarget.target).order_by(NoticeTarget.target)
    for notice_id, target in session.execute(query.where(NoticeTarget.notice_id.in_(notice_ids))):
        if target:
            found.setdefault(notice_id, []).append(target)
    return found
