"""What is wrong with a field, in Chinese: the validators and the domain say it in English, the answer in the reader's words.

A sentence that is not here stays English, rather than saying nothing.
"""

from __future__ import annotations

import re
from typing import Any

_EXACT = {
    "Missing data for required field.": "必填。",
    "Field may not be null.": "不能为空。",
    "Unknown field.": "没有这一项。",
    "Invalid input type.": "格式不对。",
    "Not a valid integer.": "请填整数。",
    "Not a valid number.": "请填数字。",
    "Not a valid string.": "请填文字。",
    "Not a valid boolean.": "只能是“是”或“否”。",
    "Not a valid list.": "应为一个列表。",
    "Not a valid mapping type.": "格式不对。",
    "Not a valid email address.": "邮箱地址不对。",
    "Not a valid date.": "日期不对。",
    "Not a valid datetime.": "时间不对。",
    "Not a valid time.": "时间不对。",
    "Not a valid id.": "编号不对。",
    "Not a cursor of this list.": "翻页位置不对，请从头再看。",
    "String does not match expected pattern.": "写法不对。",
    "Control characters are not allowed.": "不能含有控制字符。",
    "Write it as YYYY-MM-DD.": "请写成 2026-10-01 的样子。",
    "There is no such day.": "没有这一天。",
    "This day is out of range.": "日期太早或太晚。",
    "There is no such time.": "没有这个时刻。",
    "This time is out of range.": "时间太早或太晚。",
    "true or false.": "只能是“是”或“否”。",
    "Must be equal to False.": "只能是“否”。",
    'A text in both languages: {"zh": "…", "en": "…"}.': "须有中文和英文两种文字。",
    "Say why.": "请写明原因。",
    "A path of this site (/…) or an https:// address.": "请填站内地址（以 / 开头）或 https:// 开头的地址。",
    "A list with commas, not too long.": "用逗号分隔，不要太长。",
    "a-z, 0-9, and . _ @ - inside; at most 64 characters": "小写字母、数字，中间可用 . _ @ -，最多 64 个字符。",
    "Only a manager's permissions can be chosen.": "只有管理员的权限可以选择。",
    "A term begins on a Monday.": "必须是周一。",
    "A new lecture is a draft or published.": "新讲座只能是草稿或已发布。",
    "A cancellation cannot be combined with other changes.": "取消时不能同时修改别的内容。",
    "A lecture must end after it starts.": "结束时间要晚于开讲时间。",
    "Booking must close after it opens.": "截止时间要晚于开放时间。",
    "Booking must close before the lecture ends.": "截止时间不能晚于讲座结束。",
    "Must be before the lecture ends.": "不能晚于讲座结束。",
    "More seats are reserved than there are.": "预留名额超过了总名额。",
    "The same pool is named twice.": "同一类名额写了两次。",
    "Name at least one college, grade or class.": "至少选一个学院、年级或班级。",
    "Each needs at least one college, grade or class.": "每一组至少要有一个学院、年级或班级。",
    "Name a college, a grade or a class.": "请选学院、年级或班级。",
    "Name a course or a section.": "请选课程或课程班。",
    "Must be another section than the one to drop.": "不能是要退的那个课程班。",
    "Not a section of that course.": "不是这门课的课程班。",
    "It must lie within the round.": "必须在这一轮的时间之内。",
    "A ticket is for somebody: name a group or a student.": "请指定学院、年级、班级或学生。",
    "It can only be moved to a later time.": "只能改晚。",
    "It must close after it opens.": "截止时间要晚于开放时间。",
    "Dropping cannot end before the round opens.": "退选截止不能早于开放时间。",
    "For a fair round, and only for one: how many seconds are shuffled.": "公平开局须填随机排序的秒数，其他方式不填。",
    "Only wishes of a lottery have points.": "只有抽签的志愿才有点数。",
    "Each section once.": "每个课程班只能出现一次。",
    "A section can be wished for once.": "每个课程班只能填一次志愿。",
}
_PATTERNS = [
    (r"Shorter than minimum length 1\.", r"不能为空。"),
    (r"Shorter than minimum length (\d+)\.", r"至少 \1 个字。"),
    (r"Longer than maximum length (\d+)\.", r"最多 \1 个字或 \1 项。"),
    (r"Length must be between (\d+) and (\d+)\.", r"长度须在 \1 到 \2 之间。"),
    (r"Length must be (\d+)\.", r"长度须为 \1。"),
    (r"Must be greater than or equal to (\S+) and less than or equal to (\S+)\.", r"须在 \1 到 \2 之间。"),
    (r"Must be greater than or equal to (\S+?)\.", r"不能小于 \1。"),
    (r"Must be less than or equal to (\S+?)\.", r"不能大于 \1。"),
    (r"Must be greater than (\S+?)\.", r"须大于 \1。"),
    (r"Must be one of: (.+)\.", r"只能是：\1。"),
    (r"Between 0 and (\S+), with one decimal\.", r"须在 0 到 \1 之间，最多一位小数。"),
    (r"Between (\d+) and (\d+) characters\.", r"须有 \1 到 \2 个字。"),
    (r"Between (\S+) and (\S+)\.", r"须在 \1 到 \2 之间。"),
    (r"Write it as RFC 3339 .*", r"时间要带时区，例如 2026-11-20T18:30:00+08:00。"),
    (r"A lecture lasts at most (\d+) days\.", r"讲座最长 \1 天。"),
    (r"A whole number from (\S+) to (\S+)\.", r"请填 \1 到 \2 的整数。"),
    (r"A text of at most (\d+) characters\.", r"最多 \1 个字。"),
    (r"No such student: (.+)", r"没有这个学生：\1"),
    (r"No such course: (.+)", r"没有这门课程：\1"),
    (r"Unknown: (.+)", r"没有：\1"),
    (r"(.+): it ends before it begins\.", r"\1：结束节次早于开始。"),
    (r"(.+): the term has (\d+) weeks\.", r"\1：本学期只有 \2 周。"),
    (r"(.+) and (.+) are at the same time\.", r"\1 和 \2 时间重叠。"),
    (r"No such pool: (.+)", r"没有这类名额：\1"),
    (r"No section of this term: (.+)\.", r"本学期没有这个课程班：\1。"),
    (r"A list of 1 to (\d+) different ids\.", r"须有 1 到 \1 个不同的编号。"),
]
_COMPILED = [(re.compile(pattern), chinese) for pattern, chinese in _PATTERNS]


def in_chinese(told: Any) -> Any:
    """The same fields with their messages in Chinese: {field: [message] or {…}}, as deep as it goes."""
    if isinstance(told, str):
        return _said(told)
    if isinstance(told, dict):
        return {name: in_chinese(inner) for name, inner in told.items()}
    return [in_chinese(one) for one in told] if isinstance(told, list) else told


def _said(message: str) -> str:
    if message in _EXACT:
        return _EXACT[message]
    for pattern, chinese in _COMPILED:
        found = pattern.fullmatch(message)
        if found:
            return found.expand(chinese)
    return message
