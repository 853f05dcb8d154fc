"""Seeds: chosen and committed to when a round is published, shown when it has been drawn and never before."""

from __future__ import annotations

import hashlib
import secrets

from app.catalogue.selection_models import SelectionRound

SEEDED = frozenset({"lottery", "fair"})


def commitment_of(seed: str) -> str:
    """SHA-256 of the seed's bytes, in hex: `printf <seed> | xxd -r -p | sha256sum`."""
    return hashlib.sha256(bytes.fromhex(seed)).hexdigest()


def keep_seed(one: SelectionRound) -> None:
    """Give a published round that needs a seed one; it keeps the one it has."""
    if one.mode in SEEDED and one.seed is None:
        one.seed = secrets.token_hex(32)
        one.commitment = commitment_of(one.seed)
        one.lot_key = secrets.token_hex(32)


def revealed_seed(one: SelectionRound) -> str | None:
    """The seed for everybody's eyes: None until the round has been drawn."""
    return one.seed if one.drawn_at is not None else None
