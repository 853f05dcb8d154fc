"""Claims as an older release wrote them: a deployment finds queues and spools that are not empty."""

from __future__ import annotations

import zlib
from pathlib import Path

import orjson
import pytest

from app.admission.claims import Claim
from app.admission.courier import opened
from app.admission.spool import Spool

# Word for word what the release before wrote: with the epoch, which nobody ever read.
OLD = (
    b'{"id":"f3b1d7f0-5a8c-5d0e-9a64-0c2f6f2e7a11","kind":"lecture","action":"book","user_id":7,"offering_id":42,'
    b'"pools":["r1","0"],"pool":"r1","hold":"seat","line_ok":true,"admitted_at":1790000000123,"sequence":5,"epoch":3,'
    b'"target":"","fingerprint":"1"}'
)
SAME = Claim(
    id="f3b1d7f0-5a8c-5d0e-9a64-0c2f6f2e7a11",
    kind="lecture",
    action="book",
    user_id=7,
    offering_id=42,
    pools=("r1", "0"),
    pool="r1",
    hold="seat",
    admitted_at=1790000000123,
    sequence=5,
    fingerprint="1",
)


def test_an_old_message_is_opened() -> None:
    assert opened(b"[" + OLD + b"]") == [SAME]


def test_an_old_spool_is_replayed(tmp_path: Path) -> None:
    (tmp_path / "old.spool").write_bytes(b"%08x %s\n" % (zlib.crc32(OLD), OLD))
    (found,) = Spool(tmp_path).replayable()
    assert found.claims == [SAME]


def test_a_new_message_says_no_epoch() -> None:
    (claim,) = opened(orjson.dumps([SAME]))
    assert claim == SAME
    assert b"epoch" not in orjson.dumps(SAME)


def test_another_field_nobody_knows_is_no_claim() -> None:
    with pytest.raises(ValueError, match="not a claim"):
        opened(b"[" + OLD.replace(b'"epoch"', b'"era"') + b"]")
