"""Every operator setting there is: its type, its bounds, its default. A new one is one line here."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from app.controls.errors import ControlNotFoundError
from app.extensions.records import record

LANGUAGES = ("zh", "en")
# What no page and no database shows as it is; line ends are fine.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


@record
class Control:
    """One setting. `check(value)` gives the value to store, or raises ValueError saying (in English) what is wrong."""

    key: str
    kind: str
    default: Any
    zh: str
    en: str

    def check(self, value: Any) -> Any:
        raise NotImplementedError

    @property
    def bounds(self) -> dict[str, int]:
        """What a form may say beforehand: minimum and maximum of a number, or the length of a text."""
        return {}


@record
class Number(Control):
    """A whole number from `minimum` to `maximum`."""

    minimum: int = 0
    maximum: int = 0

    def check(self, value: Any) -> int:
        if not isinstance(value, int) or isinstance(value, bool) or not self.minimum <= value <= self.maximum:
            raise ValueError(f"A whole number from {self.minimum} to {self.maximum}.")
        return value

    @property
    def bounds(self) -> dict[str, int]:
        return {"minimum": self.minimum, "maximum": self.maximum}


@record
class Switch(Control):
    """On or off."""

    def check(self, value: Any) -> bool:
        if not isinstance(value, bool):
            raise ValueError("true or false.")
        return value


@record
class Notice(Control):
    """A text in both languages, {"zh": …, "en": …}, each of at most `longest` characters; "" says nothing."""

    longest: int = 500

    def check(self, value: Any) -> dict[str, str]:
        if not isinstance(value, dict) or value.keys() != set(LANGUAGES):
            raise ValueError('A text in both languages: {"zh": "…", "en": "…"}.')
        return {language: self._text(value[language]) for language in LANGUAGES}

    def _text(self, text: Any) -> str:
        if not isinstance(text, str) or len(text) > self.longest:
            raise ValueError(f"A text of at most {self.longest} characters.")
        if _UNPRINTABLE.search(text):
            raise ValueError("Control characters are not allowed.")
        return text.strip()

    @property
    def bounds(self) -> dict[str, int]:
        return {"longest": self.longest}


_ALL = (
    Number(
        "audit_keep_days",
        "number",
        180,
        "请求日志保留天数",
        "Days for which the request log is kept",
        minimum=7,
        maximum=3650,
    ),
    Switch(
        "audit_staff_reads",
        "switch",
        True,
        "记录管理人员查看名单与日志的请求",
        "Log the requests by which staff look at rosters and logs",
    ),
    Number(
        "selection_credit_limit_default",
        "number",
        30,
        "每学期默认选课学分上限",
        "Credits a student may select in a term, unless a round says otherwise",
        minimum=1,
        maximum=100,
    ),
    Number(
        "lecture_quota",
        "number",
        0,
        "每名学生每学期可预约的讲座场数（0 为不限）",
        "Lectures a student may have booked in a term (0: as many as they like)",
        minimum=0,
        maximum=1000,
    ),
    Number(
        "lecture_no_shows",
        "number",
        0,
        "缺席多少场讲座后本学期不能再预约（0 为不限制）",
        "Missed lectures after which a student may book no more in that term (0: no limit)",
        minimum=0,
        maximum=100,
    ),
    Notice(
        "maintenance_notice",
        "notice",
        {"zh": "", "en": ""},
        "全站维护公告（留空则不显示）",
        "Maintenance notice on every page (empty: none)",
    ),
)

REGISTRY: Mapping[str, Control] = {control.key: control for control in _ALL}


def control_of(key: str) -> Control:
    """The setting of that name. Raises ControlNotFoundError."""
    try:
        return REGISTRY[key]
    except KeyError as error:
        raise ControlNotFoundError from error
