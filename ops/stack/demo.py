"""The whole demo, in order: servers, tables, campus, pages, programs, and what to type into the browser."""

from __future__ import annotations

import json
import logging
import os
import subprocess

from app.local_environment import LEFT_BY_UP
from ops.stack.errors import StackError
from ops.stack.secrets import write_once
from ops.stack.stack import Stack

log = logging.getLogger("ops.stack")

# Run one after another between the servers' start and the programs'; each must be repeatable. A cluster needs the tables
# once (`setup`), the pages on every host.
# The stack's SEATRUSH_* settings are in the environment, and SEATRUSH_WEBROOT names the pages' folder.
TABLES = ("tables / 建表", ["-m", "app.cli", "migrate"])
CAMPUS = ("demo campus / 演示数据", ["-m", "app.cli", "seed-demo"])
PAGES = ("pages / 网页", ["-m", "ops.webroot", "build"])

BANNER = """
Seatrush is running / 系统已启动:  {address}

  students / 学生    s00001 … s30000
  teachers / 教师    t001 …
  manager  / 管理员  manager, admin
  check-in / 签到    checkin
  password / 密码    seatrush-demo

stop / 停止: make down      state / 状态: make status      logs / 日志: make logs
"""


def bring_up(stack: Stack) -> None:
    """Everything that `make up` does once the packages are there; again: what is right is left alone."""
    log.info("servers / 服务器 …")
    stack.up()
    _leave_environment(stack)
    set_up(stack, TABLES, CAMPUS)
    bring_up_programs(stack)
    print(BANNER.format(address=stack.servers["nginx"].address), flush=True)


def _leave_environment(stack: Stack) -> None:
    """For `flask demo …` typed by hand (app/local_environment.py). It names passwords: nobody else's to read."""
    path = stack.config.root / LEFT_BY_UP.name
    path.unlink(missing_ok=True)
    write_once(path, json.dumps(stack.environment(), indent=1))


def bring_up_programs(stack: Stack) -> None:
    """The pages, and everything that runs behind them."""
    set_up(stack, PAGES)
    if stack.programs:
        log.info("programs / 程序 …")
        stack.start_programs()


def set_up(stack: Stack, *commands: tuple[str, list[str]]) -> None:
    """Run the commands one after another."""
    for title, arguments in commands:
        log.info("%s …", title)
        run_setup(stack, arguments)


def run_setup(stack: Stack, arguments: list[str]) -> None:
    """Run one set-up command with the stack's settings; its last lines are in the error when it fails."""
    done = _run(stack, arguments, capture_output=True)
    if done.returncode != 0:
        lines = (done.stdout + done.stderr).strip().splitlines()[-15:]
        raise StackError("\n".join([f"python {' '.join(arguments)} failed:", *lines]))


def run_command(stack: Stack, arguments: list[str]) -> int:
    """Run one command with the stack's settings; it reads and prints by itself. Its exit status."""
    return _run(stack, arguments).returncode


def _run(stack: Stack, arguments: list[str], *, capture_output: bool = False) -> subprocess.CompletedProcess[str]:
    config = stack.config
    environment = {
        **os.environ,
        **stack.environment(),
        "SEATRUSH_WEBROOT": str(config.webroot),
        "PYTHONPATH": str(config.repository),
    }
    command = [str(config.python), *arguments]
    return subprocess.run(
        command, cwd=config.repository, env=environment, capture_output=capture_output, text=True, check=False
    )
