"""Reconciliation by hand: every pool of every current offering, Redis against MariaDB, now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from app.admission.engine import Engine
from app.admission.reconcile import EXAMPLES, Difference, Outcome, Reconciler
from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.extensions.services import Services

EVERYTHING = 1_000_000


@dataclass(frozen=True, slots=True)
class Comparison:
    """`compared` is False while something is in flight; `differing` counts all, `differences` names the first."""

    compared: bool
    offerings: int
    differing: int
    differences: Sequence[Difference]


def compare_all(services: Services, engine: Engine, actor: Actor) -> Comparison:
    """Mends nothing: the maintenance program does, once a pool has differed twice. Raises EpochError, RedisError and
    SQLAlchemyError."""
    actor.require(Permission.OPS)
    # One of its own: it has not looked at a part before, and leaves the program's outcome alone.
    reconciler = Reconciler(services.db, engine.store, engine.kinds, engine.epochs)
    found = reconciler.differences(at_once=EVERYTHING)
    outcome = cast(Outcome, reconciler.outcome)  # it has just compared
    return Comparison(outcome.compared, outcome.offerings, len(found), found[:EXAMPLES])
