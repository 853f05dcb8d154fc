"""Starts one consumer process and stops it gracefully on SIGTERM."""

from __future__ import annotations

import gc
import logging
import signal
from collections.abc import Callable, Sequence

import gevent
from gevent.event import Event

from app.admission.engine import Engine
from app.extensions.logs import configure_logs
from app.extensions.services import Services
from app.offerings import build_engine
from app.operations.facts import process_facts
from app.settings import Settings
from consumers import audit, claims, imports, maintenance, upstreams

logger = logging.getLogger(__name__)

Program = Callable[[Services, Engine, Event], None]
PROGRAMS: dict[str, Program] = {
    "claims": claims.run,
    "maintenance": maintenance.run,
    "audit": audit.run,
    "imports": imports.run,
    "upstreams": upstreams.run,
}


def main(arguments: Sequence[str]) -> int:
    """Run the named program until it is told to stop. Exit status 2 for an unknown name."""
    if len(arguments) != 1 or arguments[0] not in PROGRAMS:
        logger.error("usage: python -m consumers %s", "|".join(PROGRAMS))
        return 2
    configure_logs(dict)
    services = Services.for_process(Settings.from_environment())
    engine = build_engine(services)
    stopping = Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        gevent.signal_handler(number, stopping.set)
    services.start()
    gevent.spawn(services.pulse.run, arguments[0], lambda: process_facts(services, engine))
    gc.collect()
    gc.freeze()
    PROGRAMS[arguments[0]](services, engine, stopping)
    services.pulse.end()
    services.close()
    return 0
