"""More at once than can be served: what Nginx refuses, whom it tells what, and when a place is free again."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path

import gevent
import pytest

from ops.stack import Stack
from ops.stack.processes import tree
from tests.functional.ops.answers import Answer, ask
from tests.stacks import frozen
from tests.waiting import until

CLAIM = "/api/lectures/1/bookings"


@contextmanager
def only_one_claim(stack: Stack) -> Iterator[None]:
    """At once, and the application says nothing meanwhile."""
    tight = Stack(replace(stack.config, claims_at_once=1))
    tight.up(["nginx"])
    try:
        with frozen(stack.service("web")):
            yield
    finally:
        stack.up(["nginx"])


@contextmanager
def one_claim_at_once(stack: Stack) -> Iterator[None]:
    """And one is in progress."""
    with only_one_claim(stack):
        begun = gevent.spawn(ask, stack, CLAIM, "POST", b"{}")
        gevent.sleep(0.3)
        assert not begun.ready()
        yield
    assert begun.get(timeout=10).status == 200  # what was let in is answered


def refused(stack: Stack, target: str) -> Answer:
    """The answer to a claim, which only Nginx can give."""
    return ask(stack, target, "POST", b"{}")


def let_in(stack: Stack, method: str = "POST", target: str = CLAIM) -> bool:
    """Whether it waits for the application: a refusal comes at once."""
    with gevent.Timeout(2.0, False):
        ask(stack, target, method, b"{}" if method == "POST" else None)
        return False
    return True


@pytest.mark.parametrize("target", [CLAIM, "/api/sections/2/enrolments", "/api/rounds/3/carts", "/api/rounds/3/swaps"])
def test_more_claims_at_once_than_can_be_answered_are_told_to_come_again(stack: Stack, target: str) -> None:
    with one_claim_at_once(stack):
        told = refused(stack, target)
    assert (told.status, told.json["code"], told.json["scope"]) == (429, "too_many_requests", "global")
    assert told.headers["content-type"] == "application/problem+json"
    assert 2 <= int(told.headers["retry-after"]) <= 6
    assert told.headers["x-request-id"] == told.json["request_id"]


@pytest.mark.parametrize(
    ("method", "target"), [("DELETE", CLAIM + "/mine"), ("GET", "/api/claims/7"), ("POST", "/api/auth/login")]
)
def test_nobody_else_is(stack: Stack, method: str, target: str) -> None:
    """Whoever gives up a seat, asks what came of a claim, or signs in waits for the application like before."""
    with one_claim_at_once(stack):
        assert let_in(stack, method, target)


def test_as_many_claims_as_a_stack_usually_takes_wait_together(stack: Stack) -> None:
    """The limit is what refuses above: without it a second claim is let in."""
    with frozen(stack.service("web")):
        begun = [gevent.spawn(ask, stack, CLAIM, "POST", b"{}") for _ in range(20)]
        gevent.sleep(0.5)
        assert not any(one.ready() for one in begun)
    assert [one.get(timeout=10).status for one in begun] == [200] * 20


def sent(stack: Stack, body: bytes) -> socket.socket:
    """A claim whose body has two bytes, of which these come."""
    connection = socket.create_connection(("127.0.0.1", stack.config.ports.http), timeout=10)
    connection.sendall(f"POST {CLAIM} HTTP/1.1\r\nHost: campus\r\nContent-Length: 2\r\n\r\n".encode() + body)
    return connection


def test_a_client_that_gives_up_does_not_let_the_next_one_in(stack: Stack) -> None:
    """The application still works on its claim."""
    with only_one_claim(stack):
        sent(stack, b"{}").close()
        gevent.sleep(0.3)
        assert refused(stack, CLAIM).status == 429


def test_a_body_that_does_not_come_holds_no_place_for_long(stack: Stack) -> None:
    with only_one_claim(stack), sent(stack, b"{"):
        assert refused(stack, CLAIM).status == 429
        until(lambda: let_in(stack), "a free place", 10)


def workers(master: int) -> set[int]:
    """Not the manager of the cache, nor those that a reload ends."""
    found = set()
    for one in tree([master]):
        with suppress(OSError):
            name = Path(f"/proc/{one.number}/cmdline").read_bytes()
            if b"worker process" in name and b"shutting down" not in name:
                found.add(one.number)
    return found


def test_who_is_refused_comes_back_spread_over_seconds(stack: Stack) -> None:
    with one_claim_at_once(stack):
        assert len({refused(stack, CLAIM).headers["retry-after"] for _ in range(30)}) > 1


def test_a_worker_that_is_killed_takes_its_places_along(stack: Stack) -> None:
    with only_one_claim(stack), sent(stack, b"{}"):
        assert refused(stack, CLAIM).status == 429
        master = int((stack.config.run / "nginx.pid").read_text())
        until(lambda: len(workers(master)) == 1, "the workers of before are gone")
        (worker,) = workers(master)
        os.kill(worker, signal.SIGKILL)
        until(lambda: workers(master) - {worker}, "another worker")
        until(lambda: let_in(stack), "a free place", 10)


def test_too_many_connections_of_one_address_are_told_so(stack: Stack) -> None:
    """On pages too, and not as if they were claims."""
    tight = Stack(replace(stack.config, connections_per_address=1))
    tight.up(["nginx"])
    try:
        with frozen(stack.service("web")):
            held = gevent.spawn(ask, stack, "/api/me")
            gevent.sleep(0.3)
            page, api = ask(stack, "/lectures"), ask(stack, "/api/me")
    finally:
        stack.up(["nginx"])
    assert held.get(timeout=10).status == 200
    assert [(one.status, one.json["code"], "scope" in one.json) for one in (page, api)] == [
        (429, "too_many_requests", False)
    ] * 2
