"""A whole site, a browser and people for the journeys."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

from ops.stack import Stack, StackConfig
from ops.stack.demo import run_setup
from tests.e2e.browsing import Visitor, launch, next_student, visiting
from tests.e2e.campus import Campus
from tests.stacks import folder_of, standing

Visit = Callable[..., Visitor]
Down = Callable[[str], AbstractContextManager[None]]
# What sections to make (tests/e2e/making_sections.py) → (course, section) of each.
MakeSections = Callable[..., list[tuple[str, str]]]
MoveRounds = Callable[..., None]
expect.set_options(timeout=15_000)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """A site of its own: every server, every program, the built pages and a small demo campus.

    `SEATRUSH_SITE=<folder>` keeps it there and uses it again in the next run.
    """
    folder, kept = folder_of("SEATRUSH_SITE", lambda: tmp_path_factory.mktemp("site") / "root")
    with standing(Stack(StackConfig.for_folder(folder, name="site", mode="demo")), kept=kept) as stack:
        run_setup(stack, ["-m", "app.cli", "migrate"])
        run_setup(stack, ["-m", "app.cli", "seed-demo", "--students", "600"])
        run_setup(stack, ["-m", "ops.webroot", "build"])
        stack.start_programs()
        yield stack


@pytest.fixture(scope="session")
def site(stack: Stack) -> str:
    """The address of the site."""
    return stack.servers["nginx"].address


@pytest.fixture(scope="session")
def make_sections(stack: Stack) -> MakeSections:
    """`make_sections({"name": …, "capacity": 1, "meets": [[7, 1, 2, "1-16周"]]}, …)`: published, in the current term."""

    def make(*wanted: dict[str, Any]) -> list[tuple[str, str]]:
        pairs = [one.partition("/") for one in json.loads(_run(stack, "making_sections", wanted))]
        return [(course, section) for course, _, section in pairs]

    return make


@pytest.fixture(scope="session")
def move_rounds(stack: Stack) -> MoveRounds:
    """`move_rounds({"id": …, "closes_in": 0}, …)`: the round's time passes (tests/e2e/moving_rounds.py)."""

    def move(*wanted: dict[str, Any]) -> None:
        _run(stack, "moving_rounds", wanted)

    return move


def _run(stack: Stack, program: str, wanted: Sequence[dict[str, Any]]) -> str:
    """A program of these journeys beside the site's own; the last line that it writes."""
    config = stack.config
    command = [str(config.python), "-m", f"tests.e2e.{program}", json.dumps(wanted)]
    settings = {**os.environ, **stack.environment(), "PYTHONPATH": str(config.repository)}
    done = subprocess.run(command, cwd=config.repository, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return (done.stdout.splitlines() or [""])[-1]


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for the run."""
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def campus(site: str) -> Campus:
    """The other people on campus, by the API."""
    return Campus(site)


@pytest.fixture
def down(stack: Stack) -> Down:
    """`with down("ws"):` the program is away; it stands again afterwards."""

    @contextmanager
    def without(program: str) -> Iterator[None]:
        service = stack.service(program)
        service.stop()
        try:
            yield
        finally:
            service.start()
            service.wait_ready()

    return without


@pytest.fixture
def student() -> str:
    """A student of this test's own."""
    return next_student()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Visit]:
    """`visit("s00001", viewport=…, language="en")` → Visitor; nobody is signed in without a name.

    Afterwards no page may have complained: no uncaught error, nothing refused by the content security policy.
    """
    visitors: list[Visitor] = []
    with ExitStack() as stack:

        def enter(username: str | None = None, **options: Any) -> Visitor:
            visitor = stack.enter_context(visiting(browser, site, username, **options))
            visitors.append(visitor)
            return visitor

        yield enter
    complaints = [(one.username, text) for one in visitors for text in one.complained()]
    assert not complaints, complaints
