"""What a process says of itself beside its pulse."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from app.admission.engine import Engine
from app.extensions.services import Services


def process_facts(services: Services, engine: Engine) -> dict[str, Any]:
    """Breakers and epoch as this process sees them; and, where it reconciles, what came of it last."""
    outcome = engine.reconciler.outcome
    return {
        "breakers": services.breakers.states(),
        "epoch": engine.epochs.current,
        "reconciliation": None if outcome is None else asdict(outcome),
    }
