"""Chaos on three hosts: also a cable, a host's power, lost packets; and programs of any host."""

from __future__ import annotations

import random
from time import sleep

from ops.drills.chaos import BREAKABLE, Strike, kill_or_freeze
from ops.drills.lab_links import lossy
from ops.drills.lab_site import LabSite

# Every host has one that works; of the servers one matters most.
ALIKE = ("nginx", "web", "ws", "claims", "maintenance", "keepalived", "upstreams")


def _service(site: LabSite, chance: random.Random) -> None:
    name = chance.choice((*BREAKABLE, "keepalived", "ws", "upstreams"))
    alike = name in ALIKE and chance.random() < 0.5
    kill_or_freeze(chance.choice(site.everywhere(name)) if alike else site.service(name), chance)


def _cable(site: LabSite, chance: random.Random) -> None:
    """As with the power: two hosts away are more than was promised."""
    site.wait_whole()
    host = site.lab.host(chance.choice(site.lab.names))
    try:
        site.lab.network.cut(host)
        sleep(chance.uniform(0.5, 8.0))
    finally:
        site.lab.network.mend(host)


def _power(site: LabSite, chance: random.Random) -> None:
    """Only of one that the others can do without."""
    site.wait_whole()
    name = chance.choice(site.lab.names)
    try:
        site.lab.host(name).power_off()
        sleep(chance.uniform(1.0, 15.0))
    finally:
        site.lab.bring_back(name)


def _packets(site: LabSite, chance: random.Random) -> None:
    try:
        lossy(site, chance)
        sleep(chance.uniform(2.0, 8.0))
    finally:
        site.undo.close()


LAB_STRIKES: tuple[Strike[LabSite], ...] = (*(_service,) * 7, _cable, _packets, _power)
