"""What is taught, for students and the public; one module per thing that is asked for."""

from __future__ import annotations

from blueprints.catalogue import courses, programme, rounds, sections, terms
from blueprints.catalogue.blueprint import blueprint

__all__ = ["blueprint", "courses", "programme", "rounds", "sections", "terms"]
