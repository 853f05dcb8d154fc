"""Debian packages which the stack needs: find what is missing, install it, or say in one line what to do.

Standard library only, and free of this project's imports: `python3 -m ops.stack.packages [--with-tests]` runs
on a bare system python, before the virtual environment exists (python3-venv itself may be what is missing).
"""

from __future__ import annotations

import argparse
import importlib.util
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

SYSTEM_PATH = os.pathsep.join(["/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
POLICY = "/usr/sbin/policy-rc.d"


def find_binary(name: str) -> str:
    """The path of a server's binary; an ordinary account has no sbin in its PATH, so it is looked at too."""
    found = shutil.which(name, path=SYSTEM_PATH) or shutil.which(name)
    if found is None:
        raise FileNotFoundError(f"{name} is not installed: run python3 -m ops.stack.packages")
    return found


def _binary(name: str) -> Callable[[], bool]:
    return lambda: (shutil.which(name, path=SYSTEM_PATH) or shutil.which(name)) is not None


def _file(pattern: str) -> Callable[[], bool]:
    """Whether any file matches the pattern, which is relative to /."""
    return lambda: any(Path("/").glob(pattern))


def _nginx() -> bool:
    """An nginx with the modules that the templates use (limit_req and limit_conn are in unless taken out)."""
    if not _binary("nginx")():
        return False
    built = subprocess.run([find_binary("nginx"), "-V"], capture_output=True, text=True, check=False).stderr
    wanted = ("http_gzip_static_module", "http_realip_module", "http_ssl_module", "http_v2_module")
    unwanted = ("without-http_limit_req_module", "without-http_limit_conn_module", "without-http_map_module")
    return all(name in built for name in wanted) and not any(name in built for name in unwanted)


def _venv() -> bool:
    return importlib.util.find_spec("ensurepip") is not None and importlib.util.find_spec("venv") is not None


def _headers() -> bool:
    """What a C extension for this Python is built with."""
    return Path(sysconfig.get_paths()["include"], "Python.h").exists()


# Package → is it there? Asked of the files, not of dpkg: nginx-full or a JDK will do as well.
SERVERS: dict[str, Callable[[], bool]] = {
    "python3-venv": _venv,
    # gunicorn's own HTTP parser in C comes as source only (docs/dependencies.md).
    "python3-dev": _headers,
    "gcc": _binary("cc"),
    "libc6-dev": _file("usr/include/stdlib.h"),
    "mariadb-server": _binary("mariadbd"),
    "redis-server": _binary("redis-server"),
    "rabbitmq-server": _file("usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin/rabbitmq-server"),
    "zookeeper": lambda: all(
        Path("/usr/share/java", jar).exists()
        for jar in ("zookeeper.jar", "zookeeper-jute.jar", "slf4j-log4j12.jar", "log4j-1.2.jar")
    ),
    "default-jre-headless": _binary("java"),
    "nginx-light": _nginx,
    "openssl": _binary("openssl"),  # makes the certificate of a stack that was given none
}
# What three hosts have beside that (`make lab`, and its tests).
CLUSTER: dict[str, Callable[[], bool]] = {
    "galera-4": _file("usr/lib/galera/libgalera_smm.so"),
    "rsync": _binary("rsync"),  # how a new member of Galera gets its data
    "lsof": _binary("lsof"),  # asked by Galera's rsync script
    "haproxy": _binary("haproxy"),
    "keepalived": _binary("keepalived"),
    "redis-tools": _binary("redis-cli"),
    "iproute2": _binary("ip"),
    "nftables": _binary("nft"),
}
TOOLS: dict[str, Callable[[], bool]] = {
    "wrk": _binary("wrk"),
    # A third less work for the machine than all of Chromium.
    "chromium-headless-shell": _binary("chromium-headless-shell"),
    "fonts-noto-cjk": _file("usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"),
}


def missing(with_tests: bool = False, with_cluster: bool = False) -> list[str]:
    """The packages that must be installed; tests need everything."""
    wanted = dict(SERVERS)
    if with_tests or with_cluster:
        wanted |= CLUSTER
    if with_tests:
        wanted |= TOOLS
    return [package for package, present in wanted.items() if not present()]


def ensure(with_tests: bool = False, with_cluster: bool = False) -> list[str]:
    """Install what is missing; returns the installed packages, or ends with one line that names them."""
    packages = missing(with_tests, with_cluster)
    if not packages:
        return []
    by_hand = f"apt-get install --no-install-recommends {' '.join(packages)}"
    prefix = _privilege()
    if shutil.which("apt-get", path=SYSTEM_PATH) is None or prefix is None:
        raise SystemExit(f"missing Debian packages: {' '.join(packages)}. As root, run: {by_hand}")
    print(f"installing Debian packages: {' '.join(packages)}", flush=True)
    with _no_service_starts(prefix):
        # The lists first: on a fresh image there are none, and an old list names versions that are gone.
        _run([*prefix, "apt-get", "update", "-q"])
        install = ["apt-get", "install", "-y", "-q", "--no-install-recommends", *packages]
        _run([*prefix, "env", "DEBIAN_FRONTEND=noninteractive", *install])
    left = missing(with_tests, with_cluster)
    if left:
        raise SystemExit(f"these Debian packages could not be installed: {' '.join(left)}. As root, run: {by_hand}")
    return packages


def _privilege() -> list[str] | None:
    """The words before a command that needs root: none for root, sudo when it lets us, None when it doesn't."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") is None:
        return None
    if sys.stdin.isatty():
        return ["sudo"]
    asks_nothing = subprocess.run(["sudo", "-n", "true"], capture_output=True, check=False).returncode == 0
    return ["sudo", "-n"] if asks_nothing else None


@contextmanager
def _no_service_starts(prefix: list[str]) -> Iterator[None]:
    """Keep the packages from starting system-wide servers; somebody's own policy-rc.d is left as it is."""
    if os.path.lexists(POLICY):
        yield
        return
    _run([*prefix, "sh", "-c", f"printf '#!/bin/sh\\nexit 101\\n' > {POLICY} && chmod 755 {POLICY}"])
    try:
        yield
    finally:
        _run([*prefix, "rm", "-f", POLICY])


def _run(command: list[str]) -> None:
    """Run quietly; the output is shown only when it fails, and the caller then judges by what is there."""
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, check=False)
    if done.returncode != 0:
        print(f"{' '.join(command)} failed:\n{done.stdout[-2000:]}", file=sys.stderr, flush=True)


def main() -> None:
    """`python3 -m ops.stack.packages [--with-tests] [--with-cluster] [--check]`."""
    parser = argparse.ArgumentParser(prog="ops.stack.packages", description=main.__doc__)
    parser.add_argument("--with-tests", action="store_true", help="also what tests and bench need")
    parser.add_argument("--with-cluster", action="store_true", help="also what three hosts need")
    parser.add_argument("--check", action="store_true", help="name what is missing, install nothing")
    options = parser.parse_args()
    if not options.check:
        ensure(options.with_tests, options.with_cluster)
    elif packages := missing(options.with_tests, options.with_cluster):
        raise SystemExit(f"missing Debian packages: {' '.join(packages)}")


if __name__ == "__main__":
    main()
