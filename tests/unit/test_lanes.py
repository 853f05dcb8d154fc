"""Runs of tests end as the worst of them, nothing that one of them said is lost, and no test is in two of them or in none."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Event

import pytest

from tests import lanes

NAMES = ("first", "second", "third")


def folder_of_runs(folder: Path, **tests: str) -> None:
    (folder / "pytest.ini").write_text("[pytest]\n")
    for name, verdict in tests.items():
        place = folder / "tests" / name / f"test_{name}.py"
        place.parent.mkdir(parents=True)
        place.write_text(f"def test_{name}():\n    assert {verdict}\n")


@pytest.mark.parametrize(
    ("verdict", "code", "told"), [("True", 0, "3 passed, 0 failed"), ("False", 1, "2 passed, 1 failed")]
)
def test_a_failure_in_one_run_is_the_end_of_all(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    verdict: str,
    code: int,
    told: str,
) -> None:
    folder_of_runs(tmp_path, first="True", second=verdict, third="True")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setattr(lanes, "RUNS", (("tests/second",), ("tests",), ("tests/first",)))
    assert lanes.Lanes().main() == code
    said = capfd.readouterr().out.splitlines()
    assert said[-1] == told
    assert [sum(line.startswith(f"tests/{name}/test_{name}.py ") for line in said) for name in NAMES] == [1, 1, 1]
    assert any(line.startswith("FAILED") for line in said) is bool(code)


def test_a_run_that_says_nothing_in_the_end_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    folder_of_runs(tmp_path, first="True", second="__import__('os').abort()")
    monkeypatch.setattr(lanes, "ROOT", tmp_path)
    monkeypatch.setattr(lanes, "RUNS", (("tests/second",), ("tests/first",)))
    assert lanes.Lanes().main() != 0
    assert capfd.readouterr().out.splitlines()[-1] == "1 passed, 1 failed"


def test_every_path_is_there() -> None:
    assert [path for run in lanes.RUNS for path in run if not (lanes.ROOT / path).exists()] == []


def test_reports_stay_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    """Another run's progress comes before or after."""
    runs, begun, over = lanes.Lanes(), Event(), Event()

    def report() -> Iterator[str]:
        yield "=== FAILURES ===\n"
        begun.set()
        over.wait(0.3)
        yield "=== 1 failed ===\n"

    def progress() -> Iterator[str]:
        begun.wait()
        yield "tests/a.py ...\n"
        over.set()

    with ThreadPoolExecutor(2) as pool:
        told = [pool.submit(runs._shown, lines()).result for lines in (report, progress)]
        assert [one() for one in told] == [{"failed": 1}, {}]
    assert capsys.readouterr().out.splitlines() == ["=== FAILURES ===", "=== 1 failed ===", "tests/a.py ..."]
