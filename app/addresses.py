"""Where servers are, as the settings write it: one server, or the several of a cluster. Parsing only, no connection."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

SENTINEL_SCHEME = "redis+sentinel://"
_REDIS_SCHEMES = ("redis://", "rediss://", "unix://")
_AMQP_SCHEMES = ("amqp://", "amqps://")
UPSTREAM = re.compile(r"unix:/[\w./-]+|[\w.-]+:\d{1,5}", re.ASCII)  # nothing else may get into Nginx's configuration


@dataclass(frozen=True, slots=True)
class SentinelAddress:
    """A Redis that Sentinel looks after: which sentinels to ask, and for which primary."""

    sentinels: tuple[tuple[str, int], ...]
    name: str
    database: int
    username: str | None
    password: str | None = field(repr=False)
    sentinel_password: str | None = field(repr=False)

    @classmethod
    def parse(cls, url: str) -> SentinelAddress:
        """From "redis+sentinel://[user]:password@host:port,…/name[/database][?sentinel_password=…]". Raises ValueError."""
        parts = urlsplit(url)
        logins, at, hosts = parts.netloc.rpartition("@")
        user, _, password = logins.partition(":")
        name, _, database = parts.path.strip("/").partition("/")
        if not url.startswith(SENTINEL_SCHEME) or not name or "/" in database:
            raise ValueError(f"must look like {SENTINEL_SCHEME}:password@host:port,host:port/name/0")
        if database and not database.isdigit():
            raise ValueError(f"{database!r} is not the number of a database")
        return cls(
            sentinels=host_ports(hosts),
            name=name,
            database=int(database or 0),
            username=unquote(user) or None,
            password=unquote(password) if at and password else None,
            sentinel_password=parse_qs(parts.query).get("sentinel_password", [None])[0],
        )


def host_ports(text: str) -> tuple[tuple[str, int], ...]:
    """("host", port) of "host:port,…". Raises ValueError."""
    found = []
    for one in text.split(","):
        host, _, port = one.strip().rpartition(":")
        if not host or not port.isdigit() or not 0 < int(port) < 65536:
            raise ValueError(f"{one.strip()!r} is not host:port")
        found.append((host, int(port)))
    return tuple(found)


def named_hosts(text: str) -> tuple[tuple[str, str], ...]:
    """("name", "host:port") of "name=host:port,…"; none of an empty text. Raises ValueError."""
    found = tuple(one.strip().partition("=")[::2] for one in text.split(",") if one.strip())
    for name, address in found:
        if not name:
            raise ValueError(f"HOSTS: {address!r} has no name; each must look like name=host:port")
        host_ports(address)
    if len({name for name, _ in found}) != len(found):
        raise ValueError("HOSTS: two hosts have the same name")
    return found


def broker_urls(text: str) -> list[str]:
    """The brokers of one cluster, the preferred one first. Raises ValueError."""
    urls = [one.strip() for one in text.split(",")]
    if not all(url.startswith(_AMQP_SCHEMES) for url in urls):
        raise ValueError("must be amqp:// URLs, separated by commas (a comma within one is written %2C)")
    return urls


def check_redis(url: str) -> None:
    """Raises ValueError for what is neither one server nor a Sentinel's."""
    if url.startswith(SENTINEL_SCHEME):
        SentinelAddress.parse(url)
    elif not url.startswith(_REDIS_SCHEMES):
        raise ValueError(f"must start with {', '.join((*_REDIS_SCHEMES, SENTINEL_SCHEME))}")


def check_ensemble(text: str) -> None:
    """Raises ValueError for what is no list of ZooKeeper's hosts, with an optional path behind it."""
    host_ports(text.partition("/")[0])
