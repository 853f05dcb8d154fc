"""Whose a spool's segment is, in its name and beside the messages that are made of it."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.admission.origins import Origin, origin_from, origin_of, segment_name

THERE = Origin("h-2.campus", 1_790_000_000_123)


def test_a_segment_says_whose_it_is_wherever_it_lies() -> None:
    names = {segment_name(THERE) for _ in range(3)}
    assert len(names) == 3
    assert {origin_of(Path("/elsewhere") / name, "h1") for name in names} == {THERE}


@pytest.mark.parametrize("name", ["0f" * 16 + ".spool", "old.spool"])
def test_one_of_an_older_release_is_its_hosts_and_older_than_everything(name: str) -> None:
    assert origin_of(Path(name), "h1") == Origin("h1", 0)


def test_a_message_says_it_too() -> None:
    assert origin_from(THERE.written()) == THERE


@pytest.mark.parametrize("written", [None, "", "h1", "h1 soon", 7, True])
def test_others_come_from_no_spool(written: object) -> None:
    assert origin_from(written) is None
