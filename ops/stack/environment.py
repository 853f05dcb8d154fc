"""The SEATRUSH_* settings which the application's processes get; `app.settings` is the other side."""

from __future__ import annotations

from urllib.parse import quote

from ops.stack.config import StackConfig
from ops.stack.ports import LOOPBACK

DATABASE = "seatrush"
DATABASE_USER = "seatrush"
AMQP_USER = "seatrush"
AMQP_VHOST = "seatrush"


def environment(config: StackConfig) -> dict[str, str]:
    """Settings for web, ws, consumers, commands and tests; makes the secrets on first use."""
    secrets, sockets, ports = config.secrets, config.sockets, config.ports
    mysql_socket = quote(str(sockets / "mariadb" / "mariadb.sock"))
    settings = {
        "SEATRUSH_MODE": config.mode,
        "SEATRUSH_SECRET_KEY_FILE": str(secrets.path("app_key")),
        "SEATRUSH_DATABASE_URL": (
            f"mysql+pymysql://{DATABASE_USER}:{secrets.read('database')}@localhost/{DATABASE}"
            f"?unix_socket={mysql_socket}&charset=utf8mb4"
        ),
        "SEATRUSH_REDIS_URL": f"unix://:{secrets.read('redis')}@{quote(str(sockets / 'redis.sock'))}?db=0",
        "SEATRUSH_AMQP_URL": f"amqp://{AMQP_USER}:{secrets.read('amqp')}@{LOOPBACK}:{ports.amqp}/{AMQP_VHOST}",
        "SEATRUSH_ZOOKEEPER_HOSTS": f"{LOOPBACK}:{ports.zookeeper}",
        "SEATRUSH_SPOOL_DIR": str(config.root / "spool"),
        "SEATRUSH_RUN_DIR": str(config.run),
    }
    return {**settings, **config.env_extra}
