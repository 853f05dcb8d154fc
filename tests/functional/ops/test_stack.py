"""The stack comes up, stays as it is, heals, names a taken port, and goes without a trace."""

from __future__ import annotations

import os
import signal
import socket
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from ops.stack import Ports, Stack, StackConfig, StackError
from ops.stack.__main__ import main
from ops.stack.processes import identify, wait_gone
from tests.waiting import until

SERVERS = ("epmd", "rabbitmq", "zookeeper", "mariadb", "redis", "nginx")
PROGRAMS = ("web", "ws", "claims", "maintenance")


def pids(stack: Stack) -> dict[str, int | None]:
    """Process ids of everything, by service."""
    return {row.name: row.pid for row in stack.status()}


def test_everything_runs_and_answers(stack: Stack) -> None:
    rows = {row.name: row for row in stack.status()}
    assert list(rows) == [*SERVERS, *PROGRAMS]
    assert {row.state for row in rows.values()} == {"RUNNING"}
    assert all(stack.service(name).ready() is None for name in rows)


def test_up_again_changes_nothing(stack: Stack) -> None:
    before = pids(stack)
    stack.up()
    stack.start_programs()
    assert pids(stack) == before


def test_a_later_config_of_the_folder_finds_the_same_ports_and_secrets(stack: Stack) -> None:
    later = StackConfig.for_folder(stack.config.root, name="shared")
    assert later.ports == stack.config.ports
    assert Stack(later).environment() == stack.environment()
    for secret in (stack.config.root / "secrets").iterdir():
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600


def test_programs_and_pages_mean_one_time_zone(stack: Stack, monkeypatch: pytest.MonkeyPatch) -> None:
    """The pages are built with these settings over the shell's own."""
    monkeypatch.delenv("SEATRUSH_CAMPUS_TIMEZONE", raising=False)
    assert stack.environment()["SEATRUSH_CAMPUS_TIMEZONE"] == "Asia/Shanghai"
    monkeypatch.setenv("SEATRUSH_CAMPUS_TIMEZONE", "Europe/Berlin")
    assert stack.environment()["SEATRUSH_CAMPUS_TIMEZONE"] == "Europe/Berlin"


def test_status_finds_what_runs_whatever_port_the_shell_names(
    stack: Stack, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PORT", "9")
    assert main(["status", "--root", str(stack.config.root)]) == 0
    (nginx,) = [line for line in capsys.readouterr().out.splitlines() if line.startswith("nginx")]
    assert f"http://127.0.0.1:{stack.config.ports.http}" in nginx
    assert "refused" not in nginx


def test_only_loopback_is_listened_on(stack: Stack) -> None:
    inodes = set()
    for pid in stack._supervisor.processes():
        for link in Path(f"/proc/{pid.number}/fd").iterdir():
            target = str(link.readlink()) if link.is_symlink() else ""
            if target.startswith("socket:["):
                inodes.add(target[8:-1])
    listening = []
    for table in ("tcp", "tcp6"):
        rows = [line.split() for line in Path("/proc/net", table).read_text().splitlines()[1:]]
        listening += [row[1] for row in rows if row[3] == "0A" and row[9] in inodes]
    addresses = {"0100007F", f"{0xFFFF0000:024X}0100007F", f"{0x01000000:032X}"}  # and, of epmd and Erlang, ::1
    assert len(listening) >= len([port for port in vars(stack.config.ports).values() if port])
    assert {address.partition(":")[0] for address in listening} <= addresses


@pytest.mark.parametrize("name", SERVERS)
def test_a_killed_server_is_started_again(stack: Stack, name: str) -> None:
    service = stack.service(name)
    before, members = service.pid, service.processes()
    service.kill()
    assert wait_gone(members, 0) == []
    service.wait_ready()
    assert service.pid not in (None, before)


def test_a_killed_server_can_be_kept_down(stack: Stack) -> None:
    service = stack.service("redis")
    service.wait_ready()
    service.kill(stay_down=True)
    assert (service.state, service.pid) == ("STOPPED", None)
    assert "scheduling shutdown" not in service.log(1), "it was told to stop before it was killed"
    service.start()
    service.wait_ready()


def test_without_autorestart_it_stays_as_it_fell(stack: Stack) -> None:
    service = stack.service("claims")
    service.autorestart(False)
    try:
        service.kill()
        assert service.wait_state("EXITED") == "EXITED"
        assert service.pid is None
    finally:
        service.autorestart(True)
        service.start()
        service.wait_ready()


def test_a_paused_server_holds_its_port_and_answers_nothing(stack: Stack) -> None:
    service = stack.service("zookeeper")
    service.pause()
    try:
        # Not at once: the signal reaches a JVM's threads one after the other.
        until(lambda: "timed out" in (service.ready() or ""), "silence", within_s=10)
        assert main(["status", "--root", str(stack.config.root)]) == 3, "it runs, and does not answer"
    finally:
        service.resume()
    assert service.wait_ready() < 10


def test_a_changed_setting_reloads_or_restarts_only_what_it_concerns(stack: Stack) -> None:
    before = pids(stack)
    changed = Stack(replace(stack.config, requests_per_second=19999, env_extra={"SEATRUSH_TRY": "1"}))
    changed.up()
    changed.start_programs()
    after = pids(changed)
    assert {name for name in before if before[name] != after[name]} == set(PROGRAMS)
    rendered = (stack.config.etc("nginx") / "nginx.conf").read_text()
    assert "19999r/s" in rendered
    stack.up()
    stack.start_programs()


def test_a_taken_port_is_named_with_its_server_and_the_way_out(small: Stack) -> None:
    with socket.create_server(("127.0.0.1", small.config.ports.redis)), pytest.raises(StackError) as caught:
        small.up(["redis"])
    message = str(caught.value)
    assert f"port {small.config.ports.redis} (redis) is taken by process {os.getpid()}" in message
    assert "make up PORT_REDIS=" in message
    assert "\n" not in message


def test_what_a_killed_supervisord_leaves_behind_is_ended_first(small: Stack) -> None:
    small.up(["redis", "nginx"])
    supervisord, before = small._supervisor.pid(), small.service("nginx").processes()
    assert supervisord is not None
    os.kill(supervisord, signal.SIGKILL)
    small.up(["redis", "nginx"])
    assert wait_gone(before, 0) == []
    assert small.service("redis").ready() is None


def test_down_leaves_no_process_whatever_state_it_was_in(small: Stack) -> None:
    small.up()
    small.service("mariadb").pause()
    nginx = small.service("nginx")
    everything = small._supervisor.processes()
    os.kill(nginx.pid or 0, signal.SIGKILL)  # the master alone: its workers go on serving
    small.down()
    assert [pid.command_line() for pid in everything if pid.alive()] == []
    assert [pid.command_line() for pid in small._supervisor.processes()] == []
    assert {row.state for row in small.status()} == {"DOWN"}
    small.down()


def test_a_long_path_gets_a_short_folder_for_its_sockets(tmp_path: Path) -> None:
    stack = Stack(StackConfig.for_folder(tmp_path / ("long " * 20).strip() / "root", name="long", programs=()))
    try:
        stack.up(["redis", "mariadb"])
        assert str(stack.config.sockets).startswith("/tmp/seatrush-")
    finally:
        stack.down()
    assert not stack.config.sockets.exists()


def test_a_template_of_the_data_folder_is_made_once_and_copied(small: Stack, tmp_path: Path) -> None:
    template = tmp_path / "template"
    stack = Stack(replace(small.config, mariadb_template=template))
    stack.up(["mariadb"])
    made = (template / "ibdata1").stat().st_mtime_ns
    other = Stack(StackConfig.for_folder(tmp_path / "other", name="other", programs=(), template=template))
    try:
        other.up(["mariadb"])
        assert (template / "ibdata1").stat().st_mtime_ns == made
    finally:
        other.down()


def test_ports_from_the_environment() -> None:
    ports = Ports.demo().with_environment({"PORT": "9001", "PORT_AMQP": "9002", "PORT_REDIS": ""})
    assert (ports.http, ports.amqp, ports.redis) == (9001, 9002, Ports.demo().redis)
    with pytest.raises(StackError, match="PORT=x is not a port number"):
        Ports.demo().with_environment({"PORT": "x"})


def test_a_process_id_that_was_given_out_again_is_not_taken_for_the_old_process() -> None:
    mine = identify(os.getpid())
    assert mine is not None
    assert mine.alive()
    assert not replace(mine, started=mine.started - 1).alive()
