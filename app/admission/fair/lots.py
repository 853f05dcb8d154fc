"""The order of a fair opening: HMAC-SHA256(seed, claim id), ascending. Anybody can compute it again from the exported file."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable

ALGORITHM = "HMAC-SHA256(seed, claim_id), ascending"


def lot(seed: bytes, claim_id: str) -> str:
    """A claim's lot, in hex. Nobody knows it before the seed is shown, so that no key is better than another."""
    return hmac.new(seed, claim_id.encode(), hashlib.sha256).hexdigest()


def by_lot(seed: bytes, claim_ids: Iterable[str]) -> list[str]:
    """The claims in the order in which they are decided."""
    return sorted(claim_ids, key=lambda one: (lot(seed, one), one))
