"""supervisord: its rendered configuration, its start, and its XML-RPC over a unix socket."""

from __future__ import annotations

import json
import subprocess
import time
import xmlrpc.client
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from ops.stack import processes
from ops.stack.accounts import is_root
from ops.stack.config import REPOSITORY, StackConfig
from ops.stack.errors import StackError
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server
from ops.stack.servers.nginx import template_values


class Supervisor:
    """One stack's supervisord. It starts nothing by itself (autostart=false): `Stack` decides."""

    def __init__(self, config: StackConfig) -> None:
        self.config = config
        self.socket = config.sockets / "supervisor.sock"
        self.pid_file = config.run / "supervisord.pid"
        self._leader = config.run / "supervisord.json"
        self.options = config.etc("supervisor") / "supervisord.conf"

    def render(self, services: Iterable[Server]) -> bool:
        """Write the configuration for these services; True when it changed."""
        text = render(
            TEMPLATES / "supervisord.conf.tmpl",
            socket=self.socket,
            log=self.config.logs / "supervisord.log",
            pid=self.pid_file,
            folder=self.config.root,
            files=template_values(self.config, None)["files"],
            user="user = root" if is_root() else "",
            programs="\n".join(section(self.config, service.name, service.process()) for service in services),
        )
        return ConfigFile(self.options, text, mode=0o600).write()

    def pid(self) -> int | None:
        """supervisord's process id when it answers."""
        try:
            return int(self.call("getPID"))
        except StackError:
            return None

    def start(self) -> None:
        """Start supervisord as a daemon and wait for its socket."""
        command = [str(self.config.python), "-m", "supervisor.supervisord", "-c", str(self.options)]
        # From this repository, so that its extension (ops.stack.rpc) can be imported.
        done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"supervisord does not start: {(done.stderr + done.stdout).strip()}")
        deadline = time.monotonic() + 10
        while self.pid() is None:
            if time.monotonic() > deadline:
                raise StackError(f"supervisord does not answer; see {self.config.logs / 'supervisord.log'}")
            time.sleep(0.02)
        leader = processes.identify(self.pid() or 0)
        if leader is None:
            raise StackError("supervisord ended right after its start")
        record = {"number": leader.number, "started": leader.started, "boot": processes.boot_id()}
        self._leader.write_text(json.dumps(record), encoding="ascii")

    def stop(self) -> None:
        """Shut supervisord down and wait until it is gone; its services should be stopped by now."""
        pid = processes.identify(self.pid() or 0)
        self.call("shutdown")
        if pid is not None and processes.wait_gone([pid], 30):
            raise StackError(f"supervisord (process {pid.number}) does not end")

    def reread(self) -> None:
        """Take over a changed configuration: only groups that changed are stopped and defined anew."""
        added, changed, removed = self.call("reloadConfig")[0]
        for name in [*changed, *removed]:
            self.call("stopProcessGroup", name)
            self.call("removeProcessGroup", name)
        for name in [*added, *changed]:
            self.call("addProcessGroup", name)

    def info(self, name: str) -> dict[str, Any]:
        """supervisor's view of one service (statename, pid, start, now, spawnerr …)."""
        return dict(self.call("getProcessInfo", name))

    def all_info(self) -> dict[str, dict[str, Any]]:
        """The same for all, by name; empty when supervisord doesn't run."""
        try:
            return {row["name"]: dict(row) for row in self.call("getAllProcessInfo")}
        except StackError:
            return {}

    def processes(self) -> list[processes.Pid]:
        """Every process of this stack, supervisord's own included, also after supervisord was killed.

        They share the session which supervisord opened when it became a daemon; nothing else tells them apart
        for good: Nginx and Redis overwrite their environment, and a killed master's workers have no parent.
        """
        try:
            record = json.loads(self._leader.read_text(encoding="ascii"))
        except (OSError, ValueError):
            return []
        if record["boot"] != processes.boot_id():
            return []
        members = processes.session(processes.Pid(record["number"], record["started"]))
        return processes.tree(member.number for member in members)

    def call(self, method: str, *arguments: Any, namespace: str = "supervisor") -> Any:
        """One XML-RPC call on a connection of its own (the transport isn't made for threads)."""
        if not self.socket.exists():
            raise StackError(f"the stack in {self.config.root} is not running (make up)")
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(getattr(proxy, namespace), method)(*arguments)
        except xmlrpc.client.Fault as fault:
            raise StackError(f"supervisor refuses {method}{arguments}: {fault.faultString}") from fault
        except (OSError, xmlrpc.client.ProtocolError) as error:
            raise StackError(f"supervisord of {self.config.root} does not answer: {error}") from error
        finally:
            transport.close()


def section(config: StackConfig, name: str, process: Process) -> str:
    """The [program:…] section of a service."""
    return render(
        TEMPLATES / "program.conf.tmpl",
        name=name,
        command=process.command_line.replace("%", "%%"),
        folder=process.folder,
        environment=_assignments(process.environment),
        user=f"user = {process.user}" if process.user else "",
        signal=process.stop_signal,
        group=str(process.stop_group).lower(),
        wait=process.stop_wait,
        log=Path(config.logs / f"{name}.log"),
    )


def _assignments(variables: Mapping[str, str]) -> str:
    """supervisor's KEY="value" list; its % is an escape, and its parser is shlex."""
    for name, value in variables.items():
        if '"' in value or "\n" in value or "\\" in value:
            raise StackError(f"{name} has a quote, a backslash or a line break in its value")
    return ",".join(f'{name}="{value}"'.replace("%", "%%") for name, value in variables.items())
