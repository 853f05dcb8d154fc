"""Tables of identity: account, login_session (a refresh family), refresh_token."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import BINARY, JSON, BigInteger, Boolean, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.auth.permissions import Permission, Role, granted
from app.extensions.db import Base, UtcDateTime
from app.extensions.versions import Versioned

# Usernames compare byte by byte: under a Unicode collation "é" would be the same person as "e".
_ASCII = String(64, collation="ascii_bin")


class AccountStatus(StrEnum):
    ACTIVE = "active"
    DISABLED = "disabled"


class Account(Versioned, Base):
    """One person who can sign in. S2's sys_manager and the login half of its student table."""

    __tablename__ = "account"
    __table_args__ = (
        UniqueConstraint("username", name="uq_account_username"),
        Index("ix_account_role", "role", "is_deleted", "username"),
        Index("ix_account_name", "role", "is_deleted", "display_name"),
        Base.__table_args__,
    )

    username: Mapped[str] = mapped_column(_ASCII)
    display_name: Mapped[str] = mapped_column(String(64))
    role: Mapped[str] = mapped_column(String(16))
    # What a super-admin left a manager (NULL: all of permissions.GRANTABLE), or a manager gave a teacher (NULL: nothing).
    permissions: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))
    mobile_phone: Mapped[str | None] = mapped_column(String(20))
    # argon2id; empty while `legacy_hash` (salted MD5 of an old system, S2) or `first_hash` waits for its first login.
    password_hash: Mapped[str | None] = mapped_column(String(160))
    legacy_hash: Mapped[str | None] = mapped_column(String(32))
    legacy_salt: Mapped[str | None] = mapped_column(String(32))
    # SHA-256 of a first password (first_passwords.py), while nothing else has been chosen.
    first_hash: Mapped[bytes | None] = mapped_column(BINARY(32))
    first_at: Mapped[datetime | None] = mapped_column(UtcDateTime)  # when it was made: it does not last for ever
    status: Mapped[str] = mapped_column(String(16), server_default=text("'active'"))
    # Raised to end every session of the account at once; sessions remember the one they began with.
    token_version: Mapped[int] = mapped_column(Integer, server_default=text("0"))
    last_login: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default=text("0"))

    @property
    def role_name(self) -> Role:
        """`role`, typed."""
        return Role(self.role)

    @property
    def granted(self) -> frozenset[Permission]:
        """What the account may do: what its role may, a manager a part of it perhaps, and what a teacher was given."""
        return granted(self.role_name, self.permissions)

    @property
    def usable(self) -> bool:
        """True when the account may sign in and stay signed in."""
        return self.status == AccountStatus.ACTIVE and not self.is_deleted


class LoginSession(Base):
    """One sign-in on one device: the family that its refresh tokens belong to."""

    __tablename__ = "login_session"
    __table_args__ = (Index("ix_login_session_account_id", "account_id"), Base.__table_args__)

    account_id: Mapped[int] = mapped_column(BigInteger)
    token_version: Mapped[int] = mapped_column(Integer)
    address: Mapped[str] = mapped_column(String(45))
    user_agent: Mapped[str] = mapped_column(String(200))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    revoked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


class RefreshToken(Base):
    """One link of a family's chain; only the SHA-256 of the token is kept."""

    __tablename__ = "refresh_token"
    __table_args__ = (
        UniqueConstraint("token_hash", name="uq_refresh_token_token_hash"),
        Index("ix_refresh_token_session_id", "session_id"),
        Base.__table_args__,
    )

    session_id: Mapped[int] = mapped_column(BigInteger)
    token_hash: Mapped[bytes] = mapped_column(BINARY(32))
    expires_at: Mapped[datetime] = mapped_column(UtcDateTime)
    used_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
