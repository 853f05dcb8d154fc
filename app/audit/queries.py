"""Reads of the audit log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, and_, false, or_, select
from sqlalchemy.orm import Session

from app.admission.models import ClaimRow
from app.audit.models import RequestLog
from app.auth.actor import Actor
from app.auth.models import Account
from app.auth.permissions import Permission
from app.extensions.records import record
from app.extensions.services import Services

Place = tuple[datetime, int]
# A claim's requests are looked for this long before it was admitted and after it was decided.
CLAIM_MARGIN = timedelta(minutes=10)


@record
class LogFilter:
    """What the list is narrowed to. `path`: its beginning. `since` belongs to the span, `until` does not.

    `username`: an account's, or one that was tried in vain. `claim_id`: requests by which a decided claim was made.
    """

    side: str | None = None
    account_id: int | None = None
    method: str | None = None
    path: str = ""
    status: int | None = None
    since: datetime | None = None
    until: datetime | None = None
    request_id: str | None = None
    username: str | None = None
    claim_id: UUID | None = None


def list_requests(
    services: Services, actor: Actor, wanted: LogFilter, *, after: Place | None, limit: int
) -> Sequence[RequestLog]:
    """Up to `limit` requests beyond `after` (at, id), the newest first. Raises ForbiddenError.

    By account, claim, request id or time it reads an index; the other filters look through the rows of that span.
    """
    actor.require(Permission.AUDIT_READ)
    query = select(RequestLog).where(*_conditions(wanted))
    if after is not None:
        query = query.where(_beyond(after))
    with services.breakers.guard("database"), services.db.reading() as session:
        query = query.where(*_by_username(session, wanted.username), *_by_claim(session, wanted.claim_id))
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


def _by_username(session: Session, username: str | None) -> list[ColumnElement[bool]]:
    if username is None:
        return []
    account_id = session.scalar(select(Account.id).where(Account.username == username.lower()))
    return [RequestLog.username == username if account_id is None else RequestLog.account_id == account_id]


def _by_claim(session: Session, claim_id: UUID | None) -> list[ColumnElement[bool]]:
    """The claimant's requests around that time whose answer, or whose path, names the claim."""
    if claim_id is None:
        return []
    name = str(claim_id)
    claim = session.get(ClaimRow, name)
    if claim is None:
        return [false()]
    return [
        RequestLog.account_id == claim.user_id,
        RequestLog.at >= claim.admitted_at - CLAIM_MARGIN,
        RequestLog.at < claim.decided_at + CLAIM_MARGIN,
        or_(RequestLog.response_body.contains(name), RequestLog.path.contains(name)),
    ]


def _beyond(after: Place) -> ColumnElement[bool]:
    """Strictly after `after`, written so that the index range begins there (a row value would not)."""
    at, row_id = after
    return and_(RequestLog.at <= at, or_(RequestLog.at < at, RequestLog.id < row_id))
