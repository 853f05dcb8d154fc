"""What one process needs to know people by: the token key, the tokens called back, the hashing threads, the login limits."""

from __future__ import annotations

from dataclasses import dataclass

from app.auth.limits import LoginLimits
from app.auth.passwords import Passwords
from app.auth.revocations import Revocations
from app.auth.tokens import AccessTokens
from app.extensions.services import Services


@dataclass(frozen=True, slots=True)
class Identity:
    """Build with `Identity.for_process(services)`; one per process."""

    tokens: AccessTokens
    passwords: Passwords
    limits: LoginLimits
    revocations: Revocations

    @classmethod
    def for_process(cls, services: Services) -> Identity:
        """Opens no connection and starts no thread."""
        settings, ttl, clock = services.settings, services.settings.access_token_ttl, services.clock
        revocations = Revocations(services.redis, services.breakers, clock, ttl)
        return cls(
            tokens=AccessTokens(settings.secret_key, ttl, clock, over=revocations.over),
            passwords=Passwords(),
            limits=LoginLimits(services.tries, settings.login_attempts_per_minute),
            revocations=revocations,
        )
