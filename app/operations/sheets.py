"""What each of several hosts tells the others of itself: a file that its maintenance program renews and its Nginx serves.

Neither ZooKeeper nor Flask is needed for it. How old it is, is judged by the clock of the host that wrote it.
"""

from __future__ import annotations

from collections.abc import Sequence
from email.utils import parsedate_to_datetime
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from time import time
from typing import Any

import orjson

from app.admission.origins import SUFFIX, UNREADABLE
from app.extensions.pulse import pulses, write_whole
from app.operations.members import holds
from app.settings import Settings

Sheet = dict[str, Any]  # name, at, age_s, holds_vip, spool, pulses, servers

WITHIN_S = 1.0
LARGEST = 1024 * 1024
PATH = "/host.json"


def own_sheet(settings: Settings, name: str, servers: Sequence[dict[str, Any]]) -> Sheet:
    """This host now: its programs' pulses, its spool, its servers as they were heard."""
    return {
        "name": name,
        "at": time(),
        "age_s": 0.0,
        "holds_vip": holds(settings.vip) if settings.vip else None,
        "spool": _spool(settings.spool_dir),
        "pulses": pulses(settings.pulses_dir),
        "servers": list(servers),
    }


def write_sheet(path: Path, sheet: Sheet) -> None:
    """Raises OSError."""
    write_whole(path, orjson.dumps(sheet))


def ask_for_sheet(address: str) -> Sheet:
    """The sheet of the host whose Nginx is at "host:port". Raises OSError, ValueError or LookupError."""
    host, _, port = address.rpartition(":")
    connection = HTTPConnection(host, int(port), timeout=WITHIN_S)
    try:
        connection.request("GET", PATH)
        answer = connection.getresponse()
        body = answer.read(LARGEST)
    except HTTPException as error:
        raise OSError(repr(error)) from error
    finally:
        connection.close()
    if answer.status != 200:
        raise FileNotFoundError(f"{address} answers {answer.status}")
    sheet: Sheet = orjson.loads(body)
    now = parsedate_to_datetime(answer.headers["Date"]).timestamp()
    return {**sheet, "age_s": max(0.0, now - sheet["at"])}


def _spool(folder: Path) -> dict[str, Any] | None:
    """How much the disk keeps for RabbitMQ, and how many segments for whoever can read them; None when it cannot be read."""
    try:
        sizes = [path.stat().st_size for path in folder.glob(f"*{SUFFIX}")]
        unreadable = sum(1 for _ in folder.glob(f"*{UNREADABLE}"))
    except OSError:
        return None
    return {"segments": len(sizes), "bytes": sum(sizes), "unreadable": unreadable}
