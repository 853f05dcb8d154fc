"""The disk spool: what was appended comes back, torn lines do not, and a living writer's segment is its own."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import gevent
import pytest
from gevent import monkey

from app.admission import spool as module
from app.admission.claims import Claim, claim_id
from app.admission.engine import Engine
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


def spoil(folder: Path, number: int, line: bytes) -> None:
    """Put this in the place of a line of the only segment."""
    (segment,) = folder.glob("*.spool")
    lines = segment.read_bytes().splitlines(keepends=True)
    lines[number] = line
    segment.write_bytes(b"".join(lines))


def replay(spool: Spool) -> list[Claim]:
    """As the courier does when the broker confirms everything."""
    spool.rotate()
    found = []
    for one in spool.replayable():
        found += one.claims
        one.removal.close()
    return found


# A checksum that is wrong, a whole line that is cut, and one whose checksum is right and which holds no claim.
DAMAGED = [b'00000000 {"id":"gone"}\n', b"\n", b'e7b8d559 {"of":"another release"}\n']


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("damaged", DAMAGED)
def test_a_line_that_cannot_be_read_keeps_nobody_waiting_and_is_kept(
    tmp_path: Path, number: int, damaged: bytes
) -> None:
    """Somebody may have been told 202 for it."""
    spool, wanted = Spool(tmp_path), claims(3)
    spool.append(wanted)
    spoil(tmp_path, number, damaged)
    kept = next(tmp_path.glob("*.spool")).read_bytes()
    assert replay(spool) == [one for at, one in enumerate(wanted) if at != number]
    assert spool.empty()
    assert replay(spool) == []
    (aside,) = tmp_path.glob("*.unreadable")
    assert aside.read_bytes() == kept


def test_it_is_put_aside_only_when_the_others_have_been_sent_on(tmp_path: Path) -> None:
    spool, wanted = Spool(tmp_path), claims(2)
    spool.append(wanted)
    spoil(tmp_path, 0, DAMAGED[0])
    spool.rotate()
    assert [one.claims for one in spool.replayable()] == [wanted[1:]]
    assert not spool.empty()
    assert replay(spool) == wanted[1:]
    assert spool.empty()


def test_what_was_mended_is_sent_on(tmp_path: Path) -> None:
    spool, wanted = Spool(tmp_path), claims(2)
    spool.append(wanted)
    (segment,) = tmp_path.glob("*.spool")
    whole = segment.read_bytes()
    spoil(tmp_path, 0, DAMAGED[0])
    replay(spool)
    (aside,) = tmp_path.glob("*.unreadable")
    aside.write_bytes(whole)
    aside.rename(segment)
    assert replay(spool) == wanted


def test_a_disk_that_refuses_is_an_error_and_no_promise(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(OSError, match=r"exists|directory"):
        Spool(blocked).append(claims(1))


class Disk:
    """One that takes a tenth of a second for each fsync, or up to one if nobody else comes on; the first may fail."""

    def __init__(self) -> None:
        self.others: list[int] = []  # how often another greenlet came on during each
        self.failing = False
        self._ticks = 0

    def fsync(self, _descriptor: int) -> None:
        before = self._ticks
        for _ in range(10):
            monkey.get_original("time", "sleep")(0.1)  # of this very thread
            if self._ticks > before + 3:  # on a busy machine not at once
                break
        self.others.append(self._ticks - before)
        if self.failing and len(self.others) == 1:
            raise OSError(5, "Input/output error")

    def tick(self) -> None:
        while True:
            self._ticks += 1
            gevent.sleep(0.005)


@pytest.fixture
def slow_disk(monkeypatch: pytest.MonkeyPatch) -> Iterator[Disk]:
    disk = Disk()
    monkeypatch.setattr(os, "fsync", disk.fsync)
    ticking = gevent.spawn(disk.tick)
    yield disk
    ticking.kill()


def test_a_disk_that_takes_its_time_holds_up_nobody_else(tmp_path: Path, slow_disk: Disk) -> None:
    """Neither for the claims nor, of a new segment, for its name in the folder."""
    Spool(tmp_path).append(claims(1))
    assert len(slow_disk.others) == 2
    assert min(slow_disk.others) > 3


def test_on_the_spot_it_would(tmp_path: Path, slow_disk: Disk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_aside", lambda work, *arguments: work(*arguments))
    Spool(tmp_path).append(claims(1))
    assert slow_disk.others == [0, 0]


def test_a_segment_whose_name_is_not_on_the_disk_is_not_written_to(tmp_path: Path, slow_disk: Disk) -> None:
    slow_disk.failing = True
    spool = Spool(tmp_path)
    with pytest.raises(OSError, match="Input/output"):
        spool.append(claims(1))
    spool.append(claims(1))
    assert sorted(segment.stat().st_size > 0 for segment in tmp_path.glob("*.spool")) == [False, True]


@pytest.mark.parametrize("times", [1, 2])
def test_what_one_test_leaves_in_its_spool_no_other_one_finds(engine: Engine, times: int) -> None:
    assert engine.spool.empty()
    engine.spool.append(claims(1))
