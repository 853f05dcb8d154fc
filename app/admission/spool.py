"""The disk spool: claims the broker has not confirmed, kept on local disk until it does.

One segment file per process, locked while its process lives; a line is `crc32 json\\n`, written and fsynced before the
caller says 202. A dead process's segments are replayed by any other of the host. A torn last line was never answered.

A segment with other lines that cannot be read may hold promises all the same. When those that can be read are published, it is
put aside as `*.unreadable`, for somebody to look at: nothing waits for it any more.
"""

from __future__ import annotations

import contextlib
import fcntl
import logging
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import gevent
from gevent.lock import RLock

from app.admission.claims import Claim
from app.admission.origins import SUFFIX, UNREADABLE, Origin, origin_of, segment_name
from app.admission.spool_index import SpoolIndex
from app.admission.spool_lines import claims_in, line
from app.extensions.clock import CampusClock, Clock
from app.extensions.registry import host_name

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Segment:
    """What is to be published again, and its spool. `removal.close()` takes it out of the spool; until then it stays for the
    next try."""

    claims: list[Claim]
    origin: Origin
    removal: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)


class Spool:
    """Append here what must not be lost; `replayable()` hands out segments to publish again."""

    def __init__(self, folder: Path, host: str | None = None, clock: Clock | None = None) -> None:
        self._folder = folder
        self._host = host or host_name()
        self._clock = clock or CampusClock()
        self._lock = RLock()
        self._segment: Path | None = None
        self._descriptor = -1
        self._index = SpoolIndex()

    def append(self, claims: Sequence[Claim]) -> None:
        """Write and fsync. Raises OSError when the disk does not take it: then nothing was promised."""
        data = b"".join(line(claim) for claim in claims)
        with self._lock:
            try:
                if self._segment is None:
                    self._open()
                _aside(_write_durably, self._descriptor, data)
            except OSError:
                # It may end with a torn line, which would swallow the next one; or its name may not be on the disk.
                self._close()
                raise

    def _open(self) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        self._segment, self._descriptor = self._new_segment()
        _aside(_sync_folder, self._folder)

    def _new_segment(self) -> tuple[Path, int]:
        """A locked segment. Another process may meet it before it is locked, find it empty and remove it: then again."""
        while True:
            segment = self._folder / segment_name(Origin(self._host, self._clock.epoch_ms()))
            descriptor = os.open(segment, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if os.fstat(descriptor).st_nlink:
                return segment, descriptor
            os.close(descriptor)

    def _close(self) -> None:
        if self._segment is not None:
            os.close(self._descriptor)
            self._segment, self._descriptor = None, -1

    def rotate(self) -> None:
        """Let go of the own segment, so that it can be replayed; the next append starts a new one."""
        with self._lock:
            self._close()

    def empty(self) -> bool:
        """True when this host's spool holds nothing."""
        return not any(self._segments())

    def _segments(self) -> list[Path]:
        return sorted(self._folder.glob(f"*{SUFFIX}")) if self._folder.exists() else []

    def replayable(self) -> Iterator[Segment]:
        """Segments nobody writes to."""
        for segment in self._segments():
            with contextlib.suppress(FileNotFoundError, BlockingIOError), segment.open("rb") as file:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                claims, unreadable = claims_in(file.read(), f"spool segment {segment.name}")
                found = Segment(claims, origin_of(segment, self._host))
                if unreadable:
                    found.removal.callback(_keep_unread, segment)
                else:
                    found.removal.callback(segment.unlink, missing_ok=True)
                yield found

    def knows(self, claim_id: str) -> bool:
        """True when the claim stands in a segment of this host."""
        return self._index.knows(claim_id, self._segments())


def _aside(work: Callable[..., None], *arguments: object) -> None:
    """The disk may take its time: gevent's thread pool waits for it, the other greenlets go on."""
    gevent.get_hub().threadpool.apply(work, arguments)


def _keep_unread(segment: Path) -> None:
    logger.error("spool segment %s holds lines that nobody can read: it is put aside", segment)
    with contextlib.suppress(FileNotFoundError):
        segment.rename(segment.with_suffix(UNREADABLE))


def _write_durably(descriptor: int, data: bytes) -> None:
    view = memoryview(data)
    while view:
        view = view[os.write(descriptor, view) :]
    os.fsync(descriptor)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
