"""What may go wrong with lectures, besides what the engine says."""

from __future__ import annotations

from app.errors import SeatrushError


class LectureNotFoundError(SeatrushError):
    code = "lecture_not_found"
    status = 404
    zh = "没有这场讲座。"
    en = "There is no such lecture."


class RoomTakenError(SeatrushError):
    """Data: `title` and `lecture_id` of the lecture that has the room then."""

    code = "room_taken"
    status = 409
    zh = "该时间段场地已被《{title}》占用。"
    en = "The room is taken at that time by “{title}”."


class TicketInvalidError(SeatrushError):
    code = "ticket_invalid"
    status = 422
    zh = "票码无效。"
    en = "This ticket is not valid."


class TicketNotConfirmedError(SeatrushError):
    """Data: `state` of the booking."""

    code = "ticket_not_confirmed"
    status = 409
    zh = "该预约未生效，不能签到。"
    en = "This booking is not confirmed, so it cannot be checked in."


class CheckInTooEarlyError(SeatrushError):
    """Data: `from_` (RFC 3339)."""

    code = "check_in_closed"
    status = 403
    zh = "现在不在签到时间内。"
    en = "Check-in is not open now."
