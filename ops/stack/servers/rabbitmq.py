"""RabbitMQ with its own name server (epmd), configuration, cookie and data; everything on loopback."""

from __future__ import annotations

import base64
import hashlib
import json
import shutil
import socket
from pathlib import Path

import pika
import pika.exceptions

from ops.stack.cluster import Cluster, Peer
from ops.stack.config import StackConfig
from ops.stack.environment import AMQP_USER, AMQP_VHOST
from ops.stack.errors import NotReadyError, StackError
from ops.stack.packages import find_binary
from ops.stack.rendering import TEMPLATES, ConfigFile, render
from ops.stack.servers.base import Process, Server, ask

# Nobody may publish while the node uses more memory, or its disk has less left.
MEMORY_LIMIT, DISK_LIMIT = "1GiB", "200MB"
PLUGINS = ("rabbitmq_consistent_hash_exchange", "rabbitmq_stream")
ERLANG_FLAGS = (
    "+S 2:2 +sbwt none"  # two cores are shared with everything else: no busy waiting
    " -start_epmd false"  # ours runs under supervisor; the default would leave a daemon behind
    " -kernel inet_dist_use_interface {%s}"
)


class Epmd(Server):
    """Erlang's name server, one per stack, in the foreground."""

    name = "epmd"

    def process(self) -> Process:
        command = [find_binary("epmd"), "-port", str(self.config.ports.epmd), "-address", self.config.address]
        # It keeps nothing on disk, and takes its time over a TERM.
        return Process(command, folder=str(self.config.root), stop_signal="KILL")

    def probe(self) -> None:
        # NAMES_REQ: two bytes of length, then "n"; the answer starts with epmd's own port.
        answer = ask(self.config.ports.epmd, b"\x00\x01n")
        if int.from_bytes(answer[:4], "big") != self.config.ports.epmd:
            raise NotReadyError("not an epmd")

    def ports(self) -> dict[str, int]:
        return {"epmd": self.config.ports.epmd}

    @property
    def address(self) -> str:
        return f"{self.config.address}:{self.config.ports.epmd}"


class RabbitMQ(Server):
    """The durable claims' broker. Runs as the caller; user and vhost come from a definitions file."""

    name = "rabbitmq"
    requires = ("epmd",)

    @property
    def node(self) -> str:
        """The Erlang node name, unique per stack on this machine; in a cluster by the host's name."""
        if self.config.cluster:
            return node_name(self.config.cluster.own)
        return f"rabbit-{self.config.name}-{self.config.ports.amqp}@localhost"

    @property
    def home(self) -> Path:
        """HOME of the node, which holds the cookie."""
        return self.config.data("rabbitmq") / "home"

    def files(self) -> list[ConfigFile]:
        etc = self.config.etc("rabbitmq")
        text = render(
            TEMPLATES / "rabbitmq.conf.tmpl",
            address=self.config.address,
            port=self.config.ports.amqp,
            definitions=etc / "definitions.json",
            memory_limit=MEMORY_LIMIT,
            disk_limit=DISK_LIMIT,
        )
        if self.config.cluster:
            text += render(TEMPLATES / "rabbitmq-cluster.conf.tmpl", members=_members(self.config.cluster))
        plugins = f"[{','.join(PLUGINS)}].\n"
        return [
            ConfigFile(etc / "rabbitmq.conf", text),
            ConfigFile(etc / "enabled_plugins", plugins),
            ConfigFile(etc / "definitions.json", _definitions(self.config), mode=0o600),
            # Erlang refuses a cookie that others can read.
            ConfigFile(self.home / ".erlang.cookie", self.config.secrets.read("erlang_cookie"), mode=0o400),
        ]

    def prepare(self) -> None:
        for folder in ("mnesia", "log"):
            (self.config.data("rabbitmq") / folder).mkdir(mode=0o700, parents=True, exist_ok=True)

    def process(self) -> Process:
        return Process([_server_script()], str(self.home), node_environment(self), stop_wait=40)

    def probe(self) -> None:
        # A refused port is the usual answer for seconds; pika would log each one as an error.
        try:
            socket.create_connection((self.config.address, self.config.ports.amqp), timeout=2).close()
        except OSError as error:
            raise NotReadyError(f"port {self.config.ports.amqp}: {error}") from error
        parameters = pika.ConnectionParameters(
            host=self.config.address,
            port=self.config.ports.amqp,
            virtual_host=AMQP_VHOST,
            credentials=pika.PlainCredentials(AMQP_USER, self.config.secrets.read("amqp")),
            socket_timeout=2,
            stack_timeout=4,
            blocked_connection_timeout=2,
        )
        try:
            pika.BlockingConnection(parameters).close()
        except (pika.exceptions.AMQPError, OSError) as error:
            raise NotReadyError(f"login refused or cut: {error!r}") from error

    def ports(self) -> dict[str, int]:
        return {"amqp": self.config.ports.amqp, "amqp_dist": self.config.ports.amqp_dist}

    @property
    def address(self) -> str:
        return f"{self.config.address}:{self.config.ports.amqp} as {self.node}"


def node_name(peer: Peer) -> str:
    """The node of a cluster's host."""
    return f"rabbit@{peer.name}"


def node_environment(server: RabbitMQ) -> dict[str, str]:
    """The node's RABBITMQ_* variables; `rabbitmqctl` and friends need the same ones to reach it."""
    etc, data = server.config.etc("rabbitmq"), server.config.data("rabbitmq")
    return {
        "HOME": str(server.home),
        "RABBITMQ_NODENAME": server.node,
        "RABBITMQ_CONF_ENV_FILE": "/dev/null",
        "RABBITMQ_CONFIG_FILE": str(etc / "rabbitmq.conf"),
        "RABBITMQ_ADVANCED_CONFIG_FILE": str(etc / "advanced.config"),
        "RABBITMQ_ENABLED_PLUGINS_FILE": str(etc / "enabled_plugins"),
        "RABBITMQ_MNESIA_BASE": str(data / "mnesia"),
        "RABBITMQ_LOG_BASE": str(data / "log"),
        "RABBITMQ_PID_FILE": str(data / "rabbitmq.pid"),
        "RABBITMQ_NODE_IP_ADDRESS": server.config.address,
        "RABBITMQ_DIST_PORT": str(server.config.ports.amqp_dist),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": ERLANG_FLAGS % server.config.address.replace(".", ","),
        "ERL_EPMD_PORT": str(server.config.ports.epmd),
        "ERL_EPMD_ADDRESS": server.config.address,
        "ERL_CRASH_DUMP": "/dev/null",
        # Makes the script exec the Erlang VM: supervisor's pid is then the broker's own, with no shell between.
        "RUNNING_UNDER_SYSTEMD": "true",
        "LANG": "C.UTF-8",
    }


def control(server: RabbitMQ, *words: str, tool: str = "rabbitmqctl") -> list[str]:
    """The command line of `rabbitmqctl WORDS` (or of another of its tools) for this node, on its host."""
    settings = [f"{key}={value}" for key, value in node_environment(server).items()]
    return ["env", *settings, str(Path(_server_script()).with_name(tool)), *words]


def _server_script() -> str:
    """The real start script: Debian's wrapper in /usr/sbin switches to the account rabbitmq."""
    found = sorted(Path("/usr/lib/rabbitmq/lib").glob("rabbitmq_server-*/sbin/rabbitmq-server"))
    script = str(found[-1]) if found else shutil.which("rabbitmq-server")
    if script is None:
        raise StackError("RabbitMQ is not installed: apt-get install rabbitmq-server")
    return script


def _members(cluster: Cluster) -> str:
    nodes = enumerate(cluster.peers, 1)
    return "\n".join(f"cluster_formation.classic_config.nodes.{n} = {node_name(peer)}" for n, peer in nodes)


def _definitions(config: StackConfig) -> str:
    """User, vhost and rights, imported at boot: no rabbitmqctl call (each starts an Erlang VM)."""
    password = config.secrets.read("amqp")
    # RabbitMQ's hash is salt + sha256(salt + password); a salt that follows from the password keeps the file stable.
    salt = hashlib.sha256(b"salt" + password.encode()).digest()[:4]
    hashed = base64.b64encode(salt + hashlib.sha256(salt + password.encode()).digest()).decode("ascii")
    everything = {"configure": ".*", "write": ".*", "read": ".*"}
    definitions = {
        "vhosts": [{"name": AMQP_VHOST}],
        "users": [
            {
                "name": AMQP_USER,
                "password_hash": hashed,
                "hashing_algorithm": "rabbit_password_hashing_sha256",
                "tags": [],
            }
        ],
        "permissions": [{"user": AMQP_USER, "vhost": AMQP_VHOST, **everything}],
    }
    return json.dumps(definitions, indent=1) + "\n"
