"""Times and texts on the wire: RFC 3339 with offset, and strings that a database and a calendar can hold."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError, fields

from blueprints.context import services

_RFC3339 = re.compile(r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?([Zz]|[+-]\d{2}:\d{2})", re.ASCII)
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
# Far enough from both ends of the calendar for every time zone.
EARLIEST = datetime(1970, 1, 2, tzinfo=UTC)
LATEST = datetime(9999, 12, 30, tzinfo=UTC)
# Control characters (line ends and tabs are for `lines`), and what Unicode says is no character at all.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
_CONTROL_IN_LINES = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")


def parse_moment(text: str) -> datetime:
    """An aware time in UTC. Raises ValueError for anything but RFC 3339 with an offset between EARLIEST and LATEST."""
    found = _RFC3339.fullmatch(text)
    if found is None:
        raise ValueError("Write it as RFC 3339 with an offset, like 2026-11-20T18:30:00+08:00.")
    day, time, fraction, offset = found.groups()
    try:
        moment = datetime.fromisoformat(f"{day}T{time}.{(fraction or '0')[:6]:0<6}{offset.upper()}").astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError("There is no such time.") from error
    if not EARLIEST <= moment <= LATEST:
        raise ValueError("This time is out of range.")
    return moment


def campus_time(moment: datetime | None) -> datetime | None:
    """The same time with the campus's offset, to be shown."""
    return None if moment is None else moment.astimezone(services().settings.campus_timezone)


class Moment(fields.AwareDateTime):
    """A time with offset; a naive one has no meaning here."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str):
            raise ValidationError("Not a valid time.")
        try:
            return parse_moment(value)
        except ValueError as error:
            raise ValidationError(str(error)) from error


class Day(fields.Date):
    """A date of the calendar (YYYY-MM-DD) that is not at its very ends."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> date:
        if not isinstance(value, str) or not _DAY.fullmatch(value):
            raise ValidationError("Write it as YYYY-MM-DD.")
        try:
            day = date.fromisoformat(value)
        except ValueError as error:
            raise ValidationError("There is no such day.") from error
        if not EARLIEST.date() <= day <= LATEST.date() - timedelta(days=366):
            raise ValidationError("This day is out of range.")
        return day


class Text(fields.String):
    """A text without control characters, stripped, of 1 (0 with `empty`) to `most` characters; `lines` allows several.

    At most `most` of them as sent: the document's maxLength knows nothing of stripping."""

    def __init__(self, most: int, *, empty: bool = False, lines: bool = False, **options: Any) -> None:
        bounds = {"maxLength": most, **({} if empty else {"minLength": 1})}
        options.setdefault("metadata", {}).update(bounds)
        super().__init__(**options)
        self._most = most
        self._least = 0 if empty else 1
        self._forbidden = _CONTROL_IN_LINES if lines else _CONTROL

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> str:
        given = str(super()._deserialize(value, attr, data))
        text = given.strip()
        # What is stripped counts: the document says maxLength of what is sent.
        if len(given) > self._most or len(text) < self._least:
            raise ValidationError(f"Between {self._least} and {self._most} characters.")
        if self._forbidden.search(text):
            raise ValidationError("Control characters are not allowed.")
        return text


class Whole(fields.Integer):
    """A whole number between bounds, written as a number."""

    def __init__(self, least: int, most: int, **options: Any) -> None:
        options.setdefault("metadata", {}).update({"minimum": least, "maximum": most})
        super().__init__(strict=True, **options)
        self._least = least
        self._most = most

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> int:
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        if not self._least <= value <= self._most:
            raise ValidationError(f"Between {self._least} and {self._most}.")
        return value
