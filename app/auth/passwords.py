"""Passwords: argon2id in threads, so that hashing never holds up the event loop; salted MD5 accepted once (S2).

argon2-cffi gives up the GIL while it works. A process hashes `threads` at a time and lets `waiting` more queue; beyond
that it says "busy" at once instead of making everybody wait.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from hmac import compare_digest
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from gevent.threadpool import ThreadPool

from app.auth.errors import BusyError

T = TypeVar("T")

# OWASP's first choice for argon2id at 19 MiB: about 25 ms on one core, which is what 30,000 sign-ins can afford.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)


@dataclass(frozen=True, slots=True)
class StoredPassword:
    """What an account row holds: an argon2id hash, or an old system's MD5 and salt."""

    password_hash: str | None = None
    legacy_hash: str | None = None
    legacy_salt: str | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """`new_hash` is what to store instead: the old one was MD5, or made with other parameters."""

    right: bool
    new_hash: str | None = None


class Passwords:
    """Checks and hashes. One per process; its threads start with the first password."""

    def __init__(self, *, threads: int = 2, waiting: int = 100) -> None:
        self._threads = threads
        self._limit = threads + waiting
        self._inside = 0
        self._pool: ThreadPool | None = None

    def verify(self, stored: StoredPassword | None, password: str) -> Verdict:
        """Compare; None (no such user) costs the same and is never right. Raises BusyError."""
        return self._in_thread(lambda: _verify(stored, password))

    def hash(self, password: str) -> str:
        """An argon2id hash to store. Raises BusyError."""
        return self._in_thread(lambda: _HASHER.hash(password))

    def _in_thread(self, work: Callable[[], T]) -> T:
        if self._inside >= self._limit:
            raise BusyError(retry_after=2)
        if self._pool is None:
            self._pool = ThreadPool(self._threads)
        self._inside += 1
        try:
            result: T = self._pool.apply(work)
        finally:
            self._inside -= 1
        return result


def _verify(stored: StoredPassword | None, password: str) -> Verdict:
    if stored is None or stored.password_hash is None:
        right = stored is not None and _legacy_matches(stored, password)
        # Hash in every case: an old row or a missing one must not show by being quick.
        new_hash = _HASHER.hash(password)
        return Verdict(right, new_hash if right else None)
    try:
        _HASHER.verify(stored.password_hash, password)
    except (VerifyMismatchError, VerificationError, InvalidHashError):
        return Verdict(right=False)
    stale = _HASHER.check_needs_rehash(stored.password_hash)
    return Verdict(right=True, new_hash=_HASHER.hash(password) if stale else None)


def _legacy_matches(stored: StoredPassword, password: str) -> bool:
    """MD5 with the salt before or after the password: S2's text says "salted, then MD5" and leaves the order open."""
    if not stored.legacy_hash or stored.legacy_salt is None:
        return False
    salt, given, expected = stored.legacy_salt.encode(), password.encode(), stored.legacy_hash.lower()
    digests = (hashlib.md5(text, usedforsecurity=False).hexdigest() for text in (salt + given, given + salt))
    return any(compare_digest(digest, expected) for digest in digests)
