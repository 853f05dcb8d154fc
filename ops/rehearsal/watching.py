"""What waits and which breakers are open, twice a second: `python -m ops.rehearsal watch FILE`, a process on each host with
that host's settings, until its standard input ends. Each line is one look."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import orjson

from app.admission.deadletters import queue_depths
from app.extensions.broker import DEAD
from app.extensions.pulse import pulses
from app.extensions.services import Services
from app.settings import Settings
from ops.drills.inside import input_ends

EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Look:
    """`at` by the monotonic clock. `queued`: messages in the claim queues; `pending`: claims that Redis holds as undecided;
    None: the server did not say. `breakers`: those that are not closed."""

    at: float
    queued: int | None
    pending: int | None
    breakers: list[str]


def look(services: Services) -> Look:
    """At everything once."""
    settings = services.settings
    told = [one["facts"].get("breakers", {}) for one in pulses(settings.pulses_dir)]
    return Look(
        monotonic(),
        _asked(lambda: _queued(settings)),
        _asked(lambda: int(services.redis.zcard("sr:pending"))),
        sorted({name for states in told for name, state in states.items() if state != "closed"}),
    )


def read(paths: Sequence[Path]) -> list[Look]:
    """Everything that was seen from all hosts, by time; a last line that is not whole is left out."""
    lines = [line for path in paths for line in path.read_bytes().splitlines(keepends=True) if line.endswith(b"\n")]
    return sorted((Look(**orjson.loads(line)) for line in lines), key=lambda one: one.at)


def _line(seen: Look) -> bytes:
    return orjson.dumps(seen) + b"\n"


def _queued(settings: Settings) -> int:
    depths = queue_depths(settings.amqp_url, settings.claim_queues)
    return sum(count for name, count in depths.items() if name != DEAD)


def _asked(question: Callable[[], int]) -> int | None:
    try:
        return question()
    except Exception:
        return None  # a server that is too busy, which is what is watched


def watch(path: Path) -> None:
    """Look until nobody wants it any more."""
    services, enough = Services.for_process(Settings.from_environment()), input_ends()
    with path.open("ab", buffering=0) as file:
        file.write(_line(look(services)))
        while not enough.wait(EVERY_S):
            file.write(_line(look(services)))
        file.write(_line(look(services)))
