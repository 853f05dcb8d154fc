"""Rates and percentiles of a pulse, and the folders of metrics that programs leave."""

from __future__ import annotations

import os
from pathlib import Path

import orjson
import pytest

from app.extensions.metrics_folder import shared_files
from app.extensions.processes import signature
from app.extensions.pulse import BOUNDS_MS, WINDOW_S, Pulse, percentile, pulses


def took(*durations_ms: float) -> list[int]:
    counts = [0] * len(BOUNDS_MS)
    for one in durations_ms:
        counts[next((at for at, bound in enumerate(BOUNDS_MS) if one <= bound), -1)] += 1
    return counts


@pytest.mark.parametrize(
    ("counts", "least", "most"),
    [
        (took(*[4] * 95, *[400] * 5), 2, 5),
        (took(*[4] * 94, *[400] * 6), 300, 500),
        (took(90_000), 2000, 5000),
        (took(1), 0, 2),
    ],
)
def test_percentiles_lie_in_their_bucket(counts: list[int], least: float, most: float) -> None:
    found = percentile([counts], 0.95)
    assert found is not None
    assert least <= found <= most


def test_percentiles_of_several_workers_are_those_of_all() -> None:
    slow = percentile([took(*[1] * 90), took(*[900] * 10)], 0.95)
    assert slow is not None
    assert 750 < slow <= 1000
    assert percentile([], 0.95) is None
    assert percentile([took()], 0.95) is None


def test_what_is_older_than_the_window_is_forgotten(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path)
    pulse.count("decided", 5)
    for _ in range(WINDOW_S):
        pulse.beat("claims", {})
        assert pulses(tmp_path)[0]["counts"]["decided"] == 5
    pulse.beat("claims", {})
    (told,) = pulses(tmp_path)
    assert (told["counts"], told["window_s"]) == ({}, WINDOW_S)


def test_a_slow_disk_leaves_the_last_word(tmp_path: Path) -> None:
    pulse = Pulse(tmp_path)
    pulse.beat("web", {})
    (path,) = tmp_path.iterdir()
    with pytest.raises(TypeError):
        pulse.beat("web", {"not": object()})
    assert orjson.loads(path.read_bytes())["pid"] == os.getpid()


def test_of_a_process_whose_number_is_another_s_nothing_is_left(tmp_path: Path) -> None:
    """After a reboot numbers are given out again: a worker from before would be one that hangs, for good."""
    Pulse(tmp_path).beat("web", {})
    (path,) = tmp_path.iterdir()
    path.write_bytes(orjson.dumps({**orjson.loads(path.read_bytes()), "started": "1"}))
    assert pulses(tmp_path) == []
    assert not path.exists()


def test_metrics_of_programs_that_are_gone_are_removed(tmp_path: Path) -> None:
    """After a reboot this number is somebody else's: its folder from before is as gone as one of a number that nobody has."""
    own = signature(os.getpid())
    for name in (own, f"{os.getpid()}-1", str(os.getpid()), f"{2**22 + 1}-7", f"{2**22 + 1}-", "none"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "counter_1.db").touch()
    assert shared_files(tmp_path) == [str(tmp_path / own / "counter_1.db")]
    assert [one.name for one in tmp_path.iterdir()] == [own]
    assert shared_files(tmp_path / "none") == []
