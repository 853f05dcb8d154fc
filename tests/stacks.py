"""Stacks for tests: where they live, whether they outlive the run, and the settings that their programs read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from app.settings import Settings
from ops.stack import Stack


def folder_of(variable: str, make_folder: Callable[[], Path]) -> tuple[Path, bool]:
    """The folder that the environment variable names, kept for the next run; or one of this run's own."""
    kept = os.environ.get(variable)
    return (Path(kept), True) if kept else (make_folder(), False)


@contextmanager
def standing(stack: Stack, *, kept: bool) -> Iterator[Stack]:
    """The stack with its servers up; taken down at the end unless it is kept."""
    try:
        stack.up()
        yield stack
    finally:
        if not kept:
            stack.down()


def settings_of(stack: Stack) -> Settings:
    """Read as the programs do, without leaving anything in this process's environment."""
    before = dict(os.environ)
    try:
        return Settings.from_environment(
            {name.removeprefix("SEATRUSH_"): value for name, value in stack.environment().items()}
        )
    finally:
        os.environ.clear()
        os.environ.update(before)
