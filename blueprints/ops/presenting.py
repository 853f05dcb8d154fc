"""What the operations endpoints show of domain objects."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

from app.admission.deadletters import DeadLetter
from app.admission.reconcile import Difference
from app.operations.comparing import Comparison
from blueprints.context import services


def overview_document(seen: dict[str, Any]) -> dict[str, Any]:
    """The overview, with times in the campus's zone."""
    zone = services().settings.campus_timezone

    def moment(seconds: float | None) -> datetime | None:
        return None if seconds is None else datetime.fromtimestamp(seconds, UTC).astimezone(zone)

    outcome = seen["reconciliation"]
    if outcome is not None:
        outcome = {**outcome, "at": moment(outcome["at"]), "mended_at": moment(outcome["mended_at"])}
    hosts = [{**one, "written_off_at": moment(one["written_off_at"])} for one in seen["hosts"]]
    return {**seen, "at": seen["at"].astimezone(zone), "reconciliation": outcome, "hosts": hosts}


def letter_document(letter: DeadLetter) -> dict[str, Any]:
    """A dead letter; of each claim what tells whose and where it is."""
    claims = [
        {
            "claim_id": claim.id,
            "kind": claim.kind,
            "action": claim.action,
            "offering_id": str(claim.offering_id),
            "user_id": str(claim.user_id),
        }
        for claim in letter.claims
    ]
    return {"id": letter.id, "reason": letter.reason, "text": letter.text, "claims": claims}


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """What differs, each pool with both sides' numbers."""
    return {**asdict(comparison), "differences": [_difference(one) for one in comparison.differences]}


def _difference(one: Difference) -> dict[str, Any]:
    return {
        "kind": one.size.kind,
        "offering_id": str(one.size.offering_id),
        "pool": one.size.pool,
        "redis_left": one.seen[0],
        "redis_waiting": one.seen[1],
        "mariadb_left": one.size.capacity - one.taken,
        "mariadb_waiting": one.waiting,
    }
