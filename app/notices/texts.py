"""What a notice says, in the reader's language. The system's own are kept as a code and what they are about."""

from __future__ import annotations

from typing import Any

from app.extensions.records import record
from app.notices.models import Notice


@record
class Words:
    """Title and body in both languages; {title} is the lecture's or course's, {reason} why."""

    zh: tuple[str, str]
    en: tuple[str, str]


WORDS = {
    "promoted": Words(
        (
            "候补成功：{title}",
            "您候补的“{title}”已有名额，现已正式选上。如不需要，请在截止前退出，把名额留给后面的同学。",
        ),
        (
            "You have a seat: {title}",
            "A seat came free, and you have moved from the waiting list to a seat in “{title}”. If you do not want it any"
            " more, give it up in time for the next in line.",
        ),
    ),
    "line_ended": Words(
        ("候补失效：{title}", "轮到您时，您已不符合“{title}”的条件，候补已失效。{reason}"),
        (
            "Your place in the line has ended: {title}",
            "When it was your turn for “{title}”, you no longer met its rules. {reason}",
        ),
    ),
    "called_off": Words(
        ("已取消：{title}", "“{title}”已被取消，您在其中的名额或候补随之失效，请另作安排。"),
        (
            "Called off: {title}",
            "“{title}” has been called off, and your seat or place in the line with it. Please make other arrangements.",
        ),
    ),
    "times_clash": Words(
        (
            "上课时间冲突：{title}",
            "“{title}”的上课时间已调整，与您已选的其他课程冲突。两门课都为您保留，请查看课表，并联系教务处或退选其中一门。",
        ),
        (
            "Times clash: {title}",
            "“{title}” meets at another time now, and clashes with another course of yours. You keep both: please look at your"
            " timetable, and ask the office or drop one of them.",
        ),
    ),
    "revoked": Words(
        ("名额被撤销：{title}", "您在“{title}”的名额或候补已被撤销。{reason}如有疑问，请联系教务处。"),
        (
            "Your place was revoked: {title}",
            "Your seat or place in the line of “{title}” was revoked. {reason}If you have questions, please ask the office.",
        ),
    ),
}

# The rules of enrolment and booking that may end a place in a line; other reasons go without a word.
REASONS = {
    "timetable_clash": ("原因：与您已有的上课时间冲突。", "The reason: it clashes with your timetable. "),
    "credit_limit": ("原因：学分超过上限。", "The reason: it would go beyond your credit limit. "),
    "duplicate_course": ("原因：您已选了同一门课程。", "The reason: you have a section of the same course. "),
    "prerequisite_missing": ("原因：先修课程未通过。", "The reason: a prerequisite has not been passed. "),
    "on_hold": ("原因：您的选课资格被暂停。", "The reason: you are on hold. "),
    "not_eligible": ("原因：它不面向您所在的班级。", "The reason: it is not open to your class. "),
    "lecture_quota": (
        "原因：您本学期可预约的讲座场数已满。",
        "The reason: you have as many lectures as you may have this term. ",
    ),
    "no_show_hold": ("原因：您本学期缺席讲座过多。", "The reason: you missed too many lectures this term. "),
    "lecture_over": ("原因：讲座已经结束。", "The reason: the lecture is over. "),
    "restricted": ("原因：它不面向您所在的班级。", "The reason: it is not open to your class. "),
}


def words_of(notice: Notice, language: str) -> tuple[str, str]:
    """(title, body) in "zh" or "en"; what a person wrote is as he wrote it."""
    if not notice.code:
        return notice.title, notice.body
    return system_words(notice.code, notice.data, language)


def system_words(code: str, data: dict[str, Any], language: str) -> tuple[str, str]:
    """(title, body) of a notice of the system."""
    words, at = WORDS[code], 1 if language == "en" else 0
    title, body = (words.zh, words.en)[at]
    reason = REASONS.get(data.get("reason", ""), ("", ""))[at]
    return title.format(title=data["title"]), body.format(title=data["title"], reason=reason).rstrip()
