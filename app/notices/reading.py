"""Mark notices as read. Repeating it changes nothing: the first time stays."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.orm import Session

from app.auth.actor import Actor
from app.extensions.services import Services
from app.notices.errors import NoticeNotFoundError
from app.notices.models import Notice, NoticeRead, NoticeTarget
from app.notices.queries import count_unread, mine, unread_ids


def read_notice(services: Services, actor: Actor, notice_id: int) -> int:
    """How many are unread now. Raises NoticeNotFoundError, also for somebody else's."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        query = select(Notice.id).select_from(NoticeTarget).join(Notice, Notice.id == NoticeTarget.notice_id)
        if session.scalar(query.where(Notice.id == notice_id, *mine(actor)).limit(1)) is None:
            raise NoticeNotFoundError
        _write(session, services, actor, [notice_id])
        return count_unread(session, actor)


def read_all(services: Services, actor: Actor) -> int:
    """How many are unread now: 0, or what has come in this moment."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        _write(session, services, actor, unread_ids(session, actor))
        return count_unread(session, actor)


def _write(session: Session, services: Services, actor: Actor, notice_ids: Iterable[int]) -> None:
    now = services.clock.now()
    rows = [
        {"id": services.ids.next_id(), "account_id": actor.account_id, "notice_id": one, "read_at": now}
        for one in notice_ids
    ]
    if rows:
        statement = insert(NoticeRead).values(rows)
        session.execute(statement.on_duplicate_key_update(notice_id=statement.inserted.notice_id))
