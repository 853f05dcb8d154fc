"""What may go wrong with choosing a section, beyond the engine's refusals; and these with what they are about by name."""

from __future__ import annotations

from app.admission.errors import DuplicateGroupError, PrerequisiteError, TimetableClashError
from app.errors import SeatrushError


class WishesOnlyError(SeatrushError):
    """Data: `round_id`."""

    code = "wishes_only"
    status = 403
    zh = "本轮为志愿抽签，请填报志愿，抽签后公布结果。"
    en = "This round is a lottery: hand in your wishes, and see what was drawn."


class RoundNotFoundError(SeatrushError):
    code = "round_not_found"
    status = 404
    zh = "没有这个选课轮次。"
    en = "There is no such round."


class OtherTermError(SeatrushError):
    code = "section_not_in_round"
    status = 409
    zh = "这个课程班不属于本轮选课的学期。"
    en = "This section does not belong to the term of this round."


class ClashesWithError(TimetableClashError):
    """Data: `offering_id`, `offering_title` and `when` that one meets."""

    zh = "与 {offering_title} {when} 冲突。"
    en = "It clashes with {offering_title}, {when}."


class SameCourseError(DuplicateGroupError):
    """Data: `offering_id`, `offering_title` of the one that is held already."""

    zh = "你已经选了 {offering_title}，一门课只能选一个班。"
    en = "You already have {offering_title} of this course."


class NeedsCourseError(PrerequisiteError):
    """Data: `needs`, the course, and `needs_title`, its name."""

    zh = "需要先修读并通过 {needs_title}。"
    en = "You must have passed {needs_title} first."
