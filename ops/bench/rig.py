"""The private stack that is measured, its campus, and what stands beside it: the ceiling and the baseline."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from sqlalchemy import func, select

from app.admission.engine import Engine
from app.audit.models import RequestLog
from app.demo import seed_demo
from app.extensions.pulse import ANSWERS_OF_ALL_SORTS, per_second, pulses
from app.extensions.services import Services
from app.offerings import build_engine
from consumers.audit import RUSH_ANSWERS, RUSH_CLAIMS
from migrations import upgrade
from ops.bench.baseline.models import Base
from ops.bench.shooting import BenchError
from ops.clients import settings_of, student_tokens
from ops.stack import Stack, StackConfig
from ops.stack.config import Site
from ops.webroot import build

_HERE = Path(__file__).parent
_SETTINGS = _HERE / "gunicorn_settings.py"
SITES = (
    Site("ceiling", "ops.bench.ceiling:app", "/bench/ceiling/", _SETTINGS),
    Site("baseline", "ops.bench.baseline.wsgi:app", "/bench/baseline/", _SETTINGS),
)
TOKEN_TTL = 4 * 3600
QUIET_S = 1.5  # longer than the audit log's consumer waits for a batch to fill


@dataclass(frozen=True, slots=True)
class Student:
    """One student with an access token."""

    account_id: int
    token: str


@dataclass
class Rig:
    """A running stack, and this process's own clients of it."""

    stack: Stack
    services: Services
    engine: Engine
    students: list[Student]
    keys: int = 0

    @cached_property
    def port(self) -> int:
        """Nginx's port on 127.0.0.1."""
        return self.stack.config.ports.http

    def next_key(self) -> str:
        """An Idempotency-Key that no request of this run has used."""
        self.keys += 1
        return f"bench-{self.keys:08d}"

    @classmethod
    @contextmanager
    def up(cls, folder: Path, *, students: int, keep: bool = False) -> Iterator[Rig]:
        """Start afresh in `folder`; stops the stack at the end and removes the folder unless `keep`."""
        config = StackConfig.for_folder(
            folder,
            name="bench",
            programs=("web", "claims", "maintenance"),
            sites=SITES,
            # One address makes all the load: Nginx's limits per address must not be what is measured.
            requests_per_second=1_000_000,
            request_burst=1_000_000,
            connections_per_address=60_000,
            claims_at_once=60_000,
        )
        stack = Stack(config)
        stack.down()
        shutil.rmtree(folder, ignore_errors=True)
        build(config.webroot)
        try:
            stack.up()
            rig = cls._furnish(stack, students)
            yield rig
            rig.services.close()
            # Idle connections of Nginx would hold each gunicorn for its graceful time-out.
            stack.service("nginx").stop()
        finally:
            stack.down()
            if not keep:
                shutil.rmtree(folder, ignore_errors=True)

    @classmethod
    def _furnish(cls, stack: Stack, students: int) -> Rig:
        settings = settings_of(stack)
        upgrade(settings.database_url)
        services = Services.for_process(settings)
        Base.metadata.create_all(services.db.engine)
        seed_demo(services, students=students)
        rig = cls(stack, services, build_engine(services), _students(services))
        stack.start_programs()
        rig.wait_for_epoch()
        return rig

    def wait_for_quiet(self) -> None:
        """Until the audit log's rows of the part before are stored: they are put off while it is busy (docs/audit.md), and
        must not be paid for by the part that follows. 60 s at most."""
        deadline, stored = time.monotonic() + 60, -1
        while time.monotonic() < deadline:
            calm = not self._rush()
            time.sleep(QUIET_S)
            with self.services.db.transaction() as session:
                stored, before = session.scalar(select(func.count(RequestLog.id))) or 0, stored
            if calm and stored == before and not self._rush():
                return
        raise BenchError("the audit log of the part before is not stored")

    def _rush(self) -> bool:
        """As the audit log's consumer sees it."""
        told = pulses(self.services.settings.pulses_dir)
        answers = sum(per_second(one, *ANSWERS_OF_ALL_SORTS) for one in told)
        return answers >= RUSH_ANSWERS or self.services.redis.zcard("sr:pending") >= RUSH_CLAIMS

    def wait_for_epoch(self) -> None:
        """Until maintenance has opened Redis. Raises BenchError after 30 s."""
        deadline = time.monotonic() + 30
        while self.engine.store.stored_fence()[0] == 0:
            if time.monotonic() > deadline:
                raise BenchError(f"Redis was not opened: {self.stack.logs('maintenance', 5)}")
            time.sleep(0.05)
        self.engine.epochs.learn()


def _students(services: Services) -> list[Student]:
    return [Student(*one) for one in student_tokens(services, ttl_seconds=TOKEN_TTL)]
