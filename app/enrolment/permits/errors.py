"""What may go wrong with tickets, holds, restrictions and overrides."""

from __future__ import annotations

from app.errors import SeatrushError


class TicketNotFoundError(SeatrushError):
    code = "time_ticket_not_found"
    status = 404
    zh = "没有这条分时段设置。"
    en = "There is no such time ticket."


class HoldNotFoundError(SeatrushError):
    code = "hold_not_found"
    status = 404
    zh = "没有这条选课限制。"
    en = "There is no such hold."


class RestrictionNotFoundError(SeatrushError):
    code = "restriction_not_found"
    status = 404
    zh = "没有这条紧急设置。"
    en = "There is no such restriction."


class OverrideNotFoundError(SeatrushError):
    code = "override_not_found"
    status = 404
    zh = "没有这条特批。"
    en = "There is no such override."


class StudentUnknownError(SeatrushError):
    """Data: `username`."""

    code = "student_not_found"
    status = 404
    zh = "没有学号或用户名为 {username} 的学生。"
    en = "There is no student with the number or name {username}."
