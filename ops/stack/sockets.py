"""Where the unix sockets go: inside the root, or, as a socket's path holds 107 bytes at most, a short folder."""

from __future__ import annotations

import hashlib
import os
import shutil
import stat
from pathlib import Path

from ops.stack.errors import StackError

# 107 less the longest name below the folder, "/supervisor.sock.4194304" (supervisor binds a temporary name first).
LONGEST = 107 - 24


def socket_folder(root: Path) -> Path:
    """The stack's socket folder: `<root>/sock`, or one under /tmp which follows from the root's path."""
    inside = root / "sock"
    if len(os.fsencode(inside)) <= LONGEST:
        return inside
    digest = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return Path("/tmp") / f"seatrush-{os.geteuid()}-{digest}"


def make_socket_folder(folder: Path) -> None:
    """Make the folder, open to pass through only; refuse one under /tmp which another account made."""
    folder.mkdir(mode=0o711, parents=True, exist_ok=True)
    status = folder.lstat()
    if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid():
        raise StackError(f"{folder} belongs to somebody else: remove it, or use a root folder with a shorter path")
    folder.chmod(0o711)


def remove_socket_folder(folder: Path) -> None:
    """Remove the folder with what killed servers left in it; one that isn't ours is left alone."""
    if folder.is_dir() and not folder.is_symlink() and folder.stat().st_uid == os.geteuid():
        shutil.rmtree(folder, ignore_errors=True)
