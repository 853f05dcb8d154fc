"""One-time tickets for the WebSocket: a browser cannot send a bearer header there, and a token must not stand in a URL."""

from __future__ import annotations

import secrets

from app.extensions.redis import RedisClient

LIFE_S = 30


def issue(redis: RedisClient, user_id: int) -> str:
    """A ticket that is good once, for 30 s."""
    ticket = secrets.token_urlsafe(24)
    redis.set(f"sr:ticket:{ticket}", user_id, ex=LIFE_S)
    return ticket


def redeem(redis: RedisClient, ticket: str) -> int | None:
    """The user of a ticket, which is gone afterwards; None when it is not good."""
    user_id = redis.getdel(f"sr:ticket:{ticket}")
    return int(user_id) if user_id else None
