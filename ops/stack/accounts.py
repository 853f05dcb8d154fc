"""Which system account a server runs as: its own when root runs the stack and the account can get there."""

from __future__ import annotations

import os
import pwd
import stat
from functools import lru_cache
from pathlib import Path


def is_root() -> bool:
    """Whether the caller may switch to another account."""
    return os.geteuid() == 0


@lru_cache(maxsize=64)
def account_for(wanted: str, folder: Path) -> str | None:
    """The account to switch to, or None to stay the caller.

    Root stays root when the wanted account is missing or may not pass through to the folder (a checkout
    under /root, pytest's 0700 folders).
    """
    if not is_root():
        return None
    try:
        account = pwd.getpwnam(wanted)
    except KeyError:
        return None
    groups = set(os.getgrouplist(wanted, account.pw_gid))
    return wanted if all(_may_pass(part, account.pw_uid, groups) for part in [*folder.parents]) else None


def give(path: Path, account: str | None) -> None:
    """Hand the file or folder to the account; nothing to do when the server runs as the caller."""
    if account is not None:
        entry = pwd.getpwnam(account)
        os.chown(path, entry.pw_uid, entry.pw_gid)


def _may_pass(folder: Path, uid: int, groups: set[int]) -> bool:
    if not folder.exists():  # still to be made by us, open to pass through
        return True
    status = folder.stat()
    if status.st_uid == uid:
        return bool(status.st_mode & stat.S_IXUSR)
    if status.st_gid in groups:
        return bool(status.st_mode & stat.S_IXGRP)
    return bool(status.st_mode & stat.S_IXOTH)
