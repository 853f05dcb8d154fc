"""Settings for flask's commands typed by hand."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from app.local_environment import adopt


@pytest.fixture
def left(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What a stack left, and an environment that says nothing."""
    for name in [name for name in os.environ if name.startswith("SEATRUSH_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("FLASK_RUN_FROM_CLI", "true")
    monkeypatch.setattr(sys, "argv", ["flask", "demo", "tokens"])
    monkeypatch.setattr(os, "environ", os.environ.copy())
    path = tmp_path / "environment.json"
    path.write_text(json.dumps({"SEATRUSH_MODE": "demo"}))
    return path


def test_flasks_command_finds_what_runs_here(left: Path) -> None:
    adopt(left)
    assert os.environ["SEATRUSH_MODE"] == "demo"


def test_what_is_said_counts(left: Path) -> None:
    os.environ["SEATRUSH_SECRET_KEY"] = "said"
    adopt(left)
    assert "SEATRUSH_MODE" not in os.environ


@pytest.mark.parametrize("argv", [["gunicorn", "wsgi:app"], ["flask", "run"]])
def test_a_server_must_be_told(left: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]) -> None:
    monkeypatch.setattr(sys, "argv", argv)
    adopt(left)
    assert "SEATRUSH_MODE" not in os.environ


def test_nothing_runs_here(left: Path) -> None:
    left.unlink()
    adopt(left)
    assert "SEATRUSH_MODE" not in os.environ
