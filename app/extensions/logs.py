"""Structured logs: one JSON object a line on stderr, which the process manager keeps.

What a line carries beside the message comes from `extra={...}` and from the `context` the process gives (the web
workers add the request id).
"""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable, Mapping
from typing import Any

import orjson

_STANDARD = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}

Context = Callable[[], Mapping[str, Any]]


class JsonFormatter(logging.Formatter):
    """Renders a record as {time, level, logger, message, ...context, ...extra, error?}."""

    def __init__(self, context: Context | None = None) -> None:
        super().__init__()
        self._context = context

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "time": self.formatTime(record, "%Y-%m-%dT%H:%M:%S") + f".{int(record.msecs):03d}",
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if self._context is not None:
            line.update(self._context())
        line.update((key, value) for key, value in vars(record).items() if key not in _STANDARD)
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str, option=orjson.OPT_NON_STR_KEYS).decode()


def configure_logs(context: Context | None = None, level: int = logging.INFO) -> None:
    """Send the root logger's records to stderr as JSON. Safe to call again: it replaces its own handler only."""
    root = logging.getLogger()
    for handler in list(root.handlers):
        if isinstance(handler.formatter, JsonFormatter):
            root.removeHandler(handler)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonFormatter(context))
    root.addHandler(handler)
    root.setLevel(level)
    logging.getLogger("kazoo").setLevel(logging.WARNING)
    logging.getLogger("pika").setLevel(logging.CRITICAL)
