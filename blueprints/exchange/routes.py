"""All of it."""

from __future__ import annotations

from blueprints.exchange import exports, imports
from blueprints.exchange.blueprint import blueprint

__all__ = ["blueprint", "exports", "imports"]
