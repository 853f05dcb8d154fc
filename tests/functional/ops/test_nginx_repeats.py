"""What Nginx sends to a second web program when the first has read it and ended: nothing that may not be done twice."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from gevent.server import StreamServer

from ops.stack import Stack, StackConfig
from ops.stack.rendering import ConfigFile
from ops.stack.servers.nginx import Nginx
from tests.functional.ops.answers import ask

RULE = "proxy_next_upstream error timeout"


class Following(Nginx):
    """One that asks other web programs, by a rule of the test's."""

    def __init__(self, config: StackConfig, programs: list[str], rule: str) -> None:
        super().__init__(config)
        self._programs = programs
        self._rule = rule

    def files(self) -> list[ConfigFile]:
        own = f'server "unix:{self.config.sockets / "web.sock"}" max_fails=0;'
        others = " ".join(f"server {one} max_fails=0;" for one in self._programs)
        return [
            replace(file, text=file.text.replace(own, others).replace(f"{RULE};", f"{self._rule};"))
            for file in super().files()
        ]


class Dying:
    """Two web programs, each of which reads a whole request and hangs up."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self._servers = [StreamServer(("127.0.0.1", 0), self._serve) for _ in range(2)]

    def _serve(self, client: Any, _address: Any) -> None:
        with client:
            heard = client.recv(65536)
            while not heard.endswith(b"{}" if heard.startswith(b"P") else b"\r\n\r\n"):
                more = client.recv(65536)
                if not more:
                    return
                heard += more
            self.asked.append(heard.partition(b" ")[0].decode())

    @contextmanager
    def behind(self, stack: Stack, rule: str) -> Iterator[None]:
        """That stack's Nginx asks these two."""
        for server in self._servers:
            server.start()
        changed = Stack(stack.config)
        changed.servers["nginx"] = Following(
            stack.config, [f"127.0.0.1:{one.server_port}" for one in self._servers], rule
        )
        try:
            changed.up(["nginx"])
            yield
        finally:
            stack.up(["nginx"])
            for server in self._servers:
                server.stop(timeout=1)


def carried_out(stack: Stack, *methods: str, rule: str = RULE) -> list[str]:
    """What arrived at programs, of requests that each found one which read it and hung up."""
    dying = Dying()
    with dying.behind(stack, rule):
        for method in methods:
            answer = ask(stack, "/api/me", method, body=b"{}" if method.startswith("P") else None)
            assert (answer.status, answer.json["code"]) == (503, "service_unavailable")
    return dying.asked


def test_what_may_have_been_done_is_not_sent_to_another(stack: Stack) -> None:
    """POST and PATCH. What else is repeated can be: see docs/clusters.md."""
    assert carried_out(stack, "POST", "PATCH", "GET", "PUT", "DELETE") == [
        "POST", "PATCH", "GET", "GET", "PUT", "PUT", "DELETE", "DELETE",
    ]  # fmt: skip


def test_with_that_word_it_would_be(stack: Stack) -> None:
    assert carried_out(stack, "POST", rule=f"{RULE} non_idempotent") == ["POST", "POST"]


def test_it_stands_nowhere(stack: Stack) -> None:
    rendered = "".join(file.text for file in Nginx(stack.config).files())
    assert re.findall(r"^\s*(proxy_next_upstream .*);$", rendered, re.MULTILINE) == [RULE]
