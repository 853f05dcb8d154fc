"""What a process says of itself beside its pulse."""

from __future__ import annotations

from dataclasses import asdict
from time import time
from typing import Any

from app.admission.engine import Engine
from app.extensions.services import Services

# Compared every 3 s by whoever has the lease: who was relieved of it, or is kept from it, must not go on telling.
OLD_AFTER_S = 60.0


def process_facts(services: Services, engine: Engine) -> dict[str, Any]:
    """Breakers and epoch as this process sees them; of a web worker, up to when it knows the rules of what may be claimed
    (`read_ahead`, Unix time in s); and, while it reconciles, what came of it last."""
    outcome = engine.reconciler.outcome
    if outcome is not None and time() - outcome.at > OLD_AFTER_S:
        outcome = None
    return {
        "breakers": services.breakers.states(),
        "epoch": engine.epochs.current,
        "read_ahead": engine.reading_ahead.since or None,
        "reconciliation": None if outcome is None else asdict(outcome),
    }
