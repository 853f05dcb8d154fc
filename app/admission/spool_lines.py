"""A claim as the spool keeps it, on disk and on its way to another host: a line `crc32 json\\n`."""

from __future__ import annotations

import logging
import zlib
from logging import ERROR, WARNING

import orjson

from app.admission.claims import Claim

logger = logging.getLogger(__name__)


def line(claim: Claim) -> bytes:
    """The claim with its checksum."""
    body = orjson.dumps(claim)
    return b"%08x %s\n" % (zlib.crc32(body), body)


def claims_in(data: bytes, name: str) -> tuple[list[Claim], int]:
    """The claims of some lines, and how many whole lines hold none that can be read; `name` says in the log whose they are.

    A last line without its end was torn off while it was written: it was never answered, and is left out. Of any other line
    nobody knows whether it was.
    """
    claims, unreadable = [], 0
    for number, one in enumerate(data.splitlines(keepends=True), start=1):
        whole = one.endswith(b"\n")
        try:
            claims.append(_claim(one.removesuffix(b"\n")))
        except ValueError as error:
            logger.log(ERROR if whole else WARNING, "line %d of %s is left out: %s", number, name, error)
            unreadable += whole
    return claims, unreadable


def _claim(one: bytes) -> Claim:
    checksum, _, body = one.partition(b" ")
    if b"%08x" % zlib.crc32(body) != checksum:
        raise ValueError("its checksum is wrong")
    return Claim.from_wire(orjson.loads(body))
