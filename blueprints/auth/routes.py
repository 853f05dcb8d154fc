"""POST /api/auth/login, first-password, refresh, logout, password; GET /api/me."""

from __future__ import annotations

from typing import Any

from flask import Response, jsonify, request

from app.auth.actor import Actor
from app.auth.choosing import choose_password
from app.auth.errors import TokenExpiredError, TokenInvalidError
from app.auth.login import login
from app.auth.logout import logout
from app.auth.password import change_password
from app.auth.refresh import refresh
from app.auth.sessions import Device, SignedIn
from app.org.queries import standing_of
from blueprints.auth.cookies import clear_refresh_cookie, refresh_cookie, require_refresh_cookie, set_refresh_cookie
from blueprints.auth.guards import signed_in
from blueprints.auth.schemas import FirstPasswordSchema, LoginSchema, PasswordSchema, TokenSchema, UserSchema
from blueprints.auth.users import describe_user
from blueprints.context import actor_or_none, client_address, identity, services
from blueprints.openapi import Blueprint, answers, problems

blueprint = Blueprint("auth", __name__, url_prefix="/api", description="Who somebody is")


@blueprint.route("/auth/login", methods=["POST"])
@problems(401, 403, 429)
@answers(200, TokenSchema)
@blueprint.arguments(LoginSchema)
def sign_in(body: dict[str, str]) -> Response:
    """Sign in. The refresh token comes as an HttpOnly cookie."""
    signed = login(services(), identity(), **body, device=_device(), standing_of=standing_of)
    return _tokens(signed)


@blueprint.route("/auth/first-password", methods=["POST"])
@problems(401, 403, 429)
@answers(200, TokenSchema)
@blueprint.arguments(FirstPasswordSchema)
def choose(body: dict[str, str]) -> Response:
    """Choose a password by the first one, which counts no longer, and be signed in."""
    return _tokens(choose_password(services(), identity(), **body, device=_device(), standing_of=standing_of))


@blueprint.route("/auth/refresh", methods=["POST"])
@problems(401, 403)
@answers(200, TokenSchema)
def renew() -> Response:
    """Trade the refresh cookie for a new access token; the cookie is replaced too."""
    signed = refresh(services(), identity(), refresh_token=require_refresh_cookie(), standing_of=standing_of)
    return _tokens(signed)


@blueprint.route("/auth/logout", methods=["POST"])
@problems(401, 403)
@answers(204, description="The session is over, or there was none")
def sign_out() -> Response:
    """End the session of the refresh cookie and of the access token, whichever came.

    Beside a cookie a token that is over is passed over: who leaves a page that stood for a while is signed out all the same.
    """
    cookie = refresh_cookie()
    try:
        asking = actor_or_none()
    except (TokenExpiredError, TokenInvalidError):
        if not cookie:
            raise
        asking = None
    logout(services(), refresh_token=cookie, session_id=asking.session_id if asking else None)
    response = Response(status=204)
    clear_refresh_cookie(response)
    return response


@blueprint.route("/auth/password", methods=["POST"])
@signed_in
@problems(403, 429)
@answers(204, description="Changed; every other session of the account is over")
@blueprint.arguments(PasswordSchema)
def new_password(actor: Actor, body: dict[str, str]) -> Response:
    """Change one's own password."""
    old, new = body["old_password"], body["new_password"]
    change_password(services(), identity(), actor, old=old, new=new, device=_device())
    return Response(status=204)


@blueprint.route("/me")
@signed_in
@answers(200, UserSchema)
def me(actor: Actor) -> dict[str, Any]:
    """Who is signed in, and what they may do."""
    return describe_user(services(), actor.account_id)


def _device() -> Device:
    return Device(client_address(), request.headers.get("User-Agent", ""))


def _tokens(signed: SignedIn) -> Response:
    response = jsonify(
        access_token=signed.access_token,
        token_type="Bearer",  # noqa: S106 - the scheme's name
        expires_in=signed.expires_in,
        user=describe_user(services(), signed.account_id),
    )
    response.headers["Cache-Control"] = "no-store"
    set_refresh_cookie(response, signed.refresh_token, services().settings.refresh_token_ttl)
    return response
