"""Reports of drills and rehearsals, as files in the folders that the operators' tools fill (docs/drills.md, docs/rehearsal.md).

Whatever is no report of theirs is as if it were not there.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from app.auth.actor import Actor
from app.auth.permissions import Permission
from app.errors import SeatrushError
from app.operations.report_views import VIEWS, view
from app.settings import Settings

logger = logging.getLogger(__name__)

LARGEST = 8 * 2**20  # bytes; half an hour of chaos is a tenth of it
# As the tools name them. Nothing in it can lead out of the folder.
_NAME = re.compile(r"[0-9]{8}-[0-9]{6}-[a-z0-9-]{1,60}")


class ReportNotFoundError(SeatrushError):
    code = "report_not_found"
    status = 404
    zh = "没有这份报告。"
    en = "There is no such report."


def reports(settings: Settings, actor: Actor, *, limit: int, before: str | None) -> list[dict[str, Any]]:
    """The newest first; those after the one that `before` names."""
    actor.require(Permission.OPS)
    names = ((name, path) for name, path in sorted(_paths(settings), reverse=True) if before is None or name < before)
    return list(islice((one for _, path in names if (one := _read(path)) is not None), limit))


def report(settings: Settings, actor: Actor, name: str) -> dict[str, Any]:
    """One of them. Raises ReportNotFoundError."""
    actor.require(Permission.OPS)
    path = dict(_paths(settings)).get(name)
    found = None if path is None else _read(path)
    if found is None:
        raise ReportNotFoundError
    return found


def _paths(settings: Settings) -> Iterator[tuple[str, Path]]:
    """By name; only files that lie in the folders themselves."""
    if settings.reports_dir is None:
        return
    for folder in VIEWS:
        for path in (settings.reports_dir / folder).glob("*.json"):
            if _NAME.fullmatch(path.stem) and path.is_file() and not path.is_symlink():
                yield path.stem, path


def _read(path: Path) -> dict[str, Any] | None:
    try:
        if path.stat().st_size > LARGEST:
            return None
        return view(path.parent.name, path.stem, orjson.loads(path.read_bytes()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        logger.info("%s is no report: %r", path.name, error)
        return None
