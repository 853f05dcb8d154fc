"""Notes on a file: what is wrong with a row, or with all of it. Typed, kept as code and data, said in the reader's language."""

from __future__ import annotations

from typing import Any

from app.extensions.records import record


@record
class Note:
    """`row` as a spreadsheet counts (the header is 1; 0 means the file), `column` by its name ("" for the row)."""

    row: int
    column: str
    code: str
    data: tuple[tuple[str, str], ...] = ()


def note(row: int, column: str, code: str, **data: object) -> Note:
    """A note; long values are cut, they stand in the file anyway."""
    return Note(row, column, code, tuple((name, str(value)[:80]) for name, value in data.items()))


TEXTS: dict[str, tuple[str, str]] = {
    # The file.
    "encoding_unknown": (
        "无法识别文件编码，请存为 UTF-8 或 GBK。",
        "The file's encoding is not known. Save it as UTF-8 or GBK.",
    ),
    "not_a_table": (
        "这不是 CSV 或 XLSX（可能是图片、PDF、压缩包或旧版 .xls）。请另存为 CSV 或 XLSX。",
        "This is neither CSV nor XLSX; perhaps a picture, a PDF, an archive, or an old .xls. Save it as CSV or XLSX.",
    ),
    "file_empty": ("文件是空的。", "The file is empty."),
    "no_rows": ("除表头外没有数据行。", "There are no rows below the header."),
    "header_wrong": (
        "表头不对，缺少：{missing}。请使用模板。",
        "The header is wrong; missing: {missing}. Use the template.",
    ),
    "header_twice": ("表头中“{heading}”出现两次。", "“{heading}” stands in the header twice."),
    "too_many_rows": (
        "行数超过上限 {limit}，请分成几份。",
        "There are more than {limit} rows. Upload the file in parts.",
    ),
    "csv_malformed": ("第 {line} 行的引号不成对。", "The quotes do not match at line {line}."),
    "xlsx_unreadable": ("无法作为 XLSX 读取。", "This cannot be read as XLSX."),
    "xlsx_too_big": ("XLSX 解开后过大。", "The XLSX is too big when unpacked."),
    # A row.
    "too_many_columns": ("列数比表头多。", "There are more cells than headings."),
    "control_characters": ("含有不可见的控制字符。", "There are control characters in it."),
    "formula": ("不接受公式。", "Formulas are not accepted."),
    "missing": ("不能为空。", "This must not be empty."),
    "too_long": ("最多 {most} 个字符。", "{most} characters at most."),
    "not_one_of": ("“{value}”不在可选值内：{choices}。", "“{value}” is none of: {choices}."),
    "not_a_number": ("“{value}”不是 {least} 到 {most} 的数。", "“{value}” is not a number from {least} to {most}."),
    "not_a_code": ("“{value}”只能含字母、数字。", "“{value}” may hold letters and digits only."),
    "not_a_time": ("“{value}”不是时间，请写成 2027-01-08 09:00。", "“{value}” is no time. Write 2027-01-08 09:00."),
    "not_an_email": ("“{value}”不是邮箱地址。", "“{value}” is not an e-mail address."),
    "not_a_meeting": (
        "看不懂“{value}”，请写成 周三|3-4节|1-16周(单)|主楼101，多次之间用分号。",
        "Cannot read “{value}”. Write Wed|3-4|1-16(odd)|Room 101, and a semicolon between two.",
    ),
    "twice_in_file": ("与第 {other} 行重复。", "The same as row {other}."),
    "unknown": ("系统中没有“{value}”。", "There is no “{value}” in the system."),
    "ambiguous": ("“{value}”有多个，无法确定。", "There are several “{value}”."),
    "deleted": ("“{value}”已被删除，请先恢复或换一个。", "“{value}” was deleted. Restore it first, or use another."),
    "username_taken": ("用户名“{value}”已被使用。", "The username “{value}” is taken."),
    "username_invalid": ("“{value}”不能作为用户名。", "“{value}” cannot be a username."),
    "seats_fixed": (
        "已有课程班的名额、时间和状态不能通过导入修改，请在课程班页面修改。",
        "Seats, times and state of a section that exists are changed on its page, not by an import.",
    ),
    "withdrawn": (
        "退学请在学生页面办理；已退学的学生不能修改。",
        "Withdrawing is done on the student's page; who has withdrawn is not changed any more.",
    ),
    "credits_in_use": (
        "本学期已有 {enrolments} 人选了这门课，学分不能更改。",
        "{enrolments} students have this course in a term that is not over, so its credits cannot change.",
    ),
    "meets_itself": ("这个课程班自己的时间相互冲突。", "This section clashes with itself."),
    "place_taken": (
        "“{value}”在这个时间已安排给 {title}。",
        "“{value}” is taken by {title} at that time.",
    ),
    "teacher_taken": (
        "教师“{value}”在这个时间已在 {title} 上课。",
        "The teacher “{value}” teaches {title} at that time.",
    ),
    "prerequisite_cycle": (
        "“{value}”直接或间接以本课程为先修，不能再作本课程的先修。",
        "“{value}” needs this course itself, directly or by others, so it cannot come before it.",
    ),
    "refused": ("数据库拒绝了这一行。", "The database refused this row."),
}


def words_of(code: str, data: dict[str, Any], language: str) -> str:
    """The sentence for people, `language` being "zh" or "en"."""
    text = TEXTS[code][1 if language == "en" else 0]
    return text.format(**data)
