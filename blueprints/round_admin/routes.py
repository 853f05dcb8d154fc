"""/api/manage/rounds (rounds.py, steering.py), and beside it time-tickets, holds, restrictions and overrides."""

from __future__ import annotations

from blueprints.round_admin import holds, overrides, restrictions, rounds, steering, tickets
from blueprints.round_admin.blueprint import blueprint

__all__ = ["blueprint", "holds", "overrides", "restrictions", "rounds", "steering", "tickets"]
