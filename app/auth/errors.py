"""What can go wrong when somebody proves who they are."""

from __future__ import annotations

from app.errors import SeatrushError, TooManyRequestsError, UnavailableError


class UnauthenticatedError(SeatrushError):
    """No token came with a request that needs one."""

    code = "unauthenticated"
    status = 401
    zh = "请先登录。"
    en = "Please sign in first."


class InvalidCredentialsError(SeatrushError):
    """One answer for an unknown username and a wrong password."""

    code = "invalid_credentials"
    status = 401
    zh = "用户名或密码不正确。"
    en = "The username or the password is not right."


class TokenExpiredError(SeatrushError):
    """The access or refresh token was good once: refresh, or sign in again."""

    code = "token_expired"
    status = 401
    zh = "登录已过期，请重新登录。"
    en = "Your session has expired. Please sign in again."


class TokenInvalidError(SeatrushError):
    """Not a token of ours, or its session was ended."""

    code = "token_invalid"
    status = 401
    zh = "登录状态无效，请重新登录。"
    en = "Your session is not valid. Please sign in again."


class AccountDisabledError(SeatrushError):
    """Told only to somebody who knew the password."""

    code = "account_disabled"
    status = 403
    zh = "该账号已停用，请联系管理员。"
    en = "This account is disabled. Please contact the office."


class PasswordToChooseError(SeatrushError):
    """A first password was right: it only lets one choose another (POST /api/auth/first-password)."""

    code = "password_to_choose"
    status = 403
    zh = "这是初始密码，请先设置自己的密码。"
    en = "This is your first password. Please choose one of your own."


class FirstPasswordExpiredError(SeatrushError):
    """Told only to somebody who knew it; the office hands out another."""

    code = "first_password_expired"
    status = 403
    zh = "初始密码已过期，请向教务处领取新的初始密码。"
    en = "This first password has expired. Please ask the office for a new one."


class CrossSiteError(SeatrushError):
    """A page of another site tried to use the refresh cookie."""

    code = "cross_site"
    status = 403
    zh = "请求来源不受信任。"
    en = "This request came from another site."


class TooManyAttemptsError(TooManyRequestsError):
    code = "too_many_attempts"
    zh = "登录尝试过于频繁，请稍后再试。"
    en = "Too many sign-in attempts. Please wait a moment."


class PasswordTooWeakError(SeatrushError):
    """`minimum`: the shortest password allowed; `reason`: too_short | too_long | contains_username | unchanged."""

    code = "password_too_weak"
    status = 422
    zh = "新密码不符合要求：至少 {minimum} 个字符，且不能与用户名或旧密码相同。"
    en = "The new password must have at least {minimum} characters and differ from the username and the old password."


class WrongPasswordError(SeatrushError):
    """The old password given with a password change is not right (the session itself is fine, so not a 401)."""

    code = "wrong_password"
    status = 403
    zh = "原密码不正确。"
    en = "The old password is not right."


class BusyError(UnavailableError):
    """Too many passwords are being checked at once; nothing was decided."""

    code = "busy"
    zh = "登录人数过多，请稍后再试。"
    en = "Many people are signing in right now. Please try again in a moment."


class ManagerNotFoundError(SeatrushError):
    code = "manager_not_found"
    status = 404
    zh = "没有这名管理员。"
    en = "There is no such manager."


class OwnAccountError(SeatrushError):
    """Nobody locks themselves out."""

    code = "own_account"
    status = 409
    zh = "不能停用、删除自己的账号，也不能更改自己的角色。"
    en = "You cannot disable or delete your own account, or change its role."


class LastAdminError(SeatrushError):
    code = "last_admin"
    status = 409
    zh = "至少要保留一名可用的超级管理员。"
    en = "At least one super-admin must remain."
