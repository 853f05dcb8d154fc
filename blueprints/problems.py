"""Errors that belong to HTTP itself; those of a domain are declared beside the domain."""

from __future__ import annotations

from app.errors import InvalidInputError, NotFoundError, SeatrushError, TooManyRequestsError, UnavailableError


class BadRequestError(SeatrushError):
    code = "bad_request"
    status = 400
    zh = "请求无法识别。"
    en = "The request could not be understood."


class MalformedJsonError(SeatrushError):
    code = "malformed_json"
    status = 400
    zh = "请求内容不是有效的 JSON。"
    en = "The body is not valid JSON."


class MethodNotAllowedError(SeatrushError):
    code = "method_not_allowed"
    status = 405
    zh = "该地址不支持这种操作。"
    en = "This address does not support that method."


class BodyTooLargeError(SeatrushError):
    code = "body_too_large"
    status = 413
    zh = "提交的内容过大。"
    en = "The body is too large."


class UnsupportedMediaTypeError(SeatrushError):
    code = "unsupported_media_type"
    status = 415
    zh = "请以 application/json 提交内容。"
    en = "Send the body as application/json."


class OtherHttpError(SeatrushError):
    """Any other refusal of the HTTP layer; the status is the exception's own."""

    code = "http_error"
    status = 400
    zh = "请求未能完成。"
    en = "The request could not be completed."


BY_STATUS: dict[int, type[SeatrushError]] = {
    error.status: error
    for error in (
        BadRequestError,
        NotFoundError,
        MethodNotAllowedError,
        BodyTooLargeError,
        UnsupportedMediaTypeError,
        InvalidInputError,
        TooManyRequestsError,
        UnavailableError,
    )
}
