"""`python visitors.py ADDRESS`: some people ask all the time until standard input ends; prints each status, 0 for no answer.

Run on the lab's client, with the standard library only. They post, since Nginx may ask the next worker again for anything else,
and are not signed in, so that nothing comes of it.
"""

from __future__ import annotations

import http.client
import sys
import threading

VISITORS = 4
PATH = "/api/lectures/1/bookings"

ended = threading.Event()


def visit(address: str) -> None:
    """One after another, each with a connection of its own."""
    while not ended.is_set():
        sys.stdout.write(f"{ask(address)}\n")
        sys.stdout.flush()


def ask(address: str) -> int:
    """The status, 0 when nothing came."""
    connection = http.client.HTTPConnection(address, timeout=30)
    try:
        connection.request("POST", PATH, b"{}", {"Content-Type": "application/json"})
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return 0
    finally:
        connection.close()


if __name__ == "__main__":
    visitors = [threading.Thread(target=visit, args=sys.argv[1:2]) for _ in range(VISITORS)]
    for one in visitors:
        one.start()
    sys.stdin.read()
    ended.set()
    for one in visitors:
        one.join()
