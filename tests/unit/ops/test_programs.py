"""What gunicorn is told on its command line, because by itself it does otherwise."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from gunicorn.config import Config

from ops.lab.lab import INVENTORY
from ops.stack import StackConfig
from ops.stack import __main__ as command
from ops.stack.cluster import Inventory
from ops.stack.config import REPOSITORY
from ops.stack.servers import programs_of
from ops.stack.servers.programs import Gunicorn


@pytest.fixture(params=["one host", "a host of three"])
def config(request: pytest.FixtureRequest, tmp_path: Path) -> StackConfig:
    if request.param == "one host":
        return StackConfig.for_folder(tmp_path)
    return command.host_config(Inventory.read(INVENTORY), "h2", tmp_path)


def understood(arguments: list[str]) -> Any:
    """By gunicorn itself: its settings after `-m gunicorn` with these."""
    settings = Config()
    given = settings.parser().parse_args(arguments[2:])
    for name, value in vars(given).items():
        if value is not None and name in settings.settings:
            settings.set(name, value)
    return settings


def test_no_gunicorn_opens_a_control_socket(config: StackConfig) -> None:
    """Its thread and its lock, and a fork in the midst of them: workers that never begin."""
    found = [one.arguments() for one in programs_of(config).values() if isinstance(one, Gunicorn)]
    assert len(found) == 2
    for arguments in found:
        assert understood(arguments).control_socket_disable
        assert not understood([one for one in arguments if one != "--no-control-socket"]).control_socket_disable


def test_no_gunicorn_closes_a_line_before_nginx_does(config: StackConfig) -> None:
    """What is on its way over it would end as a 502 of unknown outcome."""
    text = (REPOSITORY / "nginx" / "nginx.conf.tmpl").read_text()
    kept = [int(seconds) for seconds in re.findall(r"keepalive_timeout (\d+)s", text.partition("upstream web")[2])]
    assert kept
    for one in programs_of(config).values():
        if isinstance(one, Gunicorn):
            assert understood(one.arguments()).keepalive > max(kept)
    assert Config().keepalive < max(kept)
