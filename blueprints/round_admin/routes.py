"""/api/manage/rounds (rounds.py, steering.py, as_student.py), and beside it time-tickets, holds, restrictions and overrides."""

from __future__ import annotations

from blueprints.round_admin import as_student, holds, overrides, restrictions, rounds, steering, tickets
from blueprints.round_admin.blueprint import blueprint

__all__ = ["as_student", "blueprint", "holds", "overrides", "restrictions", "rounds", "steering", "tickets"]
