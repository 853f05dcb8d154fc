"""Builds the web application. The only module outside `blueprints/` that imports blueprints.

Opens no connection: gunicorn calls `services.start()` in each worker after the fork.
"""

from __future__ import annotations

import logging
from importlib import import_module
from time import time

import gevent
from flask import Flask, Request, Response

from app.agenda.booked import BookedLectures
from app.agenda.overlaps import Overlaps
from app.auth.identity import Identity
from app.controls.reading import Controls
from app.enrolment.mine import Timetables
from app.extensions.db_link import PAGES
from app.extensions.logs import configure_logs
from app.extensions.pulse import Pulse
from app.extensions.registry import Registration
from app.extensions.services import Services
from app.offerings import build_engine
from app.operations.facts import process_facts
from app.operations.overview import Overview
from app.settings import Settings
from blueprints import BLUEPRINTS, INTERNAL
from blueprints.audit.noting import OnAnswer, auditing
from blueprints.context import log_context
from blueprints.errors import register_error_handlers
from blueprints.json import OrjsonProvider
from blueprints.lean import BEGAN, LeanFlask
from blueprints.live.hub import Hub
from blueprints.live.socket import register_socket
from blueprints.openapi import make_api

logger = logging.getLogger(__name__)

LARGEST_BODY = 256 * 1024
LAST_WORDS_S = 2.0


def create_app(settings: Settings | None = None, services: Services | None = None) -> LeanFlask:
    """The Flask application, with `services` (made from `settings`, or from the environment) in its extensions.

    Raises SettingsError when the environment does not describe a system that can start.
    """
    if services is None:
        services = Services.for_process(settings or Settings.from_environment(), patience=PAGES)
    app = LeanFlask("seatrush", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.json = OrjsonProvider(app)
    app.url_map.strict_slashes = False
    equip(app, services)
    register_error_handlers(app)
    _register_blueprints(app)
    return app


def equip(app: LeanFlask, services: Services) -> None:
    """Give the routes what they work with. They ask for it with each request, so another set takes the place of this one
    when it is given later: the tests build the routes once."""
    configure_logs(log_context)
    app.extensions["seatrush"] = services
    app.extensions["seatrush.engine"] = build_engine(services)
    app.extensions["seatrush.timetables"] = Timetables(services, app.extensions["seatrush.engine"])
    app.extensions["seatrush.booked"] = BookedLectures(services)
    app.extensions["seatrush.overlaps"] = Overlaps(
        services, app.extensions["seatrush.timetables"], app.extensions["seatrush.booked"]
    )
    app.extensions["seatrush.overview"] = Overview(services, app.extensions["seatrush.engine"])
    app.extensions["seatrush.identity"] = Identity.for_process(services)
    app.extensions["seatrush.controls"] = Controls(services)
    app.extensions["seatrush.audit"], noting = auditing(
        services, app.extensions["seatrush.identity"], app.extensions["seatrush.controls"]
    )
    app.on_answer = _counting(services.pulse, noting)


def _counting(pulse: Pulse, noting: OnAnswer) -> OnAnswer:
    """Every answer is counted, then noted."""
    answered = pulse.answered

    def on_answer(request: Request, response: Response) -> None:
        now = time()
        answered(response.status_code, now - request.environ.get(BEGAN, now))
        noting(request, response)

    return on_answer


def create_live_app(settings: Settings | None = None, services: Services | None = None) -> Flask:
    """The WebSocket application: /ws and /healthz only, so that sockets do not take the web workers' connections."""
    if services is None:
        services = Services.for_process(settings or Settings.from_environment(), patience=PAGES)
    configure_logs(log_context)
    app = Flask("seatrush-live", static_folder=None)
    app.extensions["seatrush"] = services
    app.extensions["seatrush.engine"] = build_engine(services)
    hub = app.extensions["seatrush.hub"] = Hub(services.redis, Identity.for_process(services).revocations.over)
    register_socket(app, hub)
    app.add_url_rule("/healthz", view_func=lambda: {"status": "ok"})
    register_error_handlers(app)
    return app


def start_worker(app: Flask) -> None:
    """Called by gunicorn in each worker after the fork: begin connecting, and what runs beside the requests."""
    services: Services = app.extensions["seatrush"]
    engine = app.extensions["seatrush.engine"]
    services.start()
    program = "ws" if "seatrush.hub" in app.extensions else "web"
    gevent.spawn(services.pulse.run, program, lambda: process_facts(services, engine))
    if services.settings.address is not None:
        registration = Registration(services.zookeeper, program, services.settings.address)
        app.extensions["seatrush.registration"] = registration
        registration.begin()
    if "seatrush.hub" in app.extensions:
        gevent.spawn(app.extensions["seatrush.hub"].run, app)
    else:
        gevent.spawn(engine.courier.keep_replaying)
        gevent.spawn(engine.hearing.run)
        gevent.spawn(engine.reading_ahead.run)
        gevent.spawn(app.extensions["seatrush.audit"].run)


def stop_worker(app: Flask) -> None:
    """Called by gunicorn in each worker that ends in peace: what it noted last is not left behind, nor is its node."""
    if "seatrush.registration" in app.extensions:
        app.extensions["seatrush.registration"].end()
    app.extensions["seatrush"].pulse.end()
    if "seatrush.audit" in app.extensions and not app.extensions["seatrush.audit"].flush(timeout=LAST_WORDS_S):
        logger.warning("the audit log's last rows were not confirmed")


def _register_blueprints(app: Flask) -> None:
    api = make_api(app)
    for name in BLUEPRINTS:
        api.register_blueprint(import_module(f"blueprints.{name}.routes").blueprint)
    for name in INTERNAL:
        app.register_blueprint(import_module(f"blueprints.{name}.routes").blueprint)
