"""gunicorn's settings of the compared applications: web's, less the start of Seatrush's own clients."""

from __future__ import annotations

from pathlib import Path
from runpy import run_path

_WEB = run_path(str(Path(__file__).resolve().parents[2] / "gunicorn.conf.py"))

globals().update({name: value for name, value in _WEB.items() if name[:2] != "__" and name != "post_worker_init"})
