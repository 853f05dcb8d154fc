"""What may go wrong with lectures, besides what the engine says."""

from __future__ import annotations

from app.errors import SeatrushError, TooManyRequestsError


class LectureNotFoundError(SeatrushError):
    code = "lecture_not_found"
    status = 404
    zh = "没有这场讲座。"
    en = "There is no such lecture."


class LectureCancelledError(SeatrushError):
    """A cancelled lecture stays cancelled: everybody has been told."""

    code = "lecture_cancelled"
    status = 409
    zh = "讲座已取消，不能再修改。"
    en = "This lecture is cancelled and cannot be changed any more."


class LectureBookedError(SeatrushError):
    """Data: `taken`, `waiting`."""

    code = "lecture_booked"
    status = 409
    zh = "已有学生预约，不能退回草稿；如不举办，请取消讲座。"
    en = "Students have booked it, so it cannot become a draft again. Cancel it if it will not take place."


class LectureStateError(SeatrushError):
    """Data: `state`."""

    code = "lecture_state"
    status = 409
    zh = "只能删除草稿；已发布的讲座如不举办，请取消。"
    en = "Only a draft can be deleted. Cancel a lecture that will not take place."


class LectureNotOpenedError(SeatrushError):
    """Data: `opens_at` (RFC 3339)."""

    code = "lecture_not_opened"
    status = 409
    zh = "讲座还没有开放预约，不能截止；请修改开放时间。"
    en = "Booking has not opened yet, so it cannot be closed. Change the opening time instead."


class RoomTakenError(SeatrushError):
    """Data: `title` and `lecture_id` of the lecture that has the room then."""

    code = "room_taken"
    status = 409
    zh = "该时间段场地已被《{title}》占用。"
    en = "The room is taken at that time by “{title}”."


class TicketNotFoundError(SeatrushError):
    code = "ticket_not_found"
    status = 404
    zh = "没有这张票。"
    en = "There is no such ticket."


class TicketInvalidError(SeatrushError):
    code = "ticket_invalid"
    status = 422
    zh = "票码无效。"
    en = "This ticket is not valid."


class DoorCodeUnknownError(SeatrushError):
    code = "door_code_unknown"
    status = 422
    zh = "没有这个入场码：可能输错了，或这场讲座现在不在签到时间内。"
    en = "There is no such door code: it may be mistyped, or check-in of that lecture is not open now."


class TooManyDoorCodesError(TooManyRequestsError):
    code = "too_many_door_codes"
    zh = "输错次数太多，请稍候再试，或改用扫码。"
    en = "Too many wrong door codes. Please wait a moment, or scan the ticket."


class TicketNotConfirmedError(SeatrushError):
    """Data: `state` of the booking."""

    code = "ticket_not_confirmed"
    status = 409
    zh = "该预约未生效，不能签到。"
    en = "This booking is not confirmed, so it has no valid ticket."


class CheckInClosedError(SeatrushError):
    """Data: `opens_at`, `closes_at` of check-in (RFC 3339)."""

    code = "check_in_closed"
    status = 403
    zh = "现在不在签到时间内。"
    en = "Check-in is not open now."
