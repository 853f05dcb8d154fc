"""However a program that breaks things is ended: what it broke is mended, and what it started is stopped."""

from __future__ import annotations

import signal
from types import FrameType
from typing import NoReturn


def end_in_order() -> None:
    """Let SIGTERM, and a terminal that closes (SIGHUP, unless `nohup` said otherwise), end this process as Ctrl-C does."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _end)


def _end(number: int, _: FrameType | None) -> NoReturn:
    raise SystemExit(128 + number)
