"""Vendored files are what web/vendor/SHA256SUMS says they are, or nothing is built."""

import hashlib
from pathlib import Path

from ops.webroot.errors import WebrootError

SUMS = "SHA256SUMS"


def _digests(folder: Path) -> dict[str, str]:
    """Path relative to ``folder`` → hex SHA-256, for every vendored file but the list itself and the README."""
    files = sorted(path for path in folder.rglob("*") if path.is_file() and path.name not in {SUMS, "README.md"})
    return {path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}


def check_sums(folder: Path) -> None:
    """Raise WebrootError when a vendored file is missing, changed or not listed."""
    listed: dict[str, str] = {}
    for line in (folder / SUMS).read_text().splitlines():
        digest, _, name = line.partition("  ")
        listed[name] = digest
    found = _digests(folder)
    for name in sorted(listed.keys() | found.keys()):
        if listed.get(name) != found.get(name):
            raise WebrootError(f"{folder / name} does not match {SUMS}; if meant, run: python -m ops.webroot sums")


def write_sums(folder: Path) -> None:
    """Write the list anew, in the format of ``sha256sum``, so that ``sha256sum -c`` reads it too."""
    lines = [f"{digest}  {name}\n" for name, digest in _digests(folder).items()]
    (folder / SUMS).write_text("".join(lines))
