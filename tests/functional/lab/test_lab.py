"""Three hosts: their clusters are whole, led by another when one is lost, and a student books through the one address.

One module, as all of it is about one lab, which takes long to bring up: first the servers alone, then the programs on them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from app.extensions.broker import claim_queue
from ops.drills import run
from ops.drills.catalogue import DRILLS
from ops.drills.lab_site import LabBooks, LabService, LabSite
from ops.lab.clusters import Clusters, until
from ops.lab.errors import LabError
from ops.lab.lab import CLIENT, Lab
from ops.stack.servers.rabbitmq import node_name
from tests.functional.lab import student


def test_each_server_is_one_of_three(lab: Lab, clusters: Clusters) -> None:
    assert clusters.brokers("h2") == [node_name(peer) for peer in lab.inventory.peers]
    assert {clusters.primary(name) for name in lab.names} == {clusters.primary("h1")} != {""}
    for name in lab.names:
        assert clusters.redis(name, "sentinel", "ckquorum", lab.inventory.name, port=26379)[0] == "OK"


def test_what_one_host_writes_all_have(clusters: Clusters) -> None:
    assert clusters.sql("h2", "CREATE TABLE IF NOT EXISTS said (what INT)", "INSERT INTO said VALUES (7)") == []
    assert clusters.sql("h3", "SELECT what FROM said", "SELECT what FROM said") == [[7]]


def test_the_address_leaves_a_host_whose_nginx_is_killed(lab: Lab, clusters: Clusters, flask: None) -> None:
    holder = address_at(lab)
    until(lambda: reached(lab) == 200, "it answers there")
    until(lambda: reached_by_https(lab) == 200, "it answers there by https")
    clusters.kill(holder, "nginx")
    until(lambda: lab.holder() not in (None, holder), "another takes the address")
    until(lambda: reached(lab) == 200, "it answers there")
    until(lambda: reached_by_https(lab) == 200, "it is trusted there as it was")
    clusters.start(holder, "nginx")
    until(lambda: lab.service(holder, "nginx").state == "RUNNING", "Nginx runs again")
    assert lab.holder() != holder  # nobody takes it from one who is well


def test_the_address_leaves_a_host_whose_nginx_reaches_no_flask(lab: Lab, clusters: Clusters, flask: None) -> None:
    holder = address_at(lab)
    until(lambda: reached(lab) == 200, "it answers there")
    asked = lab.config(holder).upstreams / "web.conf"
    everybody = asked.read_text()
    follow(lab, holder, 'server "127.0.0.1:1";')
    until(lambda: lab.holder() not in (None, holder), "another takes the address")
    follow(lab, holder, everybody)


def test_a_killed_primary_of_redis_follows_its_successor(lab: Lab, clusters: Clusters) -> None:
    before = clusters.primary("h1")
    others = [name for name in lab.names if name != before]
    assert clusters.redis(before, "set", "kept", "1") == ["OK"]
    clusters.kill(before, "redis")
    until(lambda: clusters.primary(others[0]) in others, "another is the primary")
    after = clusters.primary(others[0])
    until(lambda: clusters.redis(after, "incr", "kept") == ["2"], "it takes writes")
    clusters.start(before, "redis")
    until(lambda: clusters.redis(before, "get", "kept") == ["2"], "the old one has what the new one has")
    assert "slave" in clusters.redis(before, "role")


def test_all_hosts_write_elsewhere_when_the_writer_is_killed(lab: Lab, clusters: Clusters) -> None:
    clusters.kill("h1", "mariadb")
    until(lambda: {clusters.writer(name) for name in lab.names} == {"h2"}, "all write to the second")
    until(lambda: clusters.sql("h3", "CREATE TABLE IF NOT EXISTS later (what INT)") is not None, "it takes writes")
    clusters.start("h1", "mariadb")
    until(lambda: {clusters.writer(name) for name in lab.names} == {"h1"}, "all are back at the first")
    assert clusters.sql("h1", "SHOW TABLES LIKE 'later'") == [["later"]]


def test_an_address_is_given_up_when_its_keepalived_is_gone(lab: Lab, clusters: Clusters) -> None:
    """Killed by -9 and kept down it leaves the address on the host, and another host takes it too."""
    holder = address_at(lab)
    clusters.kill(holder, "keepalived")
    until(lambda: len(found := lab.holders()) == 1 and found != [holder], "another alone has it")
    clusters.start(holder, "keepalived")


def test_what_runs_and_does_not_work_is_mended(lab: Lab, clusters: Clusters) -> None:
    """A node whose application is not started, as once after a heal; two members that lost the third, which had most votes;
    one that the two others went on without."""
    clusters.broker_tool("h1", "stop_app")
    assert node_name(lab.inventory.peers[0]) not in clusters.brokers("h2")
    clusters.administer("h1", "SET GLOBAL wsrep_provider_options = 'pc.weight=3'")
    clusters.kill("h1", "mariadb")
    until(lambda: clusters.sql("h2", "SELECT 1") is None, "nobody may be written to")
    until(lambda: clusters.sql("h3", "SELECT 1") == [[1]], "one of the two has begun again")
    clusters.start("h1", "mariadb")
    clusters.wait_whole()
    clusters.administer("h3", "SET GLOBAL wsrep_provider_options = 'gmcast.isolate=1'")  # until it is started anew
    until(lambda: clusters.members("h1") == 2, "the others go on without it")
    clusters.wait_whole()
    every = [node_name(peer) for peer in lab.inventory.peers]
    until(lambda: clusters.brokers("h2") == every, "RabbitMQ is back", limit=300.0)


def test_a_student_books_through_the_address(campus: Lab, clusters: Clusters) -> None:
    students = (f"s{number:05}" for number in range(151, 161))
    until(lambda: sequence(clusters, confirmed(campus, next(students))) > 0, "Redis gives the seats out")


def test_a_student_books_while_the_host_with_the_address_has_no_power(campus: Lab, clusters: Clusters) -> None:
    until(lambda: campus.holder() is not None, "somebody takes the address")
    holder = campus.holder()
    assert holder is not None
    left = [name for name in campus.names if name != holder]
    campus.host(holder).power_off()
    claims = [confirmed(campus, "s00161")]
    until(lambda: len({clusters.writer(name) for name in left} - {None, holder}) == 1, "both write to one")
    until(lambda: clusters.primary(left[0]) in left, "Redis has a primary")
    until(lambda: sorted(map(clusters.vote, left)) == ["follower", "leader"], "ZooKeeper has a leader")
    campus.bring_back(holder)
    clusters.wait_whole()
    claims.append(confirmed(campus, "s00162"))
    for name in campus.names:  # what was told is what every host has stored
        assert {tuple(stored(clusters, name, claim)) for claim in claims} == {("confirmed", 1)}


def test_a_queue_whose_member_is_dead_gives_its_messages_again(campus: Lab, clusters: Clusters) -> None:
    """Where its consumer is: a claim waits until the host's watchdog has made the member anew."""
    for queue in map(claim_queue, range(2)):  # by its lecture a claim may take either
        clusters.end_member(consumed_at(clusters, queue), queue)
    assert not clusters.members_run()
    confirmed(campus, "s00171")
    until(clusters.members_run, "members anew", limit=180.0, pause=1.0)


def test_nginx_says_that_no_host_has_flask(campus: Lab, clusters: Clusters) -> None:
    """If a host without Flask gave the address up, all would."""
    for name in campus.names:
        clusters.kill(name, "web")
    until(lambda: reached(campus) == 503, "Nginx answers by itself")
    for name in campus.names:
        clusters.start(name, "web")
    until(lambda: reached(campus) == 200, "Flask answers again")


# No answer at all, as when the address moves, which a starved machine makes it do whoever leaves.
MOVED = 0


def test_a_host_leaves_unnoticed_and_the_next_one_must_wait(
    campus: Lab, clusters: Clusters, asking: Callable[[], AbstractContextManager[Callable[[], set[int]]]]
) -> None:
    holder = address_at(campus)
    leaving, staying = [name for name in campus.names if name != holder]
    with asking() as heard:
        until(lambda: bool(heard()), "an answer")
        campus.stack(leaving, "leave")
        assert heard() - {MOVED} == {401}
        with pytest.raises(LabError, match=f"mariadb on {leaving}"):
            campus.stack(staying, "leave", "--within", "0")
        campus.stack(leaving, "servers")
        campus.stack(leaving, "programs")
        campus.stack(staying, "whole")
        assert heard() - {MOVED} == {401}

        # What draining is for, with it off: whoever was asked is gone.
        def struck() -> bool:
            LabService(campus, leaving, "web").kill()
            campus.stack(staying, "whole")
            return bool(heard() - {MOVED, 401})

        until(struck, "a failed request")


def test_a_drill_from_the_clients_machine(
    campus: Lab, clusters: Clusters, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "BEFORE_S", 2.0)
    monkeypatch.setattr(run, "AFTER_S", 2.0)
    site = LabSite(campus, clusters, LabBooks(campus))
    result = run.run(site, DRILLS["redis-killed"], tmp_path, per_second=5.0, seed=1)
    assert result.violations == []
    assert result.promised > 0


def consumed_at(clusters: Clusters, queue: str) -> str:
    """The host whose node serves the queue's consumer."""
    seen = [""]

    def somebody() -> bool:
        seen.append(clusters.consumer_node(queue))
        return bool(seen[-1])

    until(somebody, "somebody consumes it", pause=1.0)
    return seen[-1]


def follow(lab: Lab, name: str, upstreams: str) -> None:
    """Let a host's Nginx ask these for Flask, as the program of the same name does."""
    config = lab.config(name)
    (config.upstreams / "web.conf").write_text(upstreams)
    lab.host(name).run("bash", "-c", f"kill -HUP $(cat {config.run / 'nginx.pid'})")


def address_at(lab: Lab) -> str:
    """Who has the virtual address; for a moment nobody may, when it moves."""
    seen: list[str] = []

    def somebody() -> bool:
        seen.append(lab.holder() or "")
        return bool(seen[-1])

    until(somebody, "somebody takes the address")
    return seen[-1]


def reached(lab: Lab) -> int:
    """The status of /healthz at the virtual address, as the client sees it; 0 when it is not reached."""
    code = (
        "import socket, sys; c = socket.create_connection((sys.argv[1], 80), 2); c.settimeout(2);"
        "c.sendall(b'GET /healthz HTTP/1.0\\r\\n\\r\\n'); print(c.recv(64).split()[1].decode())"
    )
    said = lab.host(CLIENT).run("python3", "-S", "-c", code, lab.inventory.vip, check=False).stdout
    return int(said or 0)


def reached_by_https(lab: Lab) -> int:
    """The status of /time there, for who trusts the hosts' one certificate; 0 when it is not reached, or shows another."""
    code = (
        "import ssl, sys, urllib.request; trusting = ssl.create_default_context(cafile=sys.argv[2]);"
        "print(urllib.request.urlopen(f'https://{sys.argv[1]}/time', timeout=2, context=trusting).status)"
    )
    words = (lab.inventory.vip, str(lab.root / "secrets" / "tls_certificate"))
    said = lab.host(CLIENT).run("python3", "-S", "-c", code, *words, check=False).stdout
    return int(said or 0)


def confirmed(lab: Lab, username: str) -> str:
    """A student on the client's machine books; the claim's id."""
    script = Path(student.__file__)
    done = lab.host(CLIENT).run(sys.executable, "-S", str(script), lab.inventory.vip, username, "90")
    claim = json.loads(done.stdout)
    assert claim["state"] == "confirmed"
    return str(claim["claim_id"])


def sequence(clusters: Clusters, claim: str) -> int:
    """The place in the order of admission that Redis gave to the claim; 0 when it was decided without Redis."""
    rows = clusters.sql("h1", f"SELECT sequence FROM claim WHERE id = '{claim}'")
    assert rows is not None
    return int(rows[0][0])


def stored(clusters: Clusters, name: str, claim: str) -> list[Any]:
    """State and liveness of the claim in the host's own MariaDB, read after what the others have written."""
    rows = clusters.sql(
        name, "SET SESSION wsrep_sync_wait = 1", f"SELECT state, active FROM claim WHERE id = '{claim}'"
    )
    assert rows is not None
    return rows[0]
