"""Trade a refresh token for a new access token and the next refresh token."""

from __future__ import annotations

import logging

from sqlalchemy.orm import Session

from app.auth.errors import TokenExpiredError, TokenInvalidError
from app.auth.identity import Identity
from app.auth.login import StandingOf, actor_of
from app.auth.models import Account
from app.auth.revocations import tell_signed_out
from app.auth.rules import Refresh, judge_refresh
from app.auth.sessions import SignedIn, add_link, find_link, successor
from app.extensions.services import Services

logger = logging.getLogger(__name__)


def refresh(services: Services, identity: Identity, *, refresh_token: str, standing_of: StandingOf) -> SignedIn:
    """Rotate. A token that was used before the grace revokes its whole family (RFC 9700 §4.14.2).

    Raises TokenExpiredError, TokenInvalidError.
    """
    with services.breakers.guard("database"):
        stolen: list[int] = []
        outcome = services.db.retrying(
            lambda session: _rotate(session, services, identity, refresh_token, standing_of, stolen)
        )
    tell_signed_out(services, stolen)
    # Raised out here: a refusal must not roll back the revocation, nor count as a failure of the database.
    if isinstance(outcome, SignedIn):
        return outcome
    if outcome is Refresh.EXPIRED:
        raise TokenExpiredError
    raise TokenInvalidError


def _rotate(
    session: Session,
    services: Services,
    identity: Identity,
    token: str,
    standing_of: StandingOf,
    stolen: list[int],
) -> SignedIn | Refresh:
    """`stolen` takes the session that this was the end of: its access tokens are called back after the commit."""
    found = find_link(session, token)
    account = session.get(Account, found[1].account_id) if found else None
    if found is None or account is None:
        return Refresh.REVOKED
    link, login = found
    now = services.clock.now()
    decision = judge_refresh(link, login, account, now)
    if decision is Refresh.STOLEN:
        login.revoked_at = now
        stolen.append(login.id)
        logger.warning("refresh token used twice; session revoked", extra={"session_id": str(login.id)})
    if decision not in {Refresh.ROTATE, Refresh.REPEAT}:
        return decision
    following = successor(token, services.settings.secret_key)
    if decision is Refresh.ROTATE:
        link.used_at = now
        add_link(session, services, login, following)
    access_token = identity.tokens.issue(actor_of(account, login.id, standing_of(session, account.id)))
    return SignedIn(account.id, access_token, identity.tokens.ttl_seconds, following)
