"""What may go wrong in the catalogue."""

from __future__ import annotations

from app.errors import SeatrushError


class CourseNotFoundError(SeatrushError):
    code = "course_not_found"
    status = 404
    zh = "没有这门课程。"
    en = "There is no such course."


class SectionNotFoundError(SeatrushError):
    code = "section_not_found"
    status = 404
    zh = "没有这个课程班。"
    en = "There is no such section."


class TermNotFoundError(SeatrushError):
    code = "term_not_found"
    status = 404
    zh = "没有这个学期。"
    en = "There is no such term."


class RoundNotFoundError(SeatrushError):
    """There is none with this id, or it is not the one that counts for these sections now."""

    code = "round_not_found"
    status = 404
    zh = "没有这个选课轮次，或它不适用于所选的课程班。"
    en = "There is no such round, or it is not the one that counts for these sections."


class NoProgrammeError(SeatrushError):
    """The token belongs to nobody in a class."""

    code = "no_programme"
    status = 404
    zh = "只有学生才有培养方案。"
    en = "Only students have a study plan."


class WeeksInvalidError(SeatrushError):
    """Data: `text`, and `part`, the piece that could not be read."""

    code = "weeks_invalid"
    status = 422
    zh = "看不懂周次“{text}”中的“{part}”，请写成 1-16周、3-15周(单) 或 1-8,10,12-16周。"
    en = "Cannot read “{part}” in the weeks “{text}”. Write 1-16, 3-15 (odd) or 1-8,10,12-16."
