"""What the load wrote down: every wish with every answer and everything that was told, one JSON object a line."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from ops.drills.wishes import Answer, Student, Told, Wish


@dataclass(frozen=True, slots=True)
class History:
    """A load as its clients saw it."""

    wishes: list[Wish]
    complaints: list[str]


def write(path: Path, wishes: Iterable[Wish], complaints: Sequence[str]) -> None:
    """Without the students' tokens."""
    with path.open("wb") as file:
        file.write(orjson.dumps({"complaints": complaints}) + b"\n")
        file.writelines(orjson.dumps(_as_dict(wish)) + b"\n" for wish in wishes)


def read(path: Path) -> History:
    """The same again. Raises ValueError or KeyError when the file is not whole."""
    first, *lines = path.read_bytes().splitlines()
    return History([_as_wish(orjson.loads(line)) for line in lines], orjson.loads(first)["complaints"])


def _as_dict(wish: Wish) -> dict[str, Any]:
    return {
        "student": wish.student.id,
        "offering": wish.lecture_id,
        "kind": wish.kind,
        "drops": wish.drops,
        "action": wish.action,
        "key": wish.key,
        "answers": [(one.status, one.body, one.asked_at, one.told_at) for one in wish.answers],
        "told": [(one.state, one.version, one.reason, one.asked_at, one.told_at) for one in wish.told],
    }


def _as_wish(row: dict[str, Any]) -> Wish:
    return Wish(
        Student(row["student"], ""),
        row["offering"],
        row["action"],
        row["key"],
        kind=row["kind"],
        drops=row["drops"],
        answers=[Answer(*one) for one in row["answers"]],
        told=[Told(*one) for one in row["told"]],
    )
