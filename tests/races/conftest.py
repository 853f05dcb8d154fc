"""The campus, shared with the other folder that needs every program running."""

from __future__ import annotations

import pytest

from tests.campus import Campus, shared


@pytest.fixture(scope="session")
def campus(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Campus:
    """Every server and every program."""
    return shared(request.config, lambda: tmp_path_factory.mktemp("campus") / "root")
