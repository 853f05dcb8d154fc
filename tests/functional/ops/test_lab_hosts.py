"""The lab's machines: namespaces that see each other, and of which nothing is left when they lose their power."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from ops.lab.errors import LabError
from ops.lab.hosts import Host
from ops.lab.network import Network
from ops.stack.config import REPOSITORY

ADDRESSES = {"one": "10.9.8.1", "two": "10.9.8.2"}


@pytest.fixture(scope="module")
def names(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The /etc/hosts of these hosts."""
    file = tmp_path_factory.mktemp("lab") / "hosts"
    lines = ["127.0.0.1 localhost", *(f"{address} {name}" for name, address in ADDRESSES.items())]
    file.write_text("\n".join(lines) + "\n", encoding="ascii")
    return file


@pytest.fixture
def network(names: Path) -> Iterator[Network]:
    """A wire without hosts."""
    switch = Host.boot("switch", hosts=names)
    network = Network(switch)
    network.lay()
    yield network
    switch.power_off()


@pytest.fixture
def hosts(network: Network, names: Path) -> Iterator[dict[str, Host]]:
    """Two hosts on the wire."""
    running = {name: Host.boot(name, hosts=names) for name in ADDRESSES}
    for number, (name, host) in enumerate(running.items(), 1):
        network.plug(host, number, ADDRESSES[name], 24)
    yield running
    for host in running.values():
        host.power_off()


def test_where_the_kernel_forbids_namespaces_that_is_said_in_one_line(tmp_path: Path) -> None:
    without = ["setpriv", "--bounding-set=-sys_admin", "--inh-caps=-sys_admin"]
    up = [*without, sys.executable, "-m", "ops.lab", "--root", str(tmp_path), "up"]
    ended = subprocess.run(up, cwd=REPOSITORY, capture_output=True, text=True, timeout=300, check=False)
    assert ended.returncode == 1
    assert ended.stderr.startswith("seatrush: this machine does not let us make the host")
    assert ended.stderr.count("\n") == 1


def test_each_host_is_a_machine_of_its_own(hosts: dict[str, Host], network: Network) -> None:
    assert hosts["one"].run("hostname").stdout.strip() == "one"
    assert network.addresses(hosts["two"]) == [ADDRESSES["two"]]
    seen = hosts["one"].run("sh", "-c", "ls -d /proc/[0-9]*").stdout.split()
    assert len(seen) <= 3  # its first process and these two
    assert hosts["one"].run("cat", "/proc/sys/net/ipv4/tcp_retries2").stdout.strip() == "3"
    assert Path("/proc/sys/net/ipv4/tcp_retries2").read_text(encoding="ascii").strip() != "3"


def test_hosts_reach_each_other_by_name_until_the_cable_is_pulled(hosts: dict[str, Host], network: Network) -> None:
    with Greeter(hosts["two"]):
        until(lambda: ask(hosts["one"], "two") == "hello")
        network.cut(hosts["two"])
        assert ask(hosts["one"], "two") == ""
        network.mend(hosts["two"])
        until(lambda: ask(hosts["one"], "two") == "hello")


def test_nothing_is_left_of_a_host_without_power(hosts: dict[str, Host], network: Network) -> None:
    host = hosts["two"]
    namespaces = set(host.namespaces().values())
    with Greeter(host) as listener:
        members = host.processes()
        assert len(members) >= 2
        host.power_off()
        assert listener.wait(10) != 0
    assert not host.alive
    assert not any(pid.alive() for pid in members)
    until(lambda: not namespaces & in_use())
    until(lambda: "two" not in network.switch.run("ip", "-br", "link").stdout)
    with pytest.raises(LabError, match="two is off"):
        host.run("true")


def test_a_host_that_comes_back_is_found_at_once(hosts: dict[str, Host], network: Network, names: Path) -> None:
    with Greeter(hosts["two"]):
        until(lambda: ask(hosts["one"], "two") == "hello")
    hosts["two"].power_off()
    hosts["two"] = Host.boot("two", hosts=names)
    network.plug(hosts["two"], 2, ADDRESSES["two"], 24)
    with Greeter(hosts["two"]):
        until(lambda: ask(hosts["one"], "two") == "hello")


def test_a_process_is_found_by_its_number_inside(hosts: dict[str, Host]) -> None:
    sleeper = hosts["one"].begin("sh", "-c", "echo $$; exec sleep 600", stdout=subprocess.PIPE)
    assert sleeper.stdout is not None
    inner = int(sleeper.stdout.readline())
    outside = hosts["one"].outside(inner)
    assert outside is not None
    until(lambda: "sleep 600" in outside.command_line())
    outside.send(9)
    assert sleeper.wait(10) != 0


class Greeter:
    """Says hello to whoever comes to port 80 of the host."""

    CODE = (
        "import socket\nlistener = socket.create_server(('', 80))\nprint(flush=True)\n"
        "while True:\n    one, _ = listener.accept()\n    one.sendall(b'hello')\n    one.close()"
    )

    def __init__(self, host: Host) -> None:
        self.process = host.begin("python3", "-S", "-c", self.CODE, stdout=subprocess.PIPE)

    def __enter__(self) -> subprocess.Popen[str]:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "\n"
        return self.process

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()


def ask(host: Host, name: str) -> str:
    """What port 80 of the named host says to this one; nothing when it can't be reached within two seconds."""
    code = f"import socket; print(socket.create_connection(('{name}', 80), 2).recv(9).decode())"
    return host.run("python3", "-S", "-c", code, check=False).stdout.strip()


def in_use() -> set[str]:
    """Every namespace that any process of this machine is in."""
    found = set()
    for link in Path("/proc").glob("[0-9]*/ns/*"):
        try:
            found.add(str(link.readlink()))
        except OSError:  # ended meanwhile
            continue
    return found


def until(holds: Callable[[], bool], limit: float = 60.0) -> None:
    """Wait for it."""
    deadline = time.monotonic() + limit
    while not holds():
        assert time.monotonic() < deadline, "it does not come"
        time.sleep(0.02)
