"""Frozen values for the type checker that cost no more than plain objects at run time.

A frozen dataclass sets each field through `object.__setattr__`, which is most of what a claim on its way cost in
Python. Here mypy refuses assignments all the same, and nobody else asks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar, dataclass_transform

Class = TypeVar("Class")


@dataclass_transform(frozen_default=True)
def record(cls: type[Class]) -> type[Class]:
    """A dataclass with slots, compared and hashed by its values. Treat it as frozen."""
    return dataclass(slots=True, unsafe_hash=True)(cls)
