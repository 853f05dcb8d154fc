"""Columns of a kind: their headings in both languages, and what a cell may hold. Pure functions."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any
from zoneinfo import ZoneInfo

from app.exchange.notes import Note, note
from app.exchange.xlsx_reading import FORMULA
from app.extensions.records import record
from app.extensions.spreadsheets import FORMULA_SIGNS

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
_LINE_ENDS = re.compile(r"[\r\n\t\u2028\u2029]+")
_CODE = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]*")
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


class CellError(ValueError):
    """A cell does not say what it should: the note's code, and what belongs to it."""

    def __init__(self, code: str, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.data = data


Parser = Callable[[str, ZoneInfo], Any]


@record
class Column:
    """`name` in answers, `zh` and `en` in files; `required`: every row must fill it."""

    name: str
    zh: str
    en: str
    parse: Parser
    required: bool = False
    example: str = ""


def text(most: int) -> Parser:
    """One line of at most so many characters."""

    def parse(cell: str, _zone: ZoneInfo) -> str:
        if len(cell) > most:
            raise CellError("too_long", most=most)
        return cell

    return parse


def code(most: int, *, upper: bool = False) -> Parser:
    """Letters and digits that machines compare."""

    def parse(cell: str, _zone: ZoneInfo) -> str:
        if not _CODE.fullmatch(cell) or len(cell) > most:
            raise CellError("not_a_code" if len(cell) <= most else "too_long", value=cell, most=most)
        return cell.upper() if upper else cell

    return parse


def choice(words: Mapping[str, Any]) -> Parser:
    """One of these words, in whatever case, or what it stands for."""
    known = {word.lower(): value for word, value in words.items()}

    def parse(cell: str, _zone: ZoneInfo) -> Any:
        if cell.lower() not in known:
            raise CellError("not_one_of", value=cell, choices="、".join(list(words)[:6]))
        return known[cell.lower()]

    return parse


def whole(least: int, most: int) -> Parser:
    """A whole number between bounds."""

    def parse(cell: str, _zone: ZoneInfo) -> int:
        if not (cell.isascii() and cell.isdigit() and len(cell) < 12) or not least <= int(cell) <= most:
            raise CellError("not_a_number", value=cell, least=least, most=most)
        return int(cell)

    return parse


def tenths(most: str) -> Parser:
    """A number from 0 with at most one decimal."""

    def parse(cell: str, _zone: ZoneInfo) -> Decimal:
        try:
            number = Decimal(cell) if len(cell) < 12 and cell.isascii() else Decimal("NaN")
        except InvalidOperation:
            number = Decimal("NaN")
        if not number.is_finite() or not 0 <= number <= Decimal(most) or number * 10 % 1:
            raise CellError("not_a_number", value=cell, least=0, most=most)
        return number.quantize(Decimal("0.1"))

    return parse


def email(cell: str, _zone: ZoneInfo) -> str:
    """An e-mail address, loosely."""
    if not _EMAIL.fullmatch(cell) or len(cell) > 100:
        raise CellError("not_an_email", value=cell)
    return cell


def moment(cell: str, zone: ZoneInfo) -> datetime:
    """A time on the campus's clock, or with an offset of its own."""
    try:
        found = datetime.fromisoformat(cell.replace("/", "-"))
    except ValueError as error:
        raise CellError("not_a_time", value=cell) from error
    if not 1971 <= found.year <= 9000:
        raise CellError("not_a_time", value=cell)
    return found if found.tzinfo else found.replace(tzinfo=zone)


YES_NO = choice(
    {"是": True, "否": False, "yes": True, "no": False, "true": True, "false": False, "1": True, "0": False}
)


def read_cell(column: Column, row: int, raw: str, zone: ZoneInfo) -> tuple[Any, Note | None]:
    """(value, None), (None, note), or (None, None) for an empty cell. What an export defused is what it was."""
    if raw.startswith(FORMULA):
        return None, note(row, column.name, "formula")
    if _CONTROL.search(raw):
        return None, note(row, column.name, "control_characters")
    cell = raw.strip()
    if cell.startswith("'") and cell[1:].startswith(FORMULA_SIGNS):
        cell = cell[1:]
    elif cell.startswith(("=", "@")):
        return None, note(row, column.name, "formula")
    cell = _LINE_ENDS.sub(" ", cell).strip() if column.name != "meetings" else cell
    if not cell:
        return None, note(row, column.name, "missing") if column.required else None
    try:
        return column.parse(cell, zone), None
    except CellError as error:
        return None, note(row, column.name, error.code, **error.data)
