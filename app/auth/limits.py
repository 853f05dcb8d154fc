"""How often somebody may try to sign in: per username, and per address, in fixed windows of one minute.

Charged before the password is looked at; given back when it was right, so that a lecture hall behind one address is not
locked out by its own success.
"""

from __future__ import annotations

from app.auth.errors import TooManyAttemptsError
from app.extensions.tries import Tries

# Whole dormitories share an address.
ADDRESS_FACTOR = 20


class LoginLimits:
    """Raises TooManyAttemptsError from `charge`; `refund` after a success."""

    def __init__(self, tries: Tries, attempts_per_minute: int) -> None:
        self._tries = tries
        self._attempts = attempts_per_minute

    def charge(self, username: str, address: str) -> None:
        """Count one attempt. Raises TooManyAttemptsError when there were too many in this minute."""
        (by_username, by_address), left_s = self._tries.add(_names(username, address), 1)
        if by_username > self._attempts or by_address > self._attempts * ADDRESS_FACTOR:
            raise TooManyAttemptsError(retry_after=left_s)

    def refund(self, username: str, address: str) -> None:
        """The attempt was a success: it does not count."""
        self._tries.add(_names(username, address), -1)


def _names(username: str, address: str) -> tuple[str, str]:
    return f"login:u:{username}", f"login:a:{address}"
