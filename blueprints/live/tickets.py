"""One-time tickets for the WebSocket: a browser cannot send a bearer header there, and a token must not stand in a URL."""

from __future__ import annotations

import secrets

import orjson

from app.extensions.records import record
from app.extensions.redis import RedisClient

LIFE_S = 30


@record
class Listener:
    """Who listens at a socket: his groups (app.notices.reach), his language, and what his access token was of, as of the
    ticket."""

    user_id: int
    groups: frozenset[tuple[str, int]] = frozenset()
    language: str = "zh"
    token_version: int = 0
    session_id: int = 0


def issue(redis: RedisClient, listener: Listener) -> str:
    """A ticket that is good once, for 30 s."""
    ticket = secrets.token_urlsafe(24)
    of = [listener.token_version, listener.session_id]
    value = orjson.dumps([listener.user_id, sorted(listener.groups), listener.language, *of])
    redis.set(f"sr:ticket:{ticket}", value, ex=LIFE_S)
    return ticket


def redeem(redis: RedisClient, ticket: str) -> Listener | None:
    """Whose ticket it is, which is gone afterwards; None when it is not good."""
    value = redis.getdel(f"sr:ticket:{ticket}")
    if not value:
        return None
    # A worker of the build before says nothing of the token, for the seconds of a roll-out.
    user_id, groups, language, *token = orjson.loads(value)
    return Listener(user_id, frozenset((scope, target) for scope, target in groups), language, *token)
