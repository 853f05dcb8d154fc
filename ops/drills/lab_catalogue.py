"""What only several hosts can lose or do: a host, its cable, the keeper of the address; the rolling upgrade."""

from __future__ import annotations

import random
from contextlib import ExitStack

from ops.drills.catalogue import Drill, killed
from ops.drills.lab_disks import FULL
from ops.drills.lab_links import LINKS
from ops.drills.lab_many import MANY
from ops.drills.lab_members import MEMBERS
from ops.drills.lab_site import LabSite
from ops.drills.lab_slow import SLOW
from ops.lab.upgrade import upgrade


def _without_power(site: LabSite, _: random.Random) -> None:
    name = site.first
    site.undo.callback(site.lab.bring_back, name)
    site.lab.host(name).power_off()


def _cut_off(site: LabSite, _: random.Random) -> None:
    host = site.lab.host(site.first)
    site.undo.callback(site.lab.network.mend, host)
    site.lab.network.cut(host)


def _upgraded(site: LabSite, _: random.Random) -> None:
    with ExitStack() as back:  # where it stops, a host has left
        for name in site.lab.names:
            for part in ("programs", "servers"):  # the last one first
                back.callback(site.lab.stack, name, part)
        upgrade(site.lab)
        back.pop_all()


_ALL: tuple[Drill[LabSite], ...] = (
    Drill(
        "host-killed", "the host that has the address loses its power for 20 s", "持有虚拟 IP 的主机断电 20 秒",
        _without_power, 20.0,
    ),
    Drill(
        "host-cut", "the host that has the address is cut off for 20 s", "持有虚拟 IP 的主机断网 20 秒",
        _cut_off, 20.0,
    ),
    Drill(
        "keepalived-killed", "keepalived of the host that has the address is killed (-9)",
        "持有虚拟 IP 的 keepalived 被杀（-9）", killed("keepalived"),
    ),
    Drill(
        "rolling-upgrade", "host after host leaves and comes back, all restarted", "滚动升级：逐台退出、全部重启、返回",
        _upgraded, 0.0,
    ),
)  # fmt: skip
LAB_DRILLS = {one.name: one for one in (*_ALL, *MANY, *MEMBERS, *LINKS, *SLOW, *FULL)}
