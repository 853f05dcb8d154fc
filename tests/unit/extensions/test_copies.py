"""Copies: a page is answered by what was read last, whatever the database does meanwhile."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from time import monotonic

import gevent
import pytest
from gevent.event import Event

from app.extensions import copies
from app.extensions.copies import Copies


class Table:
    """What is copied: a number by name. It can be away, or answer nobody until `let_go`."""

    def __init__(self) -> None:
        self.rows = {"a": 1, "b": 2}
        self.asked: list[set[str]] = []
        self.away = False
        self.hangs = False
        self.let_go = Event()

    def read(self, keys: Collection[str]) -> Mapping[str, int]:
        self.asked.append(set(keys))
        if self.hangs:
            self.let_go.wait(timeout=5)
        if self.away:
            raise ConnectionError("away")
        return {key: self.rows[key] for key in keys if key in self.rows}


@pytest.fixture
def table() -> Table:
    return Table()


@pytest.fixture
def kept(table: Table) -> Copies[str, int]:
    return Copies(table.read, fresh_s=1.0, old_s=10.0)


def age(kept: Copies[str, int], seconds: float) -> None:
    """Let every copy be as old as that."""
    kept._known = {key: (monotonic() - seconds, value) for key, (_, value) in kept._known.items()}


def renewed(kept: Copies[str, int]) -> None:
    """Wait for the read beside."""
    assert kept._refresh is not None
    assert kept._refresh.wait(timeout=5)


def test_a_fresh_copy_asks_nobody(table: Table, kept: Copies[str, int]) -> None:
    assert kept.get_all(["a", "b", "none"]) == {"a": 1, "b": 2}
    table.rows["a"] = 3
    assert kept.get_all(["a", "none"]) == {"a": 1}
    assert table.asked == [{"a", "b", "none"}]


def test_who_asks_together_shares_a_read(table: Table, kept: Copies[str, int]) -> None:
    asking = [gevent.spawn(kept.get_all, [key]) for key in ("a", "b", "a")]
    gevent.joinall(asking, timeout=5)
    assert [one.value for one in asking] == [{"a": 1}, {"b": 2}, {"a": 1}]
    assert table.asked == [{"a", "b"}]


def test_a_stale_copy_answers_and_is_read_again_once(table: Table, kept: Copies[str, int]) -> None:
    kept.get_all(["a", "b"])
    age(kept, 2)
    table.rows["a"] = 3
    assert [kept.get_all(["a"]), kept.get_all(["a"])] == [{"a": 1}, {"a": 1}]
    renewed(kept)
    assert kept.get_all(["a", "b"]) == {"a": 3, "b": 2}
    assert table.asked[1:] == [{"a"}]


def test_an_old_copy_waits_for_a_newer_one(table: Table, kept: Copies[str, int]) -> None:
    kept.get_all(["a"])
    age(kept, 11)
    table.rows["a"] = 3
    assert kept.get_all(["a"]) == {"a": 3}


@pytest.mark.parametrize("trouble", ["away", "hangs"])
def test_a_table_that_does_not_answer_stalls_nobody(
    table: Table, kept: Copies[str, int], monkeypatch: pytest.MonkeyPatch, trouble: str
) -> None:
    monkeypatch.setattr(copies, "GRACE_S", 0.05)
    monkeypatch.setattr(copies, "RETRY_S", 0.05)
    kept.get_all(["a"])
    age(kept, 11)
    setattr(table, trouble, True)
    assert kept.get_all(["a"]) == {"a": 1}
    table.away = table.hangs = False
    table.let_go.set()
    table.rows["a"] = 3
    renewed(kept)
    while kept._refresh is not None:
        gevent.sleep(0.01)
    age(kept, 11)
    assert kept.get_all(["a"]) == {"a": 3}


def test_what_was_never_read_fails_as_the_read_does(table: Table, kept: Copies[str, int]) -> None:
    table.away = True
    with pytest.raises(ConnectionError):
        kept.get_all(["a"])


def test_too_many_are_forgotten_and_read_again(table: Table) -> None:
    kept: Copies[str, int] = Copies(table.read, fresh_s=1.0, old_s=10.0, most=1)
    for _ in range(3):
        assert kept.get_all(["a"]) == {"a": 1}
        assert kept.get_all(["a", "b"]) == {"a": 1, "b": 2}
