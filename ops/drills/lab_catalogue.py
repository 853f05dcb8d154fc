"""What only several hosts can lose: a host, its cable, the keeper of the address."""

from __future__ import annotations

import random

from ops.drills.catalogue import Drill, killed
from ops.drills.lab_site import LabSite


def _without_power(site: LabSite, _: random.Random) -> None:
    site.lab.host(site.first).power_off()


def _with_power(site: LabSite) -> None:
    for name in site.dark:
        site.lab.bring_back(name)


def _cut_off(site: LabSite, _: random.Random) -> None:
    site.lab.network.cut(site.lab.host(site.first))


def _plugged_in(site: LabSite) -> None:
    for name in site.lab.names:
        site.lab.network.mend(site.lab.host(name))


_ALL: tuple[Drill[LabSite], ...] = (
    Drill(
        "host-killed", "the host that has the address loses its power for 20 s", "持有虚拟 IP 的主机断电 20 秒",
        _without_power, 20.0, _with_power,
    ),
    Drill(
        "host-cut", "the host that has the address is cut off for 20 s", "持有虚拟 IP 的主机断网 20 秒",
        _cut_off, 20.0, _plugged_in,
    ),
    Drill(
        "keepalived-killed", "keepalived of the host that has the address is killed (-9)",
        "持有虚拟 IP 的 keepalived 被杀（-9）", killed("keepalived"),
    ),
)  # fmt: skip
LAB_DRILLS = {one.name: one for one in _ALL}
