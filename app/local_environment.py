"""For `flask demo …` typed by hand: the settings of what `make up` runs from this checkout, which it leaves in var/."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import orjson

LEFT_BY_UP = Path(__file__).parents[1] / "var" / "environment.json"
_BY_FLASK = "FLASK_RUN_FROM_CLI"  # which flask sets before it looks for the application; also for `flask run`


def adopt(left: Path = LEFT_BY_UP) -> None:
    """Take them over where nothing is set. Only for the commands of the demo: a server must be told what it serves."""
    told = any(name.startswith("SEATRUSH_") for name in os.environ)
    if os.environ.get(_BY_FLASK) == "true" and "demo" in sys.argv and not told and left.is_file():
        os.environ.update(orjson.loads(left.read_bytes()))
