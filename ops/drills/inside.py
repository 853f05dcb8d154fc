"""How a drill's tools are run elsewhere: in a host's namespaces, with its application's settings, until their input ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from subprocess import PIPE, Popen

import gevent
from gevent.event import Event

from ops.stack.config import REPOSITORY


@dataclass(frozen=True, slots=True)
class Inside:
    """A command before the tool's own (as `nsenter …`), and settings beside this process's environment."""

    prefix: Sequence[str] = ()
    settings: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """Another namespace begins in its own root folder, hence the path."""
        return {**os.environ, **self.settings, "PYTHONPATH": str(REPOSITORY)}

    def begin(self, *words: str) -> Popen[str]:
        """`python -m ops.drills WORDS`, with pipes for input and output. It ends when its input does: a signal would reach only
        what enters the namespace for it."""
        command = [*self.prefix, sys.executable, "-m", "ops.drills", *words]
        return Popen(command, cwd=REPOSITORY, env=self.environment, text=True, stdin=PIPE, stdout=PIPE)


def finish(process: Popen[str]) -> None:
    """Whatever happened: its input ends, and nothing of it is left here."""
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            with suppress(BrokenPipeError):
                pipe.close()
    if process.poll() is None:
        process.kill()
        process.wait()


def input_ends() -> Event:
    """Set when standard input ends: whoever wanted this process does not want it any more."""
    ended = Event()
    gevent.spawn(gevent.get_hub().threadpool.apply, os.read, (0, 1)).link(lambda _: ended.set())
    return ended
