"""The address of a person's feed: made, replaced, closed. Only its SHA-256 is kept, so that nobody can read it here."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.dialects.mysql import insert
from sqlalchemy.orm import Session

from app.agenda.errors import CalendarFeedNotFoundError
from app.agenda.models import CalendarFeed
from app.auth.actor import Actor
from app.auth.models import Account
from app.extensions.services import Services


def open_feed(services: Services, actor: Actor) -> str:
    """A new secret for the actor's feed; an older one stops working now."""
    token = secrets.token_urlsafe(32)
    values = {"token_hash": _hash(token), "issued_at": services.clock.now()}
    statement = insert(CalendarFeed).values(id=services.ids.next_id(), account_id=actor.account_id, **values)
    with services.breakers.guard("database"), services.db.transaction() as session:
        session.execute(statement.on_duplicate_key_update(**values))
    return token


def close_feed(services: Services, actor: Actor) -> None:
    """The actor's feed can be read no more. Closing it again changes nothing."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        session.execute(delete(CalendarFeed).where(CalendarFeed.account_id == actor.account_id))


def feed_since(services: Services, actor: Actor) -> datetime | None:
    """When the present address was made, None when there is none."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        return session.scalar(select(CalendarFeed.issued_at).where(CalendarFeed.account_id == actor.account_id))


def owner_of(session: Session, token: str) -> int:
    """The account whose feed it is. Raises CalendarFeedNotFoundError."""
    query = select(Account).join(CalendarFeed, CalendarFeed.account_id == Account.id)
    account = session.scalar(query.where(CalendarFeed.token_hash == _hash(token)))
    if account is None or not account.usable:
        raise CalendarFeedNotFoundError
    return account.id


def _hash(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()
