"""A small disk under the data of one server of a host: it can be filled without harm to anything else, and freed."""

from __future__ import annotations

from dataclasses import dataclass

from ops.lab.clusters import Clusters
from ops.lab.lab import Lab

ROOM_MIB = 320  # beside what is there: more than RabbitMQ wants to have left
# The data move onto a tmpfs that takes their folder's place, in this host's mounts only.
MOVE_IN = """
set -e
size=$(du --summarize --block-size=1M "$1" | cut -f1)
mkdir -p "$2"
mount -t tmpfs -o size=$((size + $3))m seatrush-small "$2"
cp -a "$1/." "$2/"
mount --move "$2" "$1"
"""
# Where nothing was moved in, nothing moves out.
MOVE_OUT = """
set -e
mountpoint -q "$1" || exit 0
mount --move "$1" "$2"
find "$1" -mindepth 1 -delete
cp -a "$2/." "$1/"
umount "$2"
"""
# As much as there is: of the small disk, never of the machine's, as when another host has become the one that matters.
FILL = 'mountpoint -q "$1" || { echo "no small disk under $1" >&2; exit 1; }; cat /dev/zero > "$1/ballast" 2>/dev/null; true'


@dataclass(frozen=True)
class SmallDisk:
    """Under the data of a server on a host, which is stopped by TERM for each move and started again."""

    lab: Lab
    host: str
    server: str

    def move_in(self) -> None:
        """Put it there."""
        self._move(MOVE_IN)

    def move_out(self) -> None:
        """The data are where they were."""
        self._move(MOVE_OUT)

    def fill(self) -> None:
        """No block is left."""
        self._run(FILL)

    def free(self) -> None:
        """There is room again."""
        self._run('rm -f "$1/ballast"')

    def _move(self, script: str) -> None:
        clusters = Clusters(self.lab)
        clusters.stop(self.host, self.server)
        try:
            self._run(script, str(ROOM_MIB))
        finally:
            clusters.start(self.host, self.server)

    def _run(self, script: str, *words: str) -> None:
        folder = self.lab.config(self.host).data(self.server)
        self.lab.host(self.host).run("sh", "-c", script, "sh", str(folder), f"/run/small-{self.server}", *words)
