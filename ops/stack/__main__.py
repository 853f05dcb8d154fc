"""`python -m ops.stack up|down|status|logs|app`: the demo on this machine, or with an inventory one host of a cluster.

A cluster starts in three steps, as each needs the one before on every host: `servers` on all at the same time (on one of
them, when there is no data yet, with --first), `setup` on one, `programs` on all. One host after the other can `leave` and
come back (`servers`, `programs`); `whole` waits until the others may. `secrets` makes what is then copied to all hosts.
"""

from __future__ import annotations

import argparse
import logging
import os
import socket
import sys
from pathlib import Path

from ops.stack import packages
from ops.stack.certificate import ensure_certificate
from ops.stack.cluster import Inventory
from ops.stack.config import REPOSITORY, StackConfig, recorded_ports
from ops.stack.demo import CAMPUS, TABLES, bring_up, bring_up_programs, run_command, set_up
from ops.stack.errors import StackError
from ops.stack.leaving import leave
from ops.stack.ports import Ports
from ops.stack.secrets import NAMES
from ops.stack.servers import galera
from ops.stack.stack import Stack
from ops.stack.whole import wait_whole


def main(arguments: list[str] | None = None) -> int:
    """Run one command; a StackError is one line on standard error and exit status 1."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    logging.getLogger("ops.stack").setLevel(logging.INFO)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
    try:
        stack = Stack(_config(options))
        return int(COMMANDS[options.command](stack, options) or 0)
    except (StackError, FileNotFoundError) as error:
        print(f"seatrush: {error}", file=sys.stderr)
        return 1


def _config(options: argparse.Namespace) -> StackConfig:
    """`up` says which ports; whoever asks later finds what runs, whatever PORT was. A cluster's are fixed."""
    if options.inventory:
        return host_config(Inventory.read(options.inventory), options.host, options.root)
    environment = {**os.environ, **({"PORT": str(options.port)} if options.port else {})}
    recorded = None if options.command == "up" else recorded_ports(options.root)
    ports = recorded or Ports.demo().with_environment(environment)
    return StackConfig.for_folder(options.root, ports=ports, access_log=options.access_log)


def host_config(inventory: Inventory, name: str, root: Path) -> StackConfig:
    """The stack of one of the inventory's hosts."""
    cluster = inventory.cluster(name)
    return StackConfig.for_folder(root, ports=Ports.cluster(), name=name, cluster=cluster, **inventory.stack)


def _up(stack: Stack, options: argparse.Namespace) -> None:
    packages.ensure()
    bring_up(stack)


def _secrets(stack: Stack, options: argparse.Namespace) -> None:
    for name in NAMES:
        stack.config.secrets.path(name)
    ensure_certificate(stack.config)
    print(stack.config.secrets.folder)


def _servers(stack: Stack, options: argparse.Namespace) -> None:
    if options.first and stack.runs("mariadb"):
        logging.getLogger("ops.stack").info("--first: MariaDB runs here already, its cluster is not begun anew")
    elif options.first:
        galera.begin_cluster(stack.config)
    try:
        stack.up()
    finally:
        # For this start only: a member that fell later would begin a second cluster beside the others.
        galera.forget_wish(stack.config)


def _setup(stack: Stack, options: argparse.Namespace) -> None:
    title, arguments = CAMPUS
    campus = (title, [*arguments, "--students", str(options.students)])
    set_up(stack, TABLES, *([campus] if stack.config.mode == "demo" else []))


def _programs(stack: Stack, options: argparse.Namespace) -> None:
    bring_up_programs(stack)


def _down(stack: Stack, options: argparse.Namespace) -> None:
    stack.down()


def _leave(stack: Stack, options: argparse.Namespace) -> None:
    leave(stack, options.within)


def _whole(stack: Stack, options: argparse.Namespace) -> None:
    wait_whole(stack.config, options.within)


def _status(stack: Stack, options: argparse.Namespace) -> int:
    rows = stack.status()
    for row in rows:
        print(f"{row.name:<12} {row.state:<9} {row.pid or '-':>8} {row.uptime_s:>8.0f} s  {row.detail}")
    return 0 if all(row.answers for row in rows) else 3


def _logs(stack: Stack, options: argparse.Namespace) -> None:
    names = options.names or [*stack.servers, *stack.programs]
    for name in names:
        print(f"==> {name} <==\n{stack.logs(name, options.lines)}")


def _app(stack: Stack, options: argparse.Namespace) -> int:
    """A command of `app.cli` with this host's settings; it talks to whoever asked for it."""
    return run_command(stack, ["-m", "app.cli", *options.names])


COMMANDS = {
    "up": _up,
    "secrets": _secrets,
    "servers": _servers,
    "setup": _setup,
    "programs": _programs,
    "down": _down,
    "leave": _leave,
    "whole": _whole,
    "status": _status,
    "logs": _logs,
    "app": _app,
}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.stack", description=__doc__)
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("names", nargs="*", help="services, for logs; for app: -- and a command of app.cli")
    parser.add_argument("--root", type=Path, default=REPOSITORY / "var", help="folder of all state (default: var)")
    parser.add_argument("--port", type=int, help="Nginx's port (default: PORT, or 8080)")
    parser.add_argument("--lines", type=int, default=30, help="lines per service, for logs")
    parser.add_argument("--access-log", action="store_true", help="let Nginx log each request")
    parser.add_argument("--inventory", type=Path, help="the cluster's hosts (docs/deploy.md)")
    parser.add_argument(
        "--host", default=socket.gethostname(), help="which of them this is (default: the machine's name)"
    )
    parser.add_argument("--students", type=int, default=30000, help="how many the demo campus has, for setup")
    parser.add_argument(
        "--within", type=float, default=120.0, help="seconds to wait for the others, for leave and whole"
    )
    parser.add_argument("--first", action="store_true", help="let this host begin the database's cluster")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
