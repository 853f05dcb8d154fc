"""What the rules over several lectures say."""

from __future__ import annotations

from app.errors import SeatrushError


class LectureQuotaError(SeatrushError):
    """Data: `limit` and `used`, in lectures of the term."""

    code = "lecture_quota"
    status = 409
    zh = "本学期最多可预约 {limit} 场讲座，你已预约 {used} 场。"
    en = "You may book {limit} lectures this term, and have booked {used}."


class NoShowHoldError(SeatrushError):
    """Data: `missed`, how many lectures of the term counted against the student."""

    code = "no_show_hold"
    status = 403
    zh = "你本学期有 {missed} 场已预约的讲座没有到场，本学期不能再预约。如有疑问，请联系管理员。"
    en = "You missed {missed} lectures that you had booked this term, and may book no more in it. Ask the office if in doubt."
