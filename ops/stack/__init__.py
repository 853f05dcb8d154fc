"""One host's real servers under supervisor: MariaDB, Redis, RabbitMQ, ZooKeeper, Nginx and the programs.

    config = StackConfig.for_folder(Path("var"), ports=Ports.demo())
    stack = Stack(config)
    stack.up()              # servers, ready by their own protocols
    stack.start_programs()  # web, ws and consumers, after the migrations

The names are loaded on first use: `python3 -m ops.stack.packages` must run on a bare system python, before
the virtual environment (and so supervisor) exists.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ops.stack.config import StackConfig
    from ops.stack.errors import NotReadyError, StackError
    from ops.stack.ports import Ports
    from ops.stack.service import Service, ServiceStatus
    from ops.stack.stack import Stack

_HOMES = {
    "Stack": "ops.stack.stack",
    "StackConfig": "ops.stack.config",
    "Ports": "ops.stack.ports",
    "Service": "ops.stack.service",
    "ServiceStatus": "ops.stack.service",
    "StackError": "ops.stack.errors",
    "NotReadyError": "ops.stack.errors",
}

__all__ = ["NotReadyError", "Ports", "Service", "ServiceStatus", "Stack", "StackConfig", "StackError"]


def __getattr__(name: str) -> Any:
    """Load an exported name from the module which defines it (PEP 562)."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES[name]), name)
