"""The SEATRUSH_* settings which the application's processes get; `app.settings` is the other side."""

from __future__ import annotations

import os
from urllib.parse import quote

from ops.stack.cluster import Cluster
from ops.stack.config import StackConfig
from ops.stack.ports import LOOPBACK

DATABASE = "seatrush"
DATABASE_USER = "seatrush"
AMQP_USER = "seatrush"
AMQP_VHOST = "seatrush"
ZONE = "SEATRUSH_CAMPUS_TIMEZONE"  # as it is given to `make up`, or by an inventory's `[stack]`


def environment(config: StackConfig) -> dict[str, str]:
    """Settings for web, ws, consumers, commands and tests; makes the secrets on first use."""
    secrets = config.secrets
    settings = {
        "SEATRUSH_MODE": config.mode,
        "SEATRUSH_SECRET_KEY_FILE": str(secrets.path("app_key")),
        **(_of_cluster(config, config.cluster) if config.cluster else _of_one_host(config)),
        "SEATRUSH_SPOOL_DIR": str(config.root / "spool"),
        "SEATRUSH_RUN_DIR": str(config.run),
        "SEATRUSH_REPORTS_DIR": str(config.root),
        # Always said: the pages are built with it, and the programs must not mean another one.
        ZONE: os.environ.get(ZONE, "Asia/Shanghai"),
    }
    if config.registry:
        settings["SEATRUSH_UPSTREAMS_DIR"] = str(config.upstreams)
        settings["SEATRUSH_NGINX_PID"] = str(config.run / "nginx.pid")
    return {**settings, **config.env_extra}


def _of_one_host(config: StackConfig) -> dict[str, str]:
    secrets, ports = config.secrets, config.ports
    return {
        "SEATRUSH_DATABASE_URL": _own_database(config),
        "SEATRUSH_REDIS_URL": _own_redis(config),
        "SEATRUSH_AMQP_URL": f"amqp://{AMQP_USER}:{secrets.read('amqp')}@{LOOPBACK}:{ports.amqp}/{AMQP_VHOST}",
        "SEATRUSH_ZOOKEEPER_HOSTS": f"{LOOPBACK}:{ports.zookeeper}",
    }


def _own_database(config: StackConfig) -> str:
    socket = quote(str(config.sockets / "mariadb" / "mariadb.sock"))
    password = config.secrets.read("database")
    return f"mysql+pymysql://{DATABASE_USER}:{password}@localhost/{DATABASE}?unix_socket={socket}&charset=utf8mb4"


def _own_redis(config: StackConfig) -> str:
    return f"unix://:{config.secrets.read('redis')}@{quote(str(config.sockets / 'redis.sock'))}?db=0"


def _of_cluster(config: StackConfig, cluster: Cluster) -> dict[str, str]:
    """All hosts' servers, this host's first; the database through this host's HAProxy."""
    secrets, ports, hosts = config.secrets, config.ports, [peer.address for peer in cluster.nearest_first]
    redis = secrets.read("redis")  # Sentinel has the same
    sentinels = ",".join(f"{host}:{ports.sentinel}" for host in hosts)
    amqp = (f"amqp://{AMQP_USER}:{secrets.read('amqp')}@{host}:{ports.amqp}/{AMQP_VHOST}" for host in hosts)
    return {
        "SEATRUSH_HOST_NUMBER": str(cluster.own.number),
        "SEATRUSH_SPOOL_PEERS": ",".join(f"{peer.address}:{ports.web}" for peer in cluster.others),
        "SEATRUSH_HOSTS": ",".join(f"{peer.name}={peer.address}:{ports.http}" for peer in cluster.nearest_first),
        "SEATRUSH_VIP": cluster.vip,
        "SEATRUSH_OWN_DATABASE_URL": _own_database(config),
        "SEATRUSH_OWN_REDIS_URL": _own_redis(config),
        "SEATRUSH_DATABASE_URL": (
            f"mysql+pymysql://{DATABASE_USER}:{secrets.read('database')}@{LOOPBACK}:{ports.database}/{DATABASE}"
            "?charset=utf8mb4"
        ),
        "SEATRUSH_REDIS_URL": f"redis+sentinel://:{redis}@{sentinels}/{cluster.name}/0?sentinel_password={redis}",
        "SEATRUSH_AMQP_URL": ",".join(amqp),
        "SEATRUSH_ZOOKEEPER_HOSTS": ",".join(f"{host}:{ports.zookeeper}" for host in hosts),
    }
