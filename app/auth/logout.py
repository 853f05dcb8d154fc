"""End one session; its access tokens are called back (docs/identity.md)."""

from __future__ import annotations

from sqlalchemy import update

from app.auth.models import LoginSession
from app.auth.revocations import tell_signed_out
from app.auth.sessions import find_link
from app.extensions.services import Services


def logout(services: Services, *, refresh_token: str | None = None, session_id: int | None = None) -> None:
    """Revoke the session of a refresh token, or the one an access token came from. Repeating it changes nothing."""
    with services.breakers.guard("database"), services.db.transaction() as session:
        found = find_link(session, refresh_token) if refresh_token else None
        ids = {one for one in (found[1].id if found else None, session_id) if one}
        if ids:
            now = services.clock.now()
            session.execute(
                update(LoginSession)
                .where(LoginSession.id.in_(ids), LoginSession.revoked_at.is_(None))
                .values(revoked_at=now)
                .execution_options(synchronize_session=False)
            )
    tell_signed_out(services, ids)
