"""Processes of this host: a number alone may be another's by now, above all after a reboot."""

from __future__ import annotations

from pathlib import Path


def signature(pid: int) -> str:
    """The process of this number that runs now, and no other: number and start."""
    return f"{pid}-{started(pid)}"


def started(pid: int) -> str:
    """When the process of this number was started, in its kernel's ticks; "" when there is none."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[19]
    except OSError:
        return ""
