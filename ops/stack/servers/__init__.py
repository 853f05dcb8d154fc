"""The services of one host, one file per server; `servers_of` and `programs_of` are the table of contents."""

from __future__ import annotations

from collections.abc import Callable

from ops.stack.config import StackConfig
from ops.stack.errors import StackError
from ops.stack.servers.base import Server
from ops.stack.servers.galera import GaleraCheck, HAProxy
from ops.stack.servers.keepalived import Keepalived
from ops.stack.servers.mariadb import MariaDB
from ops.stack.servers.nginx import Nginx
from ops.stack.servers.programs import Consumer, Gunicorn
from ops.stack.servers.rabbitmq import Epmd, RabbitMQ
from ops.stack.servers.redis import Redis, Sentinel
from ops.stack.servers.watchdog import Watchdogs
from ops.stack.servers.zookeeper import ZooKeeper

_PROGRAMS: dict[str, Callable[[StackConfig], Server]] = {
    "web": lambda config: Gunicorn(config, "web", "wsgi:app", config.web_workers, config.gunicorn_settings),
    "ws": lambda config: Gunicorn(config, "ws", "wsgi_ws:app", config.ws_workers, config.gunicorn_settings, "gevent"),
}


def servers_of(config: StackConfig) -> dict[str, Server]:
    """The third-party servers by name, in the order they are started in."""
    servers: list[Server] = [Epmd(config), RabbitMQ(config), ZooKeeper(config), MariaDB(config), Redis(config)]
    if config.cluster:
        servers += [Sentinel(config), GaleraCheck(config), HAProxy(config)]
    servers.append(Nginx(config))
    if config.cluster:
        servers += [Keepalived(config), Watchdogs(config)]
    return {server.name: server for server in servers}


def programs_of(config: StackConfig) -> dict[str, Server]:
    """The application's programs by name, then the sites; a program that is neither web nor ws is a consumer."""
    for name in (*config.programs, *(site.name for site in config.sites)):
        if not name.isidentifier():
            raise StackError(f"not a program's name: {name!r}")
    programs = {name: _PROGRAMS.get(name, lambda c, n=name: Consumer(c, n))(config) for name in config.programs}
    sites = {
        site.name: Gunicorn(config, site.name, site.module, config.web_workers, site.settings) for site in config.sites
    }
    return {**programs, **sites}
