"""Breaking things at a chosen point, and mending them."""

from __future__ import annotations

import subprocess

from app.extensions.broker import DEAD
from ops.stack import Stack
from ops.stack.servers.rabbitmq import RabbitMQ, control
from tests.campus.ground import Ground


class Faults(Ground):
    """Fault points, the broker's alarm, and a campus that is whole again."""

    def __init__(self, stack: Stack) -> None:
        super().__init__(stack)
        self._faults = stack.config.run / "faults"

    def fault(self, name: str, order: str) -> None:
        """Order a fault at a fault point (`app.admission.faults`); it happens once."""
        partial = self._faults / f".{name}"
        partial.write_text(order)
        partial.rename(self._faults / name)

    def fault_met(self, name: str, within: float = 60.0) -> None:
        """Wait until some process has met the fault."""
        self.until(lambda: not (self._faults / name).exists(), f"somebody at {name}", within)

    def clear_faults(self) -> None:
        for order in self._faults.iterdir():
            order.unlink()

    def rabbitmqctl(self, *words: str) -> None:
        """As an operator's. Raises CalledProcessError."""
        server = self.stack.servers["rabbitmq"]
        assert isinstance(server, RabbitMQ)
        subprocess.run(control(server, *words), check=True, capture_output=True)

    def heal(self) -> None:
        """What an earlier test left broken is mended: nothing paused, nothing down, the gate open."""
        self.clear_faults()
        services = [self.stack.service(name) for name in (*self.stack.servers, *self.stack.programs)]
        for service in services:
            service.resume()
            service.start()
        for service in services:
            service.wait_ready()
        self.until(self.gate_open, "an open gate")
        self.purge(DEAD)
