"""The disk spool: what was appended comes back, torn lines do not, and a living writer's segment is its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.admission.claims import Claim, claim_id
from app.admission.spool import Spool


def claims(count: int) -> list[Claim]:
    return [Claim(claim_id(user, "book", "lecture", 7, "key"), "lecture", "book", user, 7) for user in range(count)]


def test_what_was_appended_can_be_replayed_and_then_is_gone(tmp_path: Path) -> None:
    spool, wanted = Spool(tmp_path / "spool"), claims(3)
    spool.append(wanted[:2])
    spool.append(wanted[2:])
    assert spool.knows(wanted[2].id)
    spool.rotate()
    for one in spool.replayable():
        assert one.claims == wanted
        one.removal.close()
    assert spool.empty()
    assert not spool.knows(wanted[2].id)


def test_a_segment_stays_until_its_removal(tmp_path: Path) -> None:
    spool = Spool(tmp_path)
    spool.append(claims(1))
    spool.rotate()
    assert [one.claims for one in spool.replayable()] == [one.claims for one in spool.replayable()] == [claims(1)]


def test_a_living_writers_segment_is_left_alone_but_known(tmp_path: Path) -> None:
    writer, other = Spool(tmp_path), Spool(tmp_path)
    writer.append(claims(1))
    assert list(other.replayable()) == []
    assert other.knows(claims(1)[0].id)


def test_what_another_process_replayed_is_forgotten(tmp_path: Path) -> None:
    writer, other = Spool(tmp_path), Spool(tmp_path)
    writer.append(claims(3))
    writer.rotate()
    for one in other.replayable():
        one.removal.close()
    assert not writer.knows(claims(1)[0].id)
    writer.append(claims(1))
    writer.rotate()
    for one in other.replayable():
        one.removal.close()
    assert not writer.knows(claims(1)[0].id)


def test_a_segment_is_read_as_it_grows_and_each_line_once(tmp_path: Path) -> None:
    writer, other, wanted = Spool(tmp_path), Spool(tmp_path), claims(40)
    for one in wanted:
        assert not other.knows(one.id)
        writer.append([one])
        assert other.knows(one.id)
    (segment,) = tmp_path.glob("*.spool")
    data = segment.read_bytes()
    segment.write_bytes(b"x" * len(data))  # what was read already is not read again
    assert all(other.knows(one.id) for one in wanted)
    with segment.open("ab") as file:
        file.write(data[:60])  # a line that is being written
    late = claims(41)[40]
    assert not other.knows(late.id)


def test_a_torn_line_was_never_answered_and_is_left_out(tmp_path: Path) -> None:
    spool, wanted = Spool(tmp_path), claims(2)
    spool.append(wanted)
    spool.rotate()
    (segment,) = tmp_path.glob("*.spool")
    segment.write_bytes(segment.read_bytes()[:-20])
    (found,) = spool.replayable()
    assert found.claims == wanted[:1]


def test_a_disk_that_refuses_is_an_error_and_no_promise(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match=r"exists|directory"):
        Spool(blocked).append(claims(1))
