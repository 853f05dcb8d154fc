"""The whole system on three hosts: a student books through the one address, whichever hosts are there."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from ops.lab.lab import CLIENT, Lab
from tests.functional.lab import student
from tests.functional.lab.clusters import Clusters, until


def test_a_student_books_through_the_address(campus: Lab, clusters: Clusters) -> None:
    students = (f"s{number:05}" for number in range(1, 11))
    until(lambda: sequence(clusters, confirmed(campus, next(students))) > 0, "Redis gives the seats out")


def test_a_student_books_while_the_host_with_the_address_has_no_power(campus: Lab, clusters: Clusters) -> None:
    until(lambda: campus.holder() is not None, "somebody takes the address")
    holder = campus.holder()
    assert holder is not None
    campus.host(holder).power_off()
    claims = [confirmed(campus, "s00011")]
    campus.bring_back(holder)
    clusters.wait_whole()
    claims.append(confirmed(campus, "s00012"))
    for name in campus.names:  # what was told is what every host has stored
        assert {tuple(stored(clusters, name, claim)) for claim in claims} == {("confirmed", 1)}


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
