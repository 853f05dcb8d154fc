"""What may go wrong with choosing a section, beyond the engine's refusals; and these with what they are about by name."""

from __future__ import annotations

from app.admission.errors import DuplicateGroupError, PrerequisiteError, TimetableClashError
from app.errors import ConflictError, SeatrushError


class WishesOnlyError(SeatrushError):
    """Data: `round_id`."""

    code = "wishes_only"
    status = 403
    zh = "本轮为志愿抽签，请填报志愿，抽签后公布结果。"
    en = "This round is a lottery: hand in your wishes, and see what was drawn."


class OtherTermError(SeatrushError):
    code = "section_not_in_round"
    status = 409
    zh = "这个课程班不属于本轮选课的学期。"
    en = "This section does not belong to the term of this round."


class ClashesWithError(TimetableClashError):
    """Data as TimetableClashError, with `offering_title` and `when` that one meets."""

    zh = "与 {offering_title} {when} 冲突。"
    en = "It clashes with {offering_title}, {when}."


class SameCourseError(DuplicateGroupError):
    """Data as DuplicateGroupError, with `offering_title`."""

    zh = "你已经选了 {offering_title}，一门课只能选一个班。"
    en = "You already have {offering_title} of this course."


class NeedsCourseError(PrerequisiteError):
    """Data: `needs`, the course, and `needs_title`, its name."""

    zh = "需要先修读并通过 {needs_title}。"
    en = "You must have passed {needs_title} first."


class CreditAccountNotFoundError(SeatrushError):
    code = "credit_account_not_found"
    status = 404
    zh = "没有这个学分账户。"
    en = "There is no such credit account."


class CreditAccountTakenError(ConflictError):
    code = "credit_account_taken"
    zh = "该学生在这个学期已有学分账户。"
    en = "The student has a credit account in that term already."


class CreditsUsedError(ConflictError):
    """Data: `used`, as a decimal string."""

    code = "credits_used"
    zh = "已用 {used} 学分，上限不能低于它。"
    en = "{used} credits are used already; the limit cannot go below that."


class SectionTakenError(ConflictError):
    """Section numbers are never given out twice. Data: `section_no`."""

    code = "section_taken"
    zh = "该课程本学期已有 {section_no} 班。"
    en = "The course has a section {section_no} in that term already."


class SectionCancelledError(ConflictError):
    """Everybody has been told."""

    code = "section_cancelled"
    zh = "课程班已取消，不能再修改。"
    en = "This section is cancelled and cannot be changed any more."


class SectionChosenError(ConflictError):
    """Data: `taken`, `waiting`."""

    code = "section_chosen"
    zh = "已有学生选了这个课程班，不能退回草稿；如不开课，请取消。"
    en = "Students have chosen it, so it cannot become a draft again. Cancel it if it will not take place."


class TimesTakenError(ConflictError):
    """Times, room or teacher of a section are in somebody's way; `force` with a reason sets them all the same.

    Data: `concerned`, everybody in whose way (at most 50): [{kind: place|teacher|student, name, offering_id, offering_title,
    when}] with the other section and the time that both share; and the first of them by itself.
    """


class PlaceTakenError(TimesTakenError):
    code = "place_taken"
    zh = "{name} {when} 已安排给 {offering_title}；如仍要安排，请说明原因并强制执行。"
    en = "{name} is taken by {offering_title}, {when}. Force it with a reason to do it anyway."


class TeacherTakenError(TimesTakenError):
    code = "teacher_taken"
    zh = "{name} {when} 已在 {offering_title} 上课；如仍要安排，请说明原因并强制执行。"
    en = "{name} teaches {offering_title} then, {when}. Force it with a reason to do it anyway."


class MeetingsClashError(TimesTakenError):
    """The new times clash with what students of the section have elsewhere. Data also: `students`, how many."""

    code = "meetings_clash"
    zh = "新的上课时间会使 {students} 名已选学生的课程冲突；如仍要更改，请说明原因并强制执行。"
    en = "The new times clash with other courses of {students} of its students. Force it with a reason to do it anyway."
