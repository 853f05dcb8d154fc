"""Redis as it was: what it knew at one moment comes back with another run of the server, from a file that it finds."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from app.extensions.redis import patiently
from ops.stack import Stack


@dataclass
class Yesterday:
    """`keep(redis)`, then `comes_back()` after things have changed."""

    stack: Stack
    kept: Path

    def keep(self, redis: Any) -> None:
        """What it knows now."""
        patiently(redis.save)  # a machine that stands still for a second
        shutil.move(self._file, self.kept)

    def comes_back(self) -> None:
        """Killed, and started with what was kept; returns when it answers."""
        redis = self.stack.service("redis")
        redis.kill(stay_down=True)
        shutil.copy(self.kept, self._file)
        redis.start()
        redis.wait_ready()
        self._file.unlink()

    @property
    def _file(self) -> Path:
        return self.stack.config.data("redis") / "dump.rdb"
