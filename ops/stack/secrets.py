"""Passwords and keys of one stack: made on first use under `<root>/secrets` (0600), then reused."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

NAMES = ("app_key", "database", "database_root", "redis", "amqp", "erlang_cookie")


class Secrets:
    """One file per secret. Values are hexadecimal, so they need no quoting in a URL or a configuration file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, name: str) -> Path:
        """The file of a secret, made first when it isn't there."""
        if name not in NAMES:
            raise KeyError(name)
        path = self.folder / name
        if not path.exists():
            self._create(path)
        return path

    def read(self, name: str) -> str:
        """The secret's value."""
        return self.path(name).read_text(encoding="ascii").strip()

    def _create(self, path: Path) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_once(path, secrets.token_hex(32))


def write_once(path: Path, text: str) -> None:
    """The file (0600) with the text; one that is there already stays as it is."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(text)
    try:
        os.link(fresh, path)  # the first of two processes wins, and both then read the same value
    except FileExistsError:
        pass
    finally:
        fresh.unlink()
