"""The demo campus, domain by domain. Never in production mode. Repeatable: what is there is left alone."""

from __future__ import annotations

from collections.abc import Callable

from app.auth.demo import PASSWORD, STAFF, account_row, existing, insert_rows
from app.auth.identity import Identity
from app.auth.models import Account
from app.catalogue.demo import seed_demo as seed_catalogue
from app.errors import ForbiddenError
from app.extensions.services import Services
from app.lectures.demo import seed_demo as seed_lectures
from app.org.demo import seed_places, seed_students, seed_teachers

# Domains above org append a `seed_demo(services)` of their own; called in order, after the people are there.
MORE: tuple[Callable[[Services], None], ...] = (seed_catalogue, seed_lectures)


class ProductionError(ForbiddenError):
    code = "not_in_production"
    zh = "生产环境不能载入演示数据。"
    en = "The demo campus is never loaded in production mode."


def refuse_in_production(services: Services) -> None:
    """Raise ProductionError unless this system is for show or for tests."""
    if services.settings.mode == "production":
        raise ProductionError


def seed_demo(services: Services, *, students: int) -> int:
    """Load the campus with `students` students. Returns how many of them were new. Raises ProductionError."""
    refuse_in_production(services)
    password_hash = Identity.for_process(services).passwords.hash(PASSWORD)
    with services.db.transaction() as session:
        for username, display_name, role in STAFF:
            if username not in existing(session, role):
                row = account_row(services.ids.next_id(), username, display_name, role, password_hash)
                insert_rows(session, Account, [row])
        seed_places(session, services.ids)
        seed_teachers(session, services.ids, password_hash)
        made = seed_students(session, services.ids, students, password_hash)
    for seed in MORE:
        seed(services)
    return made
