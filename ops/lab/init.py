"""A lab host's first process: sets the host up, says "ready", and then only reaps.

Run by `unshare` as `python init.py NAME HOSTS SYSCTL [FOLDER…]`; standard library only, as it stays for the host's whole life.
Its death is the host's: the kernel ends everything in a PID namespace together with its first process.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path


def main() -> None:
    """Become the host; returns never."""
    name, hosts, sysctl, *folders = sys.argv[1:]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    socket.sethostname(name)
    _run("mount", "--bind", hosts, "/etc/hosts")
    # Gone with the power, as on a real machine: a pid file that stays finds its number taken by somebody else.
    for folder in ("/run", *folders):
        _run("mount", "-t", "tmpfs", "-o", "mode=755,size=64m", "seatrush-lab", folder)
    _run("ip", "link", "set", "lo", "up")
    _set_kernel(Path(sysctl))
    os.write(1, b"ready\n")
    _let_go()
    while True:
        signal.sigwait({signal.SIGCHLD})
        _reap()


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


def _set_kernel(settings: Path) -> None:
    """`name = value` lines, as /etc/sysctl.d has them; what this kernel doesn't know is left out."""
    for line in settings.read_text(encoding="utf-8").splitlines():
        name, _, value = line.partition("=")
        path = Path("/proc/sys", name.strip().lstrip("-").replace(".", "/"))
        if value and not line.startswith("#") and path.exists():
            path.write_text(value.strip(), encoding="ascii")


def _let_go() -> None:
    """Whoever started the host may end and close its pipe."""
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    os.close(nowhere)


def _reap() -> None:
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        pass


if __name__ == "__main__":
    main()
