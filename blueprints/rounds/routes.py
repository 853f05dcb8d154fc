"""/api/rounds/{id} (showing.py) and below it wishes.py and draws.py."""

from __future__ import annotations

from blueprints.rounds import draws, showing, wishes
from blueprints.rounds.blueprint import blueprint

__all__ = ["blueprint", "draws", "showing", "wishes"]
