"""Copies on another host of what this one is about to spool: without Redis and the broker a spool is all that knows of a
claim, and a host can be lost for good (DESIGN §3). Whoever holds a copy sends it on like its own; settle decides a claim once.

One host alone has no peers: its promise is its own disk's.
"""

from __future__ import annotations

import hmac
import logging
from collections import deque
from collections.abc import Sequence
from http.client import HTTPConnection, HTTPException

from app.admission.claims import Claim
from app.admission.errors import NotOurPeerError
from app.admission.spool import Spool
from app.admission.spool_lines import claims_in, line

logger = logging.getLogger(__name__)

PATH = "/internal/spool"  # of the web programs; no Nginx passes it on
SIGNATURE = "X-Seatrush-Signature"
# A peer that is off must not keep the claims of a pass waiting longer.
WITHIN_S = 1.0
AT_ONCE = 200  # claims of some 400 bytes: below the largest body that is taken


class Copies:
    """`keep()` on the host that spools, `take()` on the one that keeps a copy."""

    def __init__(self, peers: Sequence[str], secret_key: str, spool: Spool) -> None:
        self._peers = deque(peers)
        self._key = hmac.digest(secret_key.encode(), b"seatrush spool copy", "sha256")
        self._spool = spool

    def keep(self, claims: Sequence[Claim]) -> None:
        """Have another host keep these, if there are any. Raises OSError when none did in time."""
        if self._peers:
            for at in range(0, len(claims), AT_ONCE):
                self._give(b"".join(line(claim) for claim in claims[at : at + AT_ONCE]))

    def _give(self, body: bytes) -> None:
        """To the peer that took the last one, as long as it does."""
        for peer in list(self._peers):
            try:
                return self._post(peer, body)
            except (OSError, HTTPException) as error:
                logger.warning("no copy of the spool at %s: %r", peer, error)
                if self._peers[0] == peer:
                    self._peers.rotate(-1)
        raise OSError("no other host took a copy of the spool")

    def _post(self, peer: str, body: bytes) -> None:
        connection = HTTPConnection(peer, timeout=WITHIN_S)
        try:
            connection.request("POST", PATH, body, {SIGNATURE: self._sign(body)})
            answer = connection.getresponse()
            if answer.status != 204:
                raise OSError(f"it answers {answer.status}")
        finally:
            connection.close()

    def take(self, body: bytes, signature: str) -> int:
        """Spool what another host sends. Returns how many claims. Raises NotOurPeerError, ValueError for what is no spool,
        OSError when the disk does not take it."""
        if not hmac.compare_digest(self._sign(body).encode(), signature.encode()):
            raise NotOurPeerError
        claims, unreadable = claims_in(body, "a copy of another host's spool")
        if not claims or unreadable or not body.endswith(b"\n"):
            raise ValueError("a torn copy is none")
        self._spool.append(claims)
        return len(claims)

    def _sign(self, body: bytes) -> str:
        return hmac.new(self._key, body, "sha256").hexdigest()
