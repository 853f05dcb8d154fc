"""What may go wrong in the catalogue."""

from __future__ import annotations

from app.errors import ConflictError, SeatrushError


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


class TermTakenError(ConflictError):
    """Data: `term_code`."""

    code = "term_taken"
    zh = "学期 {term_code} 已存在。"
    en = "There is a term {term_code} already."


class TermWeeksUsedError(ConflictError):
    """Data: `meetings`, how many are in weeks that would be cut off."""

    code = "term_weeks_used"
    zh = "还有 {meetings} 条上课安排在要去掉的周次里。"
    en = "{meetings} meetings are in weeks that would be cut off."


class CourseTakenError(ConflictError):
    """Course codes are never given out twice. Data: `course_code`."""

    code = "course_taken"
    zh = "课程代码“{course_code}”已被使用。"
    en = "The course code “{course_code}” is taken."


class PrerequisiteCycleError(ConflictError):
    """Nobody could ever take either. Data: `course_id` of the prerequisite that itself needs the course."""

    code = "prerequisite_cycle"
    zh = "先修关系成环：所选先修课程本身又需要先修本课程。"
    en = "That would be a circle: the prerequisite itself needs this course."


class CreditsInUseError(ConflictError):
    """What a course is worth stays while somebody has it in a term that is not over. Data: `enrolments`."""

    code = "credits_in_use"
    zh = "本学期已有 {enrolments} 人选了这门课，学分不能更改。"
    en = "{enrolments} students have this course in a term that is not over, so its credits cannot change."


class PlanNotFoundError(SeatrushError):
    code = "programme_course_not_found"
    status = 404
    zh = "培养方案中没有这一条。"
    en = "There is no such line in a study plan."


class PlannedTwiceError(ConflictError):
    code = "planned_twice"
    zh = "该班级的培养方案中已有这门课程。"
    en = "The class's study plan has this course already."
