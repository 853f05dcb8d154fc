"""Many rows in one parameter: a JSON array that MariaDB reads as a table (JSON_TABLE, 10.6+).

Why: PyMySQL writes every value into the statement in Python; one value instead of thousands cut the settling CPU per
claim to less than half. It also lets a list of composite keys be looked up through an index, which a long
`(a, b) IN (…)` does not always get.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson
from sqlalchemy import CursorResult, Executable, Table, TextClause, text
from sqlalchemy.orm import Session

# Aware datetimes become naive UTC text, which is what the DATETIME(6) columns hold.
# A key column of a look-up must have the collation of the column it is compared with, or no index is used.
ASCII_16 = "VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin"

_OPTIONS = orjson.OPT_NON_STR_KEYS


def json_table(columns: Mapping[str, str], parameter: str = "rows") -> str:
    """SQL for a derived table over `:parameter`, an array of arrays in the order of `columns` {name: SQL type}."""
    fields = ", ".join(f"{name} {kind} PATH '$[{at}]'" for at, (name, kind) in enumerate(columns.items()))
    return f"JSON_TABLE(:{parameter}, '$[*]' COLUMNS ({fields}))"


def insert_statement(table: str, columns: Mapping[str, str], *, skip_known: bool = False) -> TextClause:
    """`INSERT INTO table (columns) SELECT … FROM JSON_TABLE(:rows)`; build it once, run it with `run`.

    With `skip_known` a row whose id is there already is left as it is. (Not INSERT IGNORE, which would also take what
    does not fit.)
    """
    names = ", ".join(columns)
    end = f" ON DUPLICATE KEY UPDATE id = {table}.id" if skip_known else ""
    return text(f"INSERT INTO {table} ({names}) SELECT {names} FROM {json_table(columns)} AS rows_{end}")  # noqa: S608


def rows_by_key(table: str, columns: Sequence[str], keys: Mapping[str, str], index: str) -> str:
    """`SELECT columns` of the rows with these `keys` {column: SQL type}, in the order in which they are given.

    The keys lead and the index is named: a scan of a small table would lock everybody's rows.
    """
    wanted = ", ".join(f"a.{name}" for name in columns)
    same = " AND ".join(f"a.{name} = k.{name}" for name in keys)
    return f"SELECT {wanted} FROM {json_table(keys)} AS k STRAIGHT_JOIN {table} AS a FORCE INDEX ({index}) ON {same}"  # noqa: S608


def all_columns(table: Table, alias: str) -> str:
    """`alias.a, alias.b, …` in the table's own order, as `TextClause.columns(*table.c)` expects it."""
    return ", ".join(f"{alias}.{column.name}" for column in table.c)


def run(session: Session, statement: Executable, rows: Sequence[Sequence[Any]]) -> CursorResult[Any]:
    """Run a statement over `rows`. Datetimes must be naive UTC. Raises IntegrityError and the rest like any insert."""
    result: CursorResult[Any] = session.connection().execute(statement, {"rows": orjson.dumps(rows, option=_OPTIONS)})
    return result
