"""What may go wrong with the university's structure and its people."""

from __future__ import annotations

from app.errors import ConflictError, SeatrushError


class CollegeNotFoundError(SeatrushError):
    code = "college_not_found"
    status = 404
    zh = "没有这个学院。"
    en = "There is no such college."


class DepartmentNotFoundError(SeatrushError):
    code = "department_not_found"
    status = 404
    zh = "没有这个系。"
    en = "There is no such department."


class MajorNotFoundError(SeatrushError):
    code = "major_not_found"
    status = 404
    zh = "没有这个专业。"
    en = "There is no such major."


class ClassNotFoundError(SeatrushError):
    code = "class_not_found"
    status = 404
    zh = "没有这个班级。"
    en = "There is no such class."


class NameTakenError(ConflictError):
    """Data: `name`."""

    code = "name_taken"
    zh = "同一级中已有“{name}”。"
    en = "There is a “{name}” here already."


class ClassTakenError(ConflictError):
    """The major has a class of that number in that grade. Data: `grade`, `class_no`."""

    code = "class_taken"
    zh = "该专业 {grade} 级已有 {class_no} 班。"
    en = "This major has a class {class_no} of {grade} already."


class StudentNotFoundError(SeatrushError):
    code = "student_not_found"
    status = 404
    zh = "没有这名学生。"
    en = "There is no such student."


class TeacherNotFoundError(SeatrushError):
    code = "teacher_not_found"
    status = 404
    zh = "没有这名教师。"
    en = "There is no such teacher."


class StudentNoTakenError(ConflictError):
    """Student numbers are never given out twice. Data: `student_no`."""

    code = "student_no_taken"
    zh = "学号“{student_no}”已被使用。"
    en = "The student number “{student_no}” is taken."


class TeacherNoTakenError(ConflictError):
    """Data: `teacher_no`."""

    code = "teacher_no_taken"
    zh = "工号“{teacher_no}”已被使用。"
    en = "The staff number “{teacher_no}” is taken."


class StudentWithdrawnError(ConflictError):
    """Withdrawing is for good: nothing of the record is edited afterwards."""

    code = "student_withdrawn"
    zh = "该学生已退学，不能再修改。"
    en = "This student has withdrawn; the record cannot be changed any more."
