"""What may go wrong with an operator setting; a stale version is a `conflict`, a wrong value `invalid_input`."""

from __future__ import annotations

from app.errors import SeatrushError


class ControlNotFoundError(SeatrushError):
    code = "control_not_found"
    status = 404
    zh = "没有这项系统设置。"
    en = "There is no such system setting."
