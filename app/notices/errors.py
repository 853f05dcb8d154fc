"""What may go wrong with a notice; targets that nobody knows are `invalid_input`."""

from __future__ import annotations

from app.errors import SeatrushError


class NoticeNotFoundError(SeatrushError):
    """There is none, it was taken back, or it is not for the person who asks."""

    code = "notice_not_found"
    status = 404
    zh = "没有这条通知。"
    en = "There is no such notice."
