"""Access tokens: what they carry, and that nothing is accepted which PyJWT would refuse."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.auth.actor import Actor, StudentStanding
from app.auth.errors import TokenExpiredError, TokenInvalidError
from app.auth.permissions import Permission, Role
from app.auth.tokens import AccessTokens
from tests.clock import TravelClock

SECRET = "0123456789abcdef0123456789abcdef"
STUDENT = Actor.of(2**62, "s00001", Role.STUDENT, 7, StudentStanding(1, 2, 3, 2**61, 2024))


def make(clock: TravelClock | None = None, secret: str = SECRET, **options: int) -> AccessTokens:
    return AccessTokens(secret, timedelta(seconds=900), clock or TravelClock(), **options)


@pytest.mark.parametrize("actor", [STUDENT, Actor.of(5, "manager", Role.MANAGER, 9)])
def test_gives_back_the_same_actor(actor: Actor) -> None:
    tokens = make()
    assert tokens.verify(tokens.issue(actor)) == actor


def test_permissions_come_from_the_role_not_from_the_token() -> None:
    tokens = make()
    assert tokens.verify(tokens.issue(STUDENT)).permissions == {Permission.CLAIMS_OWN}


def test_expiry_is_looked_at_every_time_also_from_the_cache() -> None:
    clock = TravelClock()
    tokens = make(clock)
    token = tokens.issue(STUDENT)
    tokens.verify(token)
    clock.advance(899)
    tokens.verify(token)
    clock.advance(2)
    with pytest.raises(TokenExpiredError):
        tokens.verify(token)


def test_cache_stays_within_its_size() -> None:
    tokens = make(cache_size=3)
    for number in range(10):
        tokens.verify(tokens.issue(Actor.of(number, "x", Role.TEACHER)))
    assert len(tokens._cache) == 3


def test_another_key_is_refused() -> None:
    with pytest.raises(TokenInvalidError):
        make().verify(make(secret="f" * 32).issue(STUDENT))


def test_alg_none_and_other_algorithms_are_refused() -> None:
    tokens = make()
    claims = jwt.decode(tokens.issue(STUDENT), options={"verify_signature": False})
    for forged in (
        jwt.encode(claims, None, algorithm="none"),
        jwt.encode(claims, SECRET, algorithm="HS256"),
        jwt.encode(claims, tokens._key, algorithm="HS512"),
        jwt.encode(claims, tokens._key, algorithm="HS256"),  # right key, but not our type of token
    ):
        with pytest.raises(TokenInvalidError):
            tokens.verify(forged)


@pytest.mark.parametrize("claims", [{}, {"sub": "x"}, {"sub": "1", "username": "x", "role": "king", "sid": "1"}, []])
def test_signed_nonsense_is_refused(claims: object) -> None:
    tokens = make()
    payload = jwt.utils.base64url_encode(__import__("json").dumps(claims).encode()).decode()
    signed = f"{tokens._header}.{payload}"
    signature = jwt.utils.base64url_encode(__import__("hmac").digest(tokens._key, signed.encode(), "sha256")).decode()
    with pytest.raises(TokenInvalidError):
        tokens.verify(f"{signed}.{signature}")


@given(st.data())
def test_accepts_no_mutation_that_pyjwt_refuses(data: st.DataObject) -> None:
    tokens = make()
    token = tokens.issue(STUDENT)
    position = data.draw(st.integers(0, len(token) - 1))
    mutated = token[:position] + data.draw(st.text(max_size=3)) + token[position + data.draw(st.integers(0, 2)) :]
    try:
        actor = tokens.verify(mutated)
    except TokenInvalidError:
        return
    jwt.decode(mutated, tokens._key, algorithms=["HS256"])
    assert actor == STUDENT


@given(st.text(max_size=300))
def test_any_text_is_refused_cleanly(text: str) -> None:
    with pytest.raises(TokenInvalidError):
        make().verify(text)
