"""Nginx: static pages, the API and WebSocket behind it, the micro-cache and the limits (templates in `nginx/`)."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
from collections.abc import Iterable
from pathlib import Path

from ops.stack.accounts import account_for, give, is_root
from ops.stack.certificate import certificate_files, ensure_certificate
from ops.stack.config import REPOSITORY, StackConfig
from ops.stack.errors import NotReadyError, StackError
from ops.stack.packages import find_binary
from ops.stack.ports import LOOPBACK
from ops.stack.processes import Pid
from ops.stack.rendering import ConfigFile, render
from ops.stack.servers.base import Process, Server
from ops.stack.servers.nginx_tls import TEMPLATE as TLS
from ops.stack.servers.nginx_tls import tls_values

TEMPLATES = REPOSITORY / "nginx"
MOST_FILES = 65536
MOST_AT_ONCE = 65535  # that limit_conn can count
CLAIMS_EACH_PROCESSOR = 500  # of a slow machine two seconds, of a fast one half a second (docs/overload.md)
# A site is reached as `web` is, so that a comparison compares what is behind Nginx.
_UPSTREAM = """
    upstream {name} {{
        server "unix:{folder}/{name}.sock" max_fails=0;
        keepalive 4096;
        keepalive_requests 100000;
        keepalive_timeout 30s;
    }}"""
_LOCATION = """
    location {prefix} {{
        include "{etc}/proxy.conf";
        proxy_pass http://{name};
    }}"""


class Nginx(Server):
    """The only door. Workers run as www-data when root runs the stack and that account can read the pages."""

    name = "nginx"
    reload_signal = "HUP"

    @property
    def account(self) -> str | None:
        """The workers' account, or None."""
        return account_for("www-data", self.config.webroot / "index.html")

    def files(self) -> list[ConfigFile]:
        etc = self.config.etc("nginx")
        values = template_values(self.config, self.account)
        return [
            ConfigFile(etc / template.name.removesuffix(".tmpl"), render(template, **values))
            for template in sorted(TEMPLATES.glob("*.tmpl"))
            if template.name != TLS or self.config.ports.https
        ]

    def watched(self) -> str:
        files = [self.config.webroot / "routes.map"]
        if self.config.ports.https:
            files.append(certificate_files(self.config)[0])
        return "\0".join(file.read_text(encoding="utf-8", errors="replace") for file in files if file.exists())

    def prepare(self) -> None:
        self.config.webroot.mkdir(mode=0o755, parents=True, exist_ok=True)
        self.config.logs.mkdir(mode=0o755, parents=True, exist_ok=True)
        ensure_certificate(self.config)
        self._prepare_upstreams()
        temporary = self.config.data("nginx")
        temporary.mkdir(mode=0o755, parents=True, exist_ok=True)
        for name in ("body", "proxy", "cache"):
            (temporary / name).mkdir(mode=0o700, exist_ok=True)
            give(temporary / name, self.account)

    def _prepare_upstreams(self) -> None:
        """What is there already was written by the program that follows the registry."""
        if not self.config.registry:
            return
        self.config.upstreams.mkdir(mode=0o755, parents=True, exist_ok=True)
        for kind, port in (("web", self.config.ports.web), ("ws", self.config.ports.ws)):
            cluster = self.config.cluster
            hosts = [peer.address for peer in cluster.nearest_first] if cluster else []
            addresses = [f"{host}:{port}" for host in hosts] or [f"unix:{self.config.sockets / kind}.sock"]
            (self.config.upstreams / f"{kind}.static").write_text("\n".join(addresses), encoding="ascii")
            rendered = self.config.upstreams / f"{kind}.conf"
            if not rendered.exists():
                lines = [f'server "{address}" max_fails={int(bool(hosts))} fail_timeout=2s;' for address in addresses]
                rendered.write_text("\n".join(lines), encoding="ascii")

    def process(self) -> Process:
        return Process([*self._command(), "-g", "daemon off;"], folder=str(self.config.data("nginx")), stop_group=True)

    def _command(self) -> list[str]:
        options = self.config.etc("nginx") / "nginx.conf"
        errors = self.config.logs / "nginx-start.log"
        return [find_binary("nginx"), "-p", str(self.config.data("nginx")), "-e", str(errors), "-c", str(options)]

    def check(self) -> None:
        done = subprocess.run([*self._command(), "-t", "-q"], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise StackError(f"Nginx refuses its configuration: {done.stderr.strip()}")

    def reloaded(self, old: Iterable[Pid]) -> bool:
        # For about 100 ms both generations of workers accept connections; then the old ones get another title.
        titles = [pid.command_line() for pid in old]
        return not any("worker process" in title and "shutting down" not in title for title in titles)

    def probe(self) -> None:
        # Nginx answers /time by itself, so this says nothing about the programs behind it.
        request = b"GET /time HTTP/1.0\r\nHost: localhost\r\n\r\n"
        answer = b""
        try:
            with socket.create_connection((LOOPBACK, self.config.ports.http), timeout=2) as connection:
                connection.sendall(request)
                while part := connection.recv(4096):
                    answer += part
        except OSError as error:
            raise NotReadyError(f"port {self.config.ports.http}: {error}") from error
        if b" 200 " not in answer.split(b"\r\n", 1)[0] or b"epoch_ms" not in answer:
            raise NotReadyError(answer[:80].decode("ascii", "replace"))

    def ports(self) -> dict[str, int]:
        ports = {"http": self.config.ports.http, "https": self.config.ports.https}
        return {name: port for name, port in ports.items() if port}

    @property
    def address(self) -> str:
        host = self.config.cluster.vip if self.config.cluster else LOOPBACK
        usual = {"http": 80, "https": 443}
        urls = (f"{name}://{host}" + ("" if port == usual[name] else f":{port}") for name, port in self.ports().items())
        return ", ".join(urls)


def template_values(config: StackConfig, account: str | None) -> dict[str, object]:
    """What the templates in `nginx/` ask for; the lab renders them with values of its own."""
    files = min(MOST_FILES, _hard_file_limit())
    access = f"{config.logs / 'access.log'}"
    # In a cluster on every address: the one that people know comes and goes.
    host = "" if config.cluster else f"{LOOPBACK}:"
    return {
        # Left out, a master that is root would choose a compiled-in account which can't reach the folder.
        "user": f"user {account or 'root'};" if is_root() else "",
        "workers": config.nginx_workers,
        "files": files,
        "connections": min(16384, files // 2),
        "pid": config.run / "nginx.pid",
        "errors": config.logs / "nginx-error.log",
        "access": f'"{access}" json buffer=64k flush=1s' if config.access_log else "off",
        "temporary": config.data("nginx"),
        "etc": config.etc("nginx"),
        "webroot": config.webroot,
        "public": config.run / "public",
        "ops_networks": "\n        ".join(f"allow {network};" for network in config.ops_networks),
        "other_hosts": "\n        ".join(f"allow {one};" for one in _peers(config)),
        "listen": f"{host}{config.ports.http} backlog=8192",
        **tls_values(config, host),
        "web_upstream": _upstream(config, "web", config.ports.web),
        "ws_upstream": _upstream(config, "ws", config.ports.ws),
        "connect": "500ms" if config.cluster else "2s",
        "site_upstreams": "\n".join(_UPSTREAM.format(name=site.name, folder=config.sockets) for site in config.sites),
        "site_locations": "\n".join(
            _LOCATION.format(name=site.name, prefix=site.prefix, etc=config.etc("nginx")) for site in config.sites
        ),
        "rate": config.requests_per_second,
        "burst": config.request_burst,
        "address_connections": _each_worker(config, config.connections_per_address),
        "claims_at_once": _each_worker(config, config.claims_at_once or _claims_at_once(config)),
        "mime_types": _mime_types(),
    }


def _peers(config: StackConfig) -> list[str]:
    """Who may ask how this host is: the hosts of the cluster, else itself."""
    return [peer.address for peer in config.cluster.peers] if config.cluster else [LOOPBACK]


def _claims_at_once(config: StackConfig) -> int:
    """Whoever has the address lets all hosts work; they are machines like this one."""
    hosts = len(config.cluster.peers) if config.cluster else 1
    return CLAIMS_EACH_PROCESSOR * len(os.sched_getaffinity(0)) * hosts


def _each_worker(config: StackConfig, most: int) -> int:
    """Of what all may have under way, what one may, as each counts its own."""
    return min(MOST_AT_ONCE, -(-most // config.nginx_workers))


def _upstream(config: StackConfig, name: str, port: int) -> str:
    """This host's gunicorn and, in a cluster, the others': whoever has the address lets all hosts work."""
    if config.registry:
        return f'include "{config.upstreams / name}.conf";'
    lines = [f'server "unix:{config.sockets / f"{name}.sock"}" max_fails=0;']
    if config.cluster:
        # A host that is away costs one connect time-out a second, and no request.
        lines += [f"server {peer.address}:{port} max_fails=1 fail_timeout=1s;" for peer in config.cluster.others]
    return "\n        ".join(lines)


def _hard_file_limit() -> int:
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    return MOST_FILES if hard == resource.RLIM_INFINITY else hard


def _mime_types() -> Path:
    return Path("/etc/nginx/mime.types")
