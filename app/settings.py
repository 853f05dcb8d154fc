"""Every setting of the application: typed, validated once at start-up, read-only afterwards.

Each one is read from the environment variable `SEATRUSH_<NAME>`; `SEATRUSH_<NAME>_FILE` may name a file that holds
the value instead, so that secrets need not stand in the environment. A wrong value stops the process at start-up.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import timedelta
from pathlib import Path
from typing import Literal, cast
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import environs

from app.addresses import UPSTREAM, broker_urls, check_ensemble, check_redis, named_hosts

Mode = Literal["production", "demo", "test"]
MOST_HOSTS = 8


class SettingsError(Exception):
    """The environment does not describe a system that can start; the message names the setting."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What one process needs to know. Durations are in seconds unless the name says otherwise."""

    mode: Mode
    secret_key: str
    database_url: str
    replica_url: str | None
    redis_url: str
    amqp_url: str
    zookeeper_hosts: str
    spool_dir: Path
    run_dir: Path
    campus_timezone: ZoneInfo
    claim_queues: int
    access_token_ttl: timedelta
    refresh_token_ttl: timedelta
    login_attempts_per_minute: int
    claim_interval_ms: int
    user_rate: float
    user_burst: int
    fault_points: bool
    address: str | None  # where Nginx reaches the workers of this process: they register in ZooKeeper
    upstreams_dir: Path | None  # of the program `upstreams`, which follows that registry
    nginx_pid: Path | None
    spool_peers: tuple[
        str, ...
    ] = ()  # host:port of the other hosts' web programs, which keep copies of what is spooled here
    reports_dir: Path | None = None  # below it `drills` and `rehearsals` keep their reports (`app.operations.reports`)
    host_number: int = 0  # which of several hosts this is, from 1: ids that are made without ZooKeeper go by it
    first_password_ttl: timedelta = timedelta(
        days=90
    )  # until whoever has not used one must get another (docs/imports.md)
    # Of several hosts, for the operators' pages: all of them, this one first, with where Nginx there is reached; the address
    # that people know; this host's own members (of RabbitMQ and ZooKeeper they are the first that the settings above name).
    hosts: tuple[tuple[str, str], ...] = ()
    vip: str | None = None
    own_database_url: str | None = None
    own_redis_url: str | None = None

    @classmethod
    def from_environment(cls, overrides: dict[str, str] | None = None) -> Settings:
        """Read and validate. Raises SettingsError naming the variable that is missing or wrong."""
        env = environs.FileAwareEnv(prefix="SEATRUSH_", strip_whitespace=True)
        for name, value in (overrides or {}).items():
            env._environ[f"SEATRUSH_{name}"] = value
        try:
            settings = cls(
                mode=cast(Mode, env.str("MODE", "production")),
                secret_key=env.str("SECRET_KEY"),
                database_url=env.str("DATABASE_URL"),
                replica_url=env.str("REPLICA_URL", None),
                redis_url=env.str("REDIS_URL"),
                amqp_url=env.str("AMQP_URL"),
                zookeeper_hosts=env.str("ZOOKEEPER_HOSTS"),
                spool_dir=env.path("SPOOL_DIR"),
                run_dir=env.path("RUN_DIR"),
                campus_timezone=ZoneInfo(env.str("CAMPUS_TIMEZONE", "Asia/Shanghai")),
                claim_queues=env.int("CLAIM_QUEUES", 2),
                access_token_ttl=timedelta(seconds=env.int("ACCESS_TOKEN_TTL", 900)),
                refresh_token_ttl=timedelta(seconds=env.int("REFRESH_TOKEN_TTL", 14 * 86400)),
                login_attempts_per_minute=env.int("LOGIN_ATTEMPTS_PER_MINUTE", 10),
                claim_interval_ms=env.int("CLAIM_INTERVAL_MS", 10_000),
                user_rate=env.float("USER_RATE", 5.0),
                user_burst=env.int("USER_BURST", 20),
                fault_points=env.bool("FAULT_POINTS", False),
                address=env.str("ADDRESS", None),
                upstreams_dir=env.path("UPSTREAMS_DIR", None),
                nginx_pid=env.path("NGINX_PID", None),
                spool_peers=tuple(env.list("SPOOL_PEERS", [])),
                reports_dir=env.path("REPORTS_DIR", None),
                host_number=env.int("HOST_NUMBER", 0),
                first_password_ttl=timedelta(days=env.int("FIRST_PASSWORD_DAYS", 90)),
                hosts=named_hosts(env.str("HOSTS", "")),
                vip=env.str("VIP", None),
                own_database_url=env.str("OWN_DATABASE_URL", None),
                own_redis_url=env.str("OWN_REDIS_URL", None),
            )
        except (environs.EnvError, ZoneInfoNotFoundError, ValueError) as error:
            raise SettingsError(str(error)) from error
        settings._validate()
        return settings

    def _validate(self) -> None:
        """Refuse what cannot work, or must not run in production."""
        if self.mode not in {"production", "demo", "test"}:
            raise SettingsError(f"SEATRUSH_MODE must be production, demo or test, not {self.mode!r}")
        if len(self.secret_key) < 32:
            raise SettingsError("SEATRUSH_SECRET_KEY must have at least 32 characters")
        if not self.database_url.startswith("mysql+pymysql://"):
            raise SettingsError("SEATRUSH_DATABASE_URL must start with mysql+pymysql://")
        for name, check, value in (
            ("REDIS_URL", check_redis, self.redis_url),
            ("AMQP_URL", broker_urls, self.amqp_url),
            ("ZOOKEEPER_HOSTS", check_ensemble, self.zookeeper_hosts),
        ):
            try:
                check(value)
            except ValueError as error:
                raise SettingsError(f"SEATRUSH_{name}: {error}") from error
        self._validate_addresses()
        if not 1 <= self.claim_queues <= 64:
            raise SettingsError("SEATRUSH_CLAIM_QUEUES must be between 1 and 64")
        if self.fault_points and self.mode != "test":
            raise SettingsError("SEATRUSH_FAULT_POINTS is for tests only (SEATRUSH_MODE=test)")
        if not timedelta(days=1) <= self.first_password_ttl <= timedelta(days=3650):
            raise SettingsError("SEATRUSH_FIRST_PASSWORD_DAYS must be between 1 and 3650")
        self._validate_hosts()

    def _validate_hosts(self) -> None:
        if not 0 <= self.host_number <= MOST_HOSTS:
            raise SettingsError(f"SEATRUSH_HOST_NUMBER must be between 1 and {MOST_HOSTS}, or 0 for one alone")
        if self.hosts and not (self.own_database_url and self.own_redis_url):
            raise SettingsError("SEATRUSH_HOSTS needs SEATRUSH_OWN_DATABASE_URL and SEATRUSH_OWN_REDIS_URL")

    def _validate_addresses(self) -> None:
        if self.address is not None and not UPSTREAM.fullmatch(self.address):
            raise SettingsError(f"SEATRUSH_ADDRESS must be host:port or unix:/path, not {self.address!r}")
        for peer in self.spool_peers:
            if not UPSTREAM.fullmatch(peer) or peer.startswith("unix:"):
                raise SettingsError(f"SEATRUSH_SPOOL_PEERS must be host:port,host:port, not {peer!r}")

    @property
    def pulses_dir(self) -> Path:
        """What each process of this host did in the last seconds (`app.extensions.pulse`)."""
        return self.run_dir / "pulses"

    @property
    def metrics_dir(self) -> Path:
        """Where the programs of this host keep their metrics, a folder each, named by the process id."""
        return self.run_dir / "metrics"

    @property
    def host_sheet(self) -> Path:
        """What this host tells the others of itself, served by Nginx."""
        return self.run_dir / "public" / "host.json"

    @property
    def trail_file(self) -> Path:
        """The last quarter of an hour, for the operators' charts."""
        return self.run_dir / "trail.json"

    @property
    def public_status(self) -> Path:
        """The file that the public status page reads, served by Nginx."""
        return self.run_dir / "public" / "status.json"

    def __repr__(self) -> str:
        """Name the fields only: values hold passwords."""
        return f"Settings({', '.join(field.name for field in fields(self))})"
