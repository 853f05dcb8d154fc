"""XLSX to rows of text, row by row, within bounds that no packed file gets around.

The archive's own figures are bounds: zipfile reads no more of a member than its entry says. defusedxml (which openpyxl uses
when it is there) refuses entities.
"""

from __future__ import annotations

import io
import logging
import zipfile
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any

import gevent
import openpyxl

from app.exchange.errors import FileBrokenError

logger = logging.getLogger(__name__)

MOST_UNPACKED = 96 * 1024 * 1024
MOST_STRINGS = 32 * 1024 * 1024  # they are held in memory
MOST_MEMBERS = 200
# Stands before a formula, so that it is told from a text that looks like one.
FORMULA = "\x00="

if not openpyxl.DEFUSEDXML:
    raise ImportError("defusedxml must be installed beside openpyxl")


def is_xlsx(data: bytes) -> bool:
    """True for what is packed; a text never begins so."""
    return data.startswith(b"PK\x03\x04")


def xlsx_rows(data: bytes, most_columns: int) -> Iterator[list[str]]:
    """The rows of the first sheet. Raises FileBrokenError."""
    _check_size(data)
    try:
        book = gevent.get_hub().threadpool.apply(_open, (data,))
        sheet = book.worksheets[0]
        sheet.reset_dimensions()  # what the sheet says of its size need not be true
        for row in sheet.iter_rows(max_col=most_columns):
            yield [_text(cell) for cell in row]
    except FileBrokenError:
        raise
    except Exception as error:
        # A broken file fails in any way: as an archive, as XML, as a workbook.
        logger.info("an XLSX cannot be read: %r", error)
        raise FileBrokenError("xlsx_unreadable") from error


def _open(data: bytes) -> Any:
    """In a thread: the strings of a workbook are read in one go, and whatever else this process does must not wait."""
    return openpyxl.load_workbook(io.BytesIO(data), read_only=True, keep_links=False)


def _check_size(data: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError) as error:
        raise FileBrokenError("xlsx_unreadable") from error
    strings = sum(one.file_size for one in members if "sharedstrings" in one.filename.lower())
    unpacked = sum(one.file_size for one in members)
    if len(members) > MOST_MEMBERS or unpacked > MOST_UNPACKED or strings > MOST_STRINGS:
        raise FileBrokenError("xlsx_too_big")


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if cell.data_type == "f":
        return f"{FORMULA}{value}"
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.strftime("%Y-%m-%d %H:%M")
    return value.isoformat() if isinstance(value, (date, time)) else str(value)
