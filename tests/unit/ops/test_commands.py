"""Commands of the application on a host: with its settings, which no shell of an operator has."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from ops.lab.lab import INVENTORY
from ops.stack import Stack
from ops.stack import __main__ as command
from ops.stack.cluster import Inventory

CLI = """
import os, sys
print(os.environ["SEATRUSH_HOST_NUMBER"], sys.argv[1:])
sys.exit(3)
"""


def test_a_command_gets_the_settings_its_own_options_and_the_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "__init__.py").touch()
    (tmp_path / "app" / "cli.py").write_text(CLI)
    config = replace(command.host_config(Inventory.read(INVENTORY), "h2", tmp_path / "var"), repository=tmp_path)
    monkeypatch.setattr(command, "Stack", lambda _: Stack(config))
    assert command.main(["app", "--", "create-manager", "boss", "--super"]) == 3
    assert capfd.readouterr().out == "2 ['create-manager', 'boss', '--super']\n"
