"""Course selection, for students; one module per thing that is asked for."""

from __future__ import annotations

from blueprints.enrolments import carts, mine, plans, sections, standings
from blueprints.enrolments.blueprint import blueprint

__all__ = ["blueprint", "carts", "mine", "plans", "sections", "standings"]
