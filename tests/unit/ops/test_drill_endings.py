"""How a drill ends badly: nothing that it broke, started or was told is passed over."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from contextlib import ExitStack, suppress
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gevent
import pytest
from gevent.pool import Group

from ops.drills import books, catalogue, chaos, goodput, history, lab_catalogue, lab_many, lab_site, load, run
from ops.drills.catalogue import DRILLS, Drill
from ops.drills.chaos import STRIKES
from ops.drills.crowd import Crowd
from ops.drills.lab_catalogue import LAB_DRILLS
from ops.drills.lab_site import LabSite
from ops.drills.load import come, end
from ops.drills.offerings import Offerings
from ops.drills.site import Site
from ops.drills.wishes import Student
from ops.lab.errors import LabError
from ops.stack import StackError
from ops.stack.config import REPOSITORY

PROGRAM = """
from gevent import monkey
monkey.patch_all()
import gevent
from ops.drills.ending import end_in_order
end_in_order()
try:
    print("broken", flush=True)
    gevent.sleep(60)
finally:
    print("healed", flush=True)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_drill_that_is_ended_heals_what_it_broke(number: signal.Signals) -> None:
    with subprocess.Popen([sys.executable, "-c", PROGRAM], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as drill:
        assert drill.stdout is not None
        assert drill.stdout.readline() == "broken\n"
        drill.send_signal(number)
        assert drill.stdout.read() == "healed\n"
    assert drill.returncode != 0


class Loads:
    """The load of a drill, and whether it is left."""

    killed = False

    def __init__(self, *_: Any, **__: Any) -> None:
        pass

    def kill(self) -> None:
        Loads.killed = True


def site(**more: Any) -> Any:
    books = SimpleNamespace(offerings=lambda: Offerings([1, 2], [], 0))
    here = {
        "address": ("", 0),
        "prefix": (),
        "students": [Student(1, "")],
        "books": books,
        "wait_whole": lambda: 0.0,
        "mended": lambda: 0,
        "inside": dict,
        "processes": list,
    }
    return SimpleNamespace(**here, undo=ExitStack(), **more)


def test_what_cannot_be_healed_leaves_no_load(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(run, "Load", Loads)
    monkeypatch.setattr(run, "BEFORE_S", 0.0)
    here, healed = site(), []

    def fail() -> None:
        raise StackError("it does not start")

    def broken(_: Site, __: random.Random) -> None:
        here.undo.callback(healed.append, "the other")
        here.undo.callback(fail)

    with pytest.raises(StackError, match="it does not start"):
        run.run(here, Drill("bad", "", "", broken, 0.0), tmp_path, per_second=1.0, seed=1)
    assert (healed, Loads.killed) == (["the other"], True)


def test_chaos_that_is_ended_leaves_nothing_frozen(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    one = SimpleNamespace(pause=lambda: done.append("pause"), resume=lambda: done.append("resume"))

    def ended(_: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(chaos, "sleep", ended)
    always = cast(
        "random.Random", SimpleNamespace(choice=lambda among: among[0], random=lambda: 1.0, uniform=lambda *_: 0.0)
    )
    with pytest.raises(KeyboardInterrupt):
        chaos.chaos(1.0, STRIKES).during(cast("Site", site(service=lambda _: one)), always)
    assert done == ["pause", "resume"]


def test_what_does_not_run_is_not_killed_all_at_once() -> None:
    """A drill that breaks nothing would hold for ever."""
    one = SimpleNamespace(name="claims", host="h2", processes=list)
    with pytest.raises(LabError, match="claims on h2 did not run"):
        lab_many._kill_at_once([cast("Any", one)])


@pytest.mark.parametrize("said", [[], ["READONLY", "You", "can't", "write"]])
def test_a_redis_that_loses_nothing_is_no_drill(said: list[str]) -> None:
    clusters = SimpleNamespace(primary=lambda _: "h1", claims_leader=str, redis=lambda *_: said)
    with pytest.raises(LabError, match="does not lose everything"):
        LabSite(cast("Any", SimpleNamespace(names=["h1"])), cast("Any", clusters), cast("Any", None)).empty_redis()


def test_what_does_not_run_is_no_drill_either(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "RUNS_WITHIN_S", 0.1)
    down = SimpleNamespace(processes=list, kill=lambda: None)
    with pytest.raises(StackError, match="redis does not run: there is nothing to break"):
        DRILLS["redis-killed"].during(site(service=lambda _: down), random.Random(1))


def test_who_leads_is_asked_until_somebody_says_it(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    said = iter(["", "h2"])
    clusters = SimpleNamespace(primary=lambda _: next(said), claims_leader=str, writer=lambda _: None)
    here = LabSite(cast("Any", SimpleNamespace(names=["h1", "h2"])), cast("Any", clusters), cast("Any", None))
    assert here.host_of("redis") == "h2"
    monkeypatch.setattr(lab_site, "SAID_WITHIN_S", 0.1)
    assert here.host_of("mariadb") == "h1"
    assert "nobody says which mariadb leads" in caplog.text


def test_a_load_that_broke_off_or_wrote_nothing_is_not_taken_for_one(tmp_path: Path) -> None:
    """Whatever the load before it has left."""
    path = tmp_path / "history.jsonl"
    path.write_bytes(b'{"complaints": []}\n')
    order = load.Order(("127.0.0.1", 1), [Student(1, "")] * 2, Offerings([1, 2], [3], 0), 0.01, 60.0, 1, path)
    one = load.Load(order)
    assert not path.exists()
    one._process.kill()
    with pytest.raises(OSError, match="the load broke off: exit status -9"):
        one.stop()


def test_a_server_that_is_away_for_a_moment_hides_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """As when a ZooKeeper session ends just when the books are looked into for the last time."""
    history.write(tmp_path / "told.jsonl", [], ["a complaint"])
    looks = iter([["lost"], ["a server does not answer: SessionExpiredError()"], ["lost", "stuck"]])
    monkeypatch.setattr(books, "_look", lambda *_, **__: next(looks))
    monkeypatch.setattr(books, "AT_REST_WITHIN_S", 0.0)
    here = books.Books(cast("Any", None), cast("Any", None))
    found = here.wrong(tmp_path / "told.jsonl", Offerings([1, 2], [3, 4], 5))
    assert found == ["a complaint", "lost", "stuck"]


def test_a_visit_that_breaks_off_or_does_not_end_is_complained_of() -> None:
    crowd, coming = Crowd(("127.0.0.1", 1)), Group()

    def unreadable() -> None:
        raise KeyError("state")

    come(crowd, coming, unreadable)
    come(crowd, coming, lambda: gevent.sleep(60))
    come(crowd, coming, lambda: None)
    end(crowd, coming, within_s=0.2)
    assert crowd.complaints == [
        "a visit broke off: KeyError('state')",
        "a student was not told everything 0 s after the end",
    ]


def test_an_upgrade_that_stops_brings_back_who_left(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[tuple[str, str]] = []
    lab = SimpleNamespace(names=["h1", "h2"], stack=lambda name, part: done.append((name, part)))

    def stops(_: Any) -> None:
        raise LabError("h1 does not leave")

    for upgrade, wanted in (
        (lambda _: None, []),
        (stops, [(h, p) for h in ("h2", "h1") for p in ("servers", "programs")]),
    ):
        monkeypatch.setattr(lab_catalogue, "upgrade", upgrade)
        with suppress(LabError):
            LAB_DRILLS["rolling-upgrade"].during(site(lab=lab), random.Random(1))
        assert done == wanted


def test_every_step_of_goodput_lasts_equally_long_or_is_not_done(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """And the last student does not come, which a load complains of."""
    orders: list[load.Order] = []

    class Kept(Loads):
        def __init__(self, order: load.Order, **_: Any) -> None:
            orders.append(order)

        def stop(self) -> Any:
            return SimpleNamespace(wishes=[])

    monkeypatch.setattr(goodput, "Load", Kept)
    monkeypatch.setattr(goodput, "sleep", lambda _: None)
    here = site()
    here.students = [Student(number, "") for number in range(1600)]
    here.books.wrong = lambda *_: []
    for rate in (60.0 + 0.37 * number for number in range(100)):
        goodput.measured(here, tmp_path, rate, 1)
        begun = 12345.678 + rate
        last = begun + (len(orders[-1].students) - 1) / rate
        assert last - begun > orders[-1].seconds == goodput.SECONDS, rate
        assert orders[-1].told_within_s == goodput.LAST_TOLD_WITHIN_S > load.TOLD_WITHIN_S
    with pytest.raises(StackError, match="120 a second are 1,810 students, and the campus has 1,600"):
        goodput.measured(here, tmp_path, 120.0, 1)
