"""Schema changes (Alembic), run by `python -m app.cli migrate`; there is no alembic.ini."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

_FOLDER = Path(__file__).parent


def configuration(database_url: str) -> Config:
    """Alembic's configuration for one database."""
    config = Config()
    config.set_main_option("script_location", str(_FOLDER))
    # Alembic reads its options through configparser, where a percent sign starts a reference.
    config.set_main_option("sqlalchemy.url", database_url.replace("%", "%%"))
    return config


def upgrade(database_url: str) -> None:
    """Bring the schema to the newest revision. Two at once take turns; running it again changes nothing."""
    command.upgrade(configuration(database_url), "head")


def head() -> str | None:
    """The newest revision's name."""
    return ScriptDirectory(str(_FOLDER)).get_current_head()
