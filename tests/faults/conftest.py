"""The campus, shared with the other folder that needs every program running; whole again before each fault."""

from __future__ import annotations

import pytest

from tests.campus import Campus, shared


@pytest.fixture(scope="session")
def whole_campus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campus:
    """Every server and every program."""
    return shared(request.config, lambda: tmp_path_factory.mktemp("campus") / "root")


@pytest.fixture
def campus(whole_campus: Campus) -> Campus:
    """The campus, with nothing broken yet."""
    whole_campus.heal()
    return whole_campus
