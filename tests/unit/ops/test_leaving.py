"""A host leaves when no Nginx sends requests to it any more; one that may not leave after all stays in service."""

from __future__ import annotations

from pathlib import Path

import pytest

from ops.lab.lab import INVENTORY
from ops.stack import Stack, StackError, leaving
from ops.stack.__main__ import main


@pytest.mark.parametrize("fails", [False, True])
def test_a_host_that_is_still_asked_stays_in_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fails: bool
) -> None:
    done: list[str] = []

    def set_up(_stack: Stack, command: tuple[str, list[str]]) -> None:
        words = command[1]
        done.append("undo" if "--undo" in words else "drain")
        assert "10.77.0.1:8000" in words
        if fails:
            raise StackError("still served")

    monkeypatch.setattr(leaving, "wait_whole", lambda *_: None)
    monkeypatch.setattr(leaving, "set_up", set_up)
    monkeypatch.setattr(Stack, "registered", lambda _: ["10.77.0.1:8000"])
    monkeypatch.setattr(Stack, "down", lambda _: done.append("down"))
    said = main(["leave", "--root", str(tmp_path), "--inventory", str(INVENTORY), "--host", "h1"])
    assert (said, done) == ((1, ["drain", "undo"]) if fails else (0, ["drain", "down"]))
