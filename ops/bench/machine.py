"""What the numbers were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ops.stack.packages import find_binary

_SERVERS = {
    "mariadb": ("mariadbd", "--version"),
    "redis": ("redis-server", "--version"),
    "nginx": ("nginx", "-v"),
    "wrk": ("wrk", "-v"),
    "java": ("java", "-version"),
}
_PACKAGES = ("flask", "gunicorn", "gevent", "redis", "pika", "kazoo", "sqlalchemy", "pymysql", "pyjwt")


def describe() -> dict[str, Any]:
    """Cores, memory, kernel, versions, and how busy the machine was before the bench began."""
    return {
        "cores": os.cpu_count(),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 2**20,
        "cpu": _cpu(),
        "kernel": platform.release(),
        "python": platform.python_version(),
        "load_before": os.getloadavg()[0],
        "servers": {name: _first_line(*command) for name, command in _SERVERS.items()},
        "packages": {name: version(name) for name in _PACKAGES},
        "commit": _first_line("git", "-C", str(Path(__file__).parent), "rev-parse", "HEAD"),
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    return next((line.partition(": ")[2] for line in lines if line.startswith("model name")), platform.machine())


def _first_line(binary: str, *arguments: str) -> str:
    try:
        done = subprocess.run([find_binary(binary), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return "not installed"
    return ((done.stdout or done.stderr).splitlines() or [""])[0].strip()
