"""What may go wrong with a calendar feed."""

from __future__ import annotations

from app.errors import SeatrushError


class CalendarFeedNotFoundError(SeatrushError):
    """The address was never given out, has been replaced or closed, or its owner may not sign in any more."""

    code = "calendar_feed_not_found"
    status = 404
    zh = "日历订阅地址不存在或已失效。"
    en = "There is no such calendar feed, or not any more."
