"""Commands: `python -m app.cli <command>`, or `flask --app wsgi demo …` for those of the demo campus."""

from __future__ import annotations

import secrets
import sys
from collections.abc import Callable
from typing import TypeVar

import click
from flask import Flask
from flask.cli import AppGroup
from sqlalchemy import select

from app.auth.accounts import create_account
from app.auth.actor import Actor
from app.auth.identity import Identity
from app.auth.models import Account
from app.auth.permissions import Role
from app.demo import refuse_in_production, seed_demo
from app.errors import SeatrushError
from app.extensions.registry import Registry
from app.extensions.services import Services
from app.org.queries import all_standings
from app.settings import Settings, SettingsError
from migrations import upgrade

T = TypeVar("T")


@click.group()
def cli() -> None:
    """Seatrush from the command line. Settings come from SEATRUSH_* in the environment."""


@cli.command()
def migrate() -> None:
    """Bring the tables to the newest revision."""
    upgrade(_settings().database_url)


@cli.command("seed-demo")
@click.option("--students", default=30_000, show_default=True, type=click.IntRange(0, 99_999))
def seed_demo_command(students: int) -> None:
    """Load the demo campus (not in production mode). Running it again adds only what is missing."""
    made = _reporting(lambda: seed_demo(_services(), students=students))
    click.echo(f"demo campus: {students} students, {made} of them new", err=True)


@cli.command()
@click.option("--students", default=1000, show_default=True, type=click.IntRange(1))
@click.option("--ttl", default=3600, show_default=True, help="Seconds each token is good for.")
def tokens(students: int, ttl: int) -> None:
    """Print access tokens of students s00001 … one a line, for load tools (not in production mode)."""
    services = _services()
    _reporting(lambda: refuse_in_production(services))
    issue = Identity.for_process(services).tokens.issue
    with services.db.reading() as session:
        standings = all_standings(session)
        people = session.execute(
            select(Account.id, Account.username)
            .where(Account.role == Role.STUDENT.value)
            .order_by(Account.username)
            .limit(students)
        )
        for account_id, username in people:
            actor = Actor.of(account_id, username, Role.STUDENT, 0, standings.get(account_id))
            sys.stdout.write(issue(actor, ttl_seconds=ttl) + "\n")


@cli.command()
@click.argument("addresses", nargs=-1, required=True)
@click.option("--within", default=10.0, show_default=True, help="Seconds to wait for every Nginx.")
@click.option("--undo", is_flag=True, help="Let them get requests again.")
def drain(addresses: tuple[str, ...], within: float, undo: bool) -> None:
    """Let no Nginx send requests to ADDRESSES any more; returns when all of them say so. Before their workers are stopped."""
    services = _services()
    services.zookeeper.start(timeout=within)
    registry = Registry(services.zookeeper)
    try:
        for address in addresses:
            if undo:
                registry.undrain(address)
            elif not registry.drain(address, within):
                raise click.ClickException(f"still served: {registry.served()}")
    finally:
        services.close()


@cli.command("create-account")
@click.argument("username")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--name", "display_name", default=None, help="What to call the person; the username by default.")
@click.option("--password", default=None, help="Made and printed when not given.")
def create_account_command(username: str, role: str, display_name: str | None, password: str | None) -> None:
    """Create one account."""
    _create(username, Role(role), display_name, password)


@cli.command("create-manager")
@click.argument("username")
@click.option("--name", "display_name", default=None)
@click.option("--password", default=None, help="Made and printed when not given.")
@click.option("--super", "is_super", is_flag=True, help="A super-admin (超级管理员).")
def create_manager(username: str, display_name: str | None, password: str | None, is_super: bool) -> None:
    """Create a manager (普通管理员)."""
    _create(username, Role.SUPER_ADMIN if is_super else Role.MANAGER, display_name, password)


demo = AppGroup("demo", help="The demo campus.")
demo.add_command(seed_demo_command, "seed")
demo.add_command(tokens, "tokens")
cli.add_command(demo)


def register(app: Flask) -> None:
    """Make `flask --app wsgi demo …` work."""
    app.cli.add_command(demo)


def _create(username: str, role: Role, display_name: str | None, password: str | None) -> None:
    services, chosen = _services(), password or secrets.token_urlsafe(12)
    _reporting(
        lambda: create_account(
            services,
            Identity.for_process(services),
            username=username,
            display_name=display_name or username,
            role=role,
            password=chosen,
        )
    )
    click.echo(f"created {username} ({role.value})" + ("" if password else f", password: {chosen}"))


def _settings() -> Settings:
    try:
        return Settings.from_environment()
    except SettingsError as error:
        raise click.ClickException(str(error)) from error


def _services() -> Services:
    return Services.for_process(_settings())


def _reporting(work: Callable[[], T]) -> T:
    """Turn a domain error into one line on stderr."""
    try:
        return work()
    except SeatrushError as error:
        raise click.ClickException(f"{error.message('en')} {error.data or ''}".strip()) from error


if __name__ == "__main__":
    cli(prog_name="python -m app.cli")
