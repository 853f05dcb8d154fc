"""The engine on real servers, with the makers of the lecture tests."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.functional.lectures.conftest import Hall, Maker, engine, hall, manager
from tests.functional.lectures.conftest import make as make_lecture

__all__ = ["Hall", "engine", "hall", "make_lecture", "manager"]

MakeId = Callable[..., int]


@pytest.fixture
def make(make_lecture: Maker) -> MakeId:
    """`make(**fields)` creates a lecture that is open now and returns its id."""

    def lecture(**fields: Any) -> int:
        return make_lecture(**fields).lecture.id

    return lecture
