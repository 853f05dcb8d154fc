"""Configuration files from templates: placeholders are `@{name}`, so that `$` and `%` stay the servers' own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from string import Template

from ops.stack.accounts import give

TEMPLATES = Path(__file__).with_name("templates")


class ConfigTemplate(Template):
    """`string.Template` with only the braced form `@{name}`; a name without a value is an error."""

    delimiter = "@"
    pattern = r"@\{(?P<braced>[a-z][a-z_0-9]*)\}|(?P<escaped>(?!))|(?P<named>(?!))|(?P<invalid>(?!))"  # type: ignore[assignment]


@dataclass(frozen=True)
class ConfigFile:
    """One rendered file: where it goes, its text, and who may read it."""

    path: Path
    text: str
    mode: int = 0o644
    account: str | None = None

    def write(self) -> bool:
        """Put the file in place atomically; False when it already is as it should be."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        if self.path.exists() and self.path.read_text(encoding="utf-8") == self.text:
            return False
        fresh = self.path.with_name(f".{self.path.name}.new")
        fresh.unlink(missing_ok=True)
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, self.mode)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(self.text)
        fresh.chmod(self.mode)
        give(fresh, self.account)
        fresh.replace(self.path)
        return True


def render(template: Path, **values: object) -> str:
    """The template's text with its placeholders filled."""
    text = template.read_text(encoding="utf-8")
    return ConfigTemplate(text).substitute({name: str(value) for name, value in values.items()})
