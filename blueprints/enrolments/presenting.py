"""Refusals and credits as the pages of course selection get them."""

from __future__ import annotations

from typing import Any

from app.enrolment.mine import Credits
from app.errors import SeatrushError
from blueprints.context import language


def problem_document(error: SeatrushError) -> dict[str, Any]:
    """{code, detail, …data}: the refusal without what belongs to an answer of its own."""
    spoken = language()
    return {**error.told(spoken), "code": error.code, "detail": error.message(spoken)}


def credits_document(own: Credits) -> dict[str, float]:
    """Numbers with one decimal."""
    return {"limit": own.limit / 10, "used": own.used / 10, "waiting": own.waiting / 10}
