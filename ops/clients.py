"""How tools outside the application look into a running stack: with its own settings, as its own students."""

from __future__ import annotations

import os

from sqlalchemy import select

from app.auth.actor import Actor
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.extensions.services import Services
from app.org.queries import all_standings
from app.settings import Settings
from ops.stack import Stack


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


def student_tokens(services: Services, *, ttl_seconds: int) -> list[tuple[int, str]]:
    """(account id, access token) of every student, by username."""
    issue = Identity.for_process(services).tokens.issue
    with services.db.reading() as session:
        standings = all_standings(session)
        people = session.execute(
            select(Account.id, Account.username).where(Account.role == Role.STUDENT.value).order_by(Account.username)
        ).all()
    actors = (Actor.of(number, name, Role.STUDENT, 0, standings.get(number)) for number, name in people)
    return [(actor.account_id, issue(actor, ttl_seconds=ttl_seconds)) for actor in actors]
