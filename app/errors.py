"""The one error base. A domain declares its errors beside itself; `blueprints.errors` renders them (RFC 9457)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from app.field_words import in_chinese


@dataclass(frozen=True, slots=True)
class Words:
    """A text in both languages, as a value among an error's data."""

    zh: str
    en: str

    def spoken(self, language: str) -> str:
        """`language` being "zh" or "en"."""
        return self.zh if language == "zh" else self.en


class SeatrushError(Exception):
    """Something a caller did, or must be told, with a stable code.

    `code` never changes once published; `status` is the HTTP status it is rendered with; `zh` and `en` are templates
    over `data`. `retry_after` (seconds) becomes the Retry-After header.
    """

    code: ClassVar[str] = "internal_error"
    status: ClassVar[int] = 500
    zh: ClassVar[str] = "系统出错，请稍后再试。"
    en: ClassVar[str] = "Something went wrong. Please try again later."

    def __init__(self, *, retry_after: float | None = None, **data: Any) -> None:
        self.data = data
        self.retry_after = retry_after
        super().__init__(self.code, data)

    def message(self, language: str) -> str:
        """The sentence for a person, `language` being "zh" or "en"."""
        template = self.zh if language == "zh" else self.en
        return template.format_map(_Lenient(self.told(language)))

    def told(self, language: str) -> dict[str, Any]:
        """The data as somebody is told who reads that language."""
        return {name: _spoken(value, language) for name, value in self.data.items()}


def _spoken(value: Any, language: str) -> Any:
    if isinstance(value, Words):
        return value.spoken(language)
    if isinstance(value, list):
        return [_spoken(one, language) for one in value]
    if isinstance(value, dict):
        return {name: _spoken(one, language) for name, one in value.items()}
    return value


class _Lenient(dict[str, Any]):
    """Leaves a placeholder without a value visible rather than failing while an error is being told."""

    def __missing__(self, key: str) -> str:
        return f"{{{key}}}"


class InvalidInputError(SeatrushError):
    """`errors`: {field: [what is wrong]}, in English; told in the reader's language (app/field_words.py)."""

    code = "invalid_input"
    status = 422
    zh = "提交的内容有误，请检查后再试。"
    en = "Some of the submitted values are not valid."

    def told(self, language: str) -> dict[str, Any]:
        """As SeatrushError.told."""
        data = super().told(language)
        return {name: in_chinese(value) for name, value in data.items()} if language == "zh" else data


class NotFoundError(SeatrushError):
    code = "not_found"
    status = 404
    zh = "没有找到你要的内容。"
    en = "There is nothing here by that name."


class ForbiddenError(SeatrushError):
    code = "forbidden"
    status = 403
    zh = "你没有权限做这件事。"
    en = "You are not allowed to do that."


class ConflictError(SeatrushError):
    code = "conflict"
    status = 409
    zh = "内容已被别人改动，请刷新后再试。"
    en = "Somebody else has changed this. Reload and try again."


class InUseError(SeatrushError):
    """Something else hangs on what should be deleted. Data: `uses`, {what: how many}."""

    code = "in_use"
    status = 409
    zh = "仍在使用中，不能删除。"
    en = "It is still in use and cannot be deleted."


class TooManyRequestsError(SeatrushError):
    code = "too_many_requests"
    status = 429
    zh = "操作太频繁，请稍等片刻再试。"
    en = "Too many requests. Please wait a moment."


class UnavailableError(SeatrushError):
    code = "service_unavailable"
    status = 503
    zh = "系统繁忙，请稍后再试。"
    en = "The service is busy. Please try again shortly."
