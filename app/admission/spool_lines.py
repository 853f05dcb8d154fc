"""A claim as the spool keeps it, on disk and on its way to another host: a line `crc32 json\\n`."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Iterator

import orjson

from app.admission.claims import Claim

logger = logging.getLogger(__name__)


def line(claim: Claim) -> bytes:
    """The claim with its checksum."""
    body = orjson.dumps(claim)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def claims_in(data: bytes, name: str) -> Iterator[Claim]:
    """The claims of some lines; `name` says in the log whose they are. A torn line is left out: it was never answered.

    Raises ValueError for a whole line that holds no claim.
    """
    for one in data.splitlines():
        checksum, _, body = one.partition(b" ")
        if b"%08x" % zlib.crc32(body) != checksum:
            logger.warning("torn line in %s (never answered, left out)", name)
            continue
        yield Claim.from_wire(orjson.loads(body))
