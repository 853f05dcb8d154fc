"""`python -m ops.lab up|down|status|upgrade|run`: three hosts on this machine."""

from __future__ import annotations

import argparse
import logging
import os
import sys
from pathlib import Path

from ops.lab.lab import INVENTORY, Lab
from ops.lab.upgrade import upgrade
from ops.stack import packages
from ops.stack.config import REPOSITORY
from ops.stack.errors import StackError

BANNER = """
Seatrush runs on {hosts} / 系统已在三台主机上启动:  {address}

  ask it / 访问       .venv/bin/python -m ops.lab run client curl -s {address}/api/lectures
  go inside / 进入    .venv/bin/python -m ops.lab run {first} bash
  state / 状态        make lab-status
  stop / 停止         make lab-down
"""


def main(arguments: list[str] | None = None) -> int:
    """Run one command; what goes wrong is one line on standard error and exit status 1."""
    options = _parser().parse_args(arguments)
    logging.basicConfig(level=logging.WARNING, format="%(message)s", stream=sys.stdout)
    logging.getLogger("ops.lab").setLevel(logging.INFO)
    try:
        return COMMANDS[options.command](Lab(options.root, options.inventory), options)
    except (StackError, FileNotFoundError) as error:
        print(f"seatrush: {error}", file=sys.stderr)
        return 1


def _up(lab: Lab, options: argparse.Namespace) -> int:
    packages.ensure(with_cluster=True)
    lab.up(options.students)
    address = f"http://{lab.inventory.vip}"
    print(BANNER.format(hosts=", ".join(lab.names), address=address, first=lab.names[0]), flush=True)
    return 0


def _down(lab: Lab, options: argparse.Namespace) -> int:
    lab.down()
    return 0


def _status(lab: Lab, options: argparse.Namespace) -> int:
    print(f"{lab.inventory.vip} is at {lab.holder() or 'no host'}")
    for name in lab.names:
        print(f"==> {name} <==\n{lab.stack(name, 'status', check=False)}")
    return 0


def _upgrade(lab: Lab, options: argparse.Namespace) -> int:
    upgrade(lab)
    return 0


def _run(lab: Lab, options: argparse.Namespace) -> int:
    host, *command = options.words or ["client", "bash"]
    command = lab.host(host).command(*(command or ["bash"]))
    os.execv(command[0], command)


COMMANDS = {"up": _up, "down": _down, "status": _status, "upgrade": _upgrade, "run": _run}


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m ops.lab", description=__doc__)
    parser.add_argument(
        "--root", type=Path, default=REPOSITORY / "var" / "lab", help="folder of all state (default: var/lab)"
    )
    parser.add_argument("--inventory", type=Path, default=INVENTORY, help="the hosts (default: ops/lab/inventory.toml)")
    parser.add_argument("--students", type=int, default=3000, help="how many the demo campus has (default: 3000)")
    parser.add_argument("command", choices=COMMANDS)
    parser.add_argument("words", nargs=argparse.REMAINDER, help="for run: the host, then the command")
    return parser


if __name__ == "__main__":
    raise SystemExit(main())
