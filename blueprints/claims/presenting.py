"""A claim as the API shows it, and the parts every claiming request shares."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from app.admission.claims import Standing
from app.admission.errors import KeyMissingError
from app.admission.gate import Admission
from app.extensions.breakers import DependencyDownError
from blueprints.context import engine, services
from blueprints.lean import FinishedResponse

_KEY = re.compile(r"[\x21-\x7e]{1,128}")
_ACCEPTED = '{"claim_id":"%s","state":"pending","sequence":%s,"status_url":"/api/claims/%s"}'

_JSON = [("Content-Type", "application/json")]


def idempotency_key() -> str:
    """The request's Idempotency-Key. Raises KeyMissingError when absent or malformed."""
    key: str = request.environ.get("HTTP_IDEMPOTENCY_KEY", "")
    if not _KEY.fullmatch(key):
        raise KeyMissingError
    return key


def accepted(admission: Admission) -> Response:
    """202: the claim is durable and will be decided. The same claim always gets the same answer."""
    sequence = "null" if admission.sequence is None else str(admission.sequence)
    body = _ACCEPTED % (admission.claim_id, sequence, admission.claim_id)
    return FinishedResponse(body, 202, _JSON)


def present(standing: Standing, title: str | None = None) -> dict[str, Any]:
    """The claim document of docs/plan.md."""
    return {
        "claim_id": standing.id,
        "kind": standing.kind,
        "action": standing.action,
        "offering_id": str(standing.offering_id),
        "offering_title": title,
        "state": standing.state,
        "reason": standing.reason or None,
        "position": standing.position,
        "sequence": standing.sequence or None,
        "version": standing.version,
        "admitted_at": moment(standing.admitted_at),
        "decided_at": moment(standing.decided_at),
        "target_claim_id": standing.target or None,
    }


def moment(epoch_ms: int) -> datetime | None:
    """A count of milliseconds as campus time, None for 0."""
    return datetime.fromtimestamp(epoch_ms / 1000, services().settings.campus_timezone) if epoch_ms else None


def title_of(kind: str, offering_id: int) -> str | None:
    """The offering's title as this worker knows it; None when MariaDB is away: a title must not cost the answer."""
    try:
        sheet = engine().sheets.get(kind, offering_id)
    except (SQLAlchemyError, DependencyDownError):
        return None
    return getattr(sheet, "title", None)
