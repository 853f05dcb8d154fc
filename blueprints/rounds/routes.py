"""/api/rounds/{id} and what is below it: showing.py."""

from __future__ import annotations

from blueprints.rounds import showing
from blueprints.rounds.blueprint import blueprint

__all__ = ["blueprint", "showing"]
