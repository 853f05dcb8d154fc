"""Tables of imports: the job, its file in pieces, and the notes on its rows."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, Index, Integer, String, UniqueConstraint
from sqlalchemy.dialects.mysql import MEDIUMBLOB
from sqlalchemy.orm import Mapped, mapped_column

from app.extensions.db import TABLE_OPTIONS, Base, UtcDateTime


class State(StrEnum):
    """checking → checked | failed; checked → running (confirmed) → done."""

    CHECKING = "checking"
    CHECKED = "checked"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class ImportJob(Base):
    """One file on its way in. The counts are those of the present step: of the check, later of the run.

    `last_row`: everything up to this row of the file has been dealt with, in the same transaction that says so.
    `failure`: why the file as a whole cannot be read ({code, data}). The lease is whose process is at it.
    """

    __tablename__ = "import_job"
    __table_args__ = (Index("ix_import_job_state", "state", "id"), TABLE_OPTIONS)

    kind: Mapped[str] = mapped_column(String(20, "ascii_bin"))
    filename: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(Integer)
    encoding: Mapped[str | None] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(10, "ascii_bin"))
    rows: Mapped[int] = mapped_column(Integer, server_default="0")
    done: Mapped[int] = mapped_column(Integer, server_default="0")
    last_row: Mapped[int] = mapped_column(Integer, server_default="0")
    errors: Mapped[int] = mapped_column(Integer, server_default="0")
    new_rows: Mapped[int] = mapped_column(Integer, server_default="0")
    changed_rows: Mapped[int] = mapped_column(Integer, server_default="0")
    same_rows: Mapped[int] = mapped_column(Integer, server_default="0")
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    created_by: Mapped[int] = mapped_column(BigInteger)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    confirmed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    leased_by: Mapped[str | None] = mapped_column(String(40, "ascii_bin"))
    leased_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    is_deleted: Mapped[bool] = mapped_column(Boolean, server_default="0")


class ImportPiece(Base):
    """A piece of a file: small enough for any server's largest packet, on every host that may go on with it."""

    __tablename__ = "import_piece"
    __table_args__ = (UniqueConstraint("import_id", "number", name="uq_import_piece_number"), TABLE_OPTIONS)

    import_id: Mapped[int] = mapped_column(BigInteger)
    number: Mapped[int] = mapped_column(Integer)
    data: Mapped[bytes] = mapped_column(MEDIUMBLOB)


class ImportNote(Base):
    """What is wrong with a row (app.exchange.notes)."""

    __tablename__ = "import_note"
    __table_args__ = (Index("ix_import_note_row", "import_id", "id"), TABLE_OPTIONS)

    import_id: Mapped[int] = mapped_column(BigInteger)
    row: Mapped[int] = mapped_column(Integer)
    column: Mapped[str] = mapped_column(String(40, "ascii_bin"))
    code: Mapped[str] = mapped_column(String(40, "ascii_bin"))
    data: Mapped[dict[str, Any]] = mapped_column(JSON)
