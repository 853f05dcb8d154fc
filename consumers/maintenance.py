"""The watch: one bounded pass after another, each on its own beat, none able to stop the others.

With several hosts one of them does a pass for all, by the lease that stands with it (docs/leases.md).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import gevent
from gevent.event import Event
from kazoo.exceptions import KazooException
from pika.exceptions import AMQPError
from prometheus_client import Counter
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from app.admission.engine import Engine
from app.admission.store import EpochError
from app.audit.storing import forget_old
from app.controls.reading import Controls
from app.enrolment.lottery.deciding import draw_requested
from app.enrolment.rounds.describing import describe_changed
from app.enrolment.sections.reserved import SECTIONS
from app.exchange.jobs import forget_old as forget_old_imports
from app.extensions.breakers import DependencyDownError
from app.extensions.leases import LeaseLostError, Leases
from app.extensions.registry import HOSTS, Presence, host_name
from app.extensions.services import Services
from app.lectures.quota.following import follow_rules
from app.lectures.reserved import LECTURES
from app.notices.outcomes import OutcomeNotices
from app.operations.public import EVERY_S, PublicStatus
from app.seating.opening import open_reserved
from consumers import audit, imports
from consumers.handing_over import HandingOver

logger = logging.getLogger(__name__)

FAILED = Counter("seatrush_maintenance_failures_total", "Maintenance passes that met an outage", ["name"])

# gevent's time-out is a BaseException, and would end a pass for good.
OUTAGES = (
    RedisError,
    SQLAlchemyError,
    AMQPError,
    KazooException,
    DependencyDownError,
    EpochError,
    LeaseLostError,
    OSError,
    gevent.Timeout,
)

# Of the pass "spool" while a rebuild drains: so many in a row between two beats.
SPOOL_TURNS = 8
SPOOL_PAUSE_S = 0.1

RELAY, SWEEPER, SCHEDULER = "relay", "sweeper", "scheduler"


@dataclass(frozen=True, slots=True)
class Job:
    """One pass and how often it comes round, in seconds."""

    name: str
    every_s: float
    work: Callable[[], object]
    lease: str | None = None  # None: every host does its own


def jobs(services: Services, engine: Engine) -> list[Job]:
    """Every pass of the watch."""
    keeper, controls, outcomes = engine.keeper, Controls(services), OutcomeNotices(services, engine)
    status = PublicStatus(services, engine)
    return [
        Job("watch", 0.5, engine.watch.tick, SWEEPER),
        Job("status", EVERY_S, status.write),
        Job("spool", 0.5, lambda: _send_spool(engine)),
        Job("hosts", 2.0, engine.flushes.look),
        Job("relay", 0.5, keeper.relay, RELAY),
        Job("sweep", 1.0, keeper.sweep, SWEEPER),
        Job("marks", 5.0, keeper.clear_marks, SWEEPER),
        Job("seats", 1.0, engine.seats_feed.publish, RELAY),
        Job("offers", 2.0, engine.offers.make, SWEEPER),
        Job("draws", 1.0, engine.draws.make, SCHEDULER),
        Job("reconcile", 3.0, engine.reconciler.repair, SWEEPER),
        Job("lotteries", 2.0, lambda: draw_requested(services, engine), SCHEDULER),
        Job("rounds", 1.0, lambda: describe_changed(services, engine), SCHEDULER),
        Job("quotas", 2.0, lambda: follow_rules(services, engine), SCHEDULER),
        Job("accounts", 2.0, engine.accounts.hand_over_due, SCHEDULER),
        Job("reserved", 5.0, lambda: _open_reserved(services, engine), SCHEDULER),
        Job("notices", 3.0, outcomes.follow, SCHEDULER),
        Job("imports", 600.0, lambda: forget_old_imports(services), SCHEDULER),
        # After it: what no notice has been made of yet must not be forgotten.
        Job("purge", 60.0, lambda: (outcomes.follow(), keeper.purge()), SCHEDULER),
        Job("unload", 60.0, engine.loader.unload_past, SCHEDULER),
        Job(
            "audit",
            60.0,
            lambda: forget_old(services.db, services.clock, controls.number("audit_keep_days")),
            SCHEDULER,
        ),
    ]


def _send_spool(engine: Engine) -> None:
    """Some times over while Redis is rebuilt: nobody has verdicts meanwhile, and the rebuild waits for every host's answer."""
    for _ in range(SPOOL_TURNS):
        engine.courier.replay_spool()
        if not engine.flushes.answer():
            break
        gevent.sleep(SPOOL_PAUSE_S)


def _open_reserved(services: Services, engine: Engine) -> None:
    for one in (LECTURES, SECTIONS):
        open_reserved(engine, services, one, services.clock.now())


def run(services: Services, engine: Engine, stopping: Event) -> None:
    """Run every job on its own beat until told to stop, and beside them imports and the audit log's consumer."""
    leases = Leases(services.zookeeper, services.db)
    presence = Presence(services.zookeeper, f"{HOSTS}/{host_name()}")
    presence.show([])
    others = engine.flushes.others
    beats = [gevent.spawn(_beat, job, leases, stopping, others) for job in jobs(services, engine)]
    importing = gevent.spawn(imports.run, services, engine, stopping)
    # In this greenlet: it ends when told to, whatever happens to it.
    audit.run(services, engine, stopping)
    gevent.joinall(beats)
    importing.join()
    presence.leave()
    with suppress(*OUTAGES):
        leases.give_back()


def _beat(job: Job, leases: Leases, stopping: Event, others: Callable[[], bool]) -> None:
    handing_over = HandingOver(leases, job.lease, others)
    while not stopping.is_set():
        try:
            with handing_over.unless_it_works():
                _turn(job, leases)
        except OUTAGES as error:
            FAILED.labels(job.name).inc()
            logger.warning("%s waits: %r", job.name, error)
        except Exception:
            # A defect in one pass must not end the watch: it is logged in full and counted.
            FAILED.labels(job.name).inc()
            logger.exception("%s failed", job.name)
        stopping.wait(job.every_s)


def _turn(job: Job, leases: Leases) -> None:
    if job.lease is None:
        job.work()
        return
    with leases.holding(job.lease) as mine:
        if mine:
            job.work()
