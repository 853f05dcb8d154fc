"""Reads of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select

from app.audit.models import RequestLog
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.records import record
from app.extensions.services import Services

Place = tuple[datetime, int]


@record
class LogFilter:
    """What the list is narrowed to. `path`: its beginning. `since` belongs to the span, `until` does not."""

    side: str | None = None
    account_id: int | None = None
    method: str | None = None
    path: str = ""
    status: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    request_id: str | None = None


def list_requests(
    services: Services, actor: Actor, wanted: LogFilter, *, after: Place | None, limit: int
) -> Sequence[RequestLog]:
    """Up to `limit` requests beyond `after` (at, id), the newest first. Raises ForbiddenError.

    By account, by request id or by time it reads an index; the other filters look through the rows of that span.
    """
    actor.require(Permission.AUDIT_READ)
    query = select(RequestLog).where(*_conditions(wanted))
    if after is not None:
        query = query.where(_beyond(after))
    with services.breakers.guard("database"), services.db.reading() as session:
        return session.scalars(query.order_by(RequestLog.at.desc(), RequestLog.id.desc()).limit(limit)).all()


def _conditions(wanted: LogFilter) -> list[ColumnElement[bool]]:
    equal = {
        RequestLog.side: wanted.side,
        RequestLog.account_id: wanted.account_id,
        RequestLog.method: wanted.method,
        RequestLog.status: wanted.status,
        RequestLog.request_id: wanted.request_id,
    }
    found: list[ColumnElement[bool]] = [column == value for column, value in equal.items() if value is not None]
    if wanted.path:
        found.append(RequestLog.path.startswith(wanted.path, autoescape=True))
    if wanted.since is not None:
        found.append(RequestLog.at >= wanted.since)
    if wanted.until is not None:
        found.append(RequestLog.at < wanted.until)
    return found


def _beyond(after: Place) -> ColumnElement[bool]:
    """Strictly after `after`, written so that the index range begins there (a row value would not)."""
    at, row_id = after
    return and_(RequestLog.at <= at, or_(RequestLog.at < at, RequestLog.id < row_id))
