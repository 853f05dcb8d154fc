"""An order to a process that runs where clients are: a file, which only its owner may read, as there are tokens in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson

from ops.drills.wishes import Student


def save(order: object, path: Path) -> None:
    """Write a dataclass with `address`, `students` and `history`."""
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(order, default=str))


def fields_of(path: Path) -> dict[str, Any]:
    """The fields of what `save` wrote; those three as they were, the rest as JSON has it."""
    fields: dict[str, Any] = orjson.loads(path.read_bytes())
    host, port = fields["address"]
    students = [Student(**one) for one in fields["students"]]
    return {**fields, "address": (host, port), "students": students, "history": Path(fields["history"])}
