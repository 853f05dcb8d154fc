"""Stacks for tests: where they live, and whether they outlive the run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from ops.stack import Stack
from ops.stack.service import Service


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


@contextmanager
def frozen(service: Service) -> Iterator[None]:
    """It holds its connections, its kernel takes new ones, and it answers nothing."""
    service.pause()
    try:
        yield
    finally:
        service.resume()
