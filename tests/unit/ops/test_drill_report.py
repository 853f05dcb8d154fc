"""What is said of drills, from made-up results."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from ops.drills import report
from ops.drills.catalogue import DRILLS
from ops.drills.lab_site import LabSite
from ops.drills.run import Result
from ops.drills.timeline import Seen
from ops.lab.lab import INVENTORY, Lab
from ops.stack.environment import environment


def result(gap: float, *, marks: dict[str, float | None] | None = None, wrong: tuple[str, ...] = ()) -> Result:
    seen = Seen([], 100, 0.0, gap, 1.0, gap * 2, 0.0, 0.0)
    at = datetime(2026, 11, 28, tzinfo=UTC)
    return Result(DRILLS["redis-killed"], 1, 15.0, at, 6.0, 26.0, 40.0, 5.0, seen, 90, 80, 0, marks or {}, list(wrong))


def test_medians_with_their_range() -> None:
    said = report.medians([result(0.3, marks={"h1": 1.0, "h2": 4.0}), result(0.9), result(0.2)])
    assert "redis-killed" in said
    assert "3 runs, medians: gap 0.30 s (0.20 to 0.90)" in said
    assert "no decision 0.60 s (0.40 to 1.80)" in said
    assert "no mark 4.00 s (4.00 to 4.00)" in said  # of the one run that could say
    assert "no mark" not in report.medians([result(0.3)])


def test_a_line_tells_what_is_broken() -> None:
    assert report.line(result(0.3)).endswith("holds")
    assert report.line(result(0.3, wrong=("one", "two"))).endswith("BROKEN: 2 violations")


@pytest.mark.parametrize(
    ("kind", "sentence"),  # as the checker says them
    [
        ("lost", "book 1 was answered 202 and is not decided"),
        ("lost", "book 1 was told confirmed and is not decided"),
        ("lost", "book 1 was not told anything in 120 s"),
        ("lost", "a cart of 4 was not told everything in 120 s"),
        ("lost", "undecided claim 1 in the dead-letter queue"),
        ("lost", "pending in Redis: 3 claims, as ['1']"),
        ("lost", "stuck mark /seatrush/1 of 2 claims, 90 s old, not decided: ['1']"),
        ("duplicated", "claim 1 was decided twice: version 2 is ['confirmed', 'rejected']"),
        ("duplicated", "2 live bookings of student 1 in lecture 2"),
        ("duplicated", "student 1 has course 2 twice"),
        ("oversold", "oversold: lecture 1 pool any has 11 confirmed for 10 seats"),
        ("contradicted", "book 1 was told confirmed, stored is rejected"),
        ("contradicted", "lecture 1: only Redis knows holder 2"),
    ],
)
def test_what_a_violation_is_about(kind: str, sentence: str) -> None:
    expected = {"lost": 0, "duplicated": 0, "oversold": 0, "contradicted": 0, kind: 1}
    assert report.counted([sentence]) == expected


def test_a_page_names_the_host_that_could_not_mark() -> None:
    page = report.page(result(0.3, marks={"h1": 1.0, "h2": None}, wrong=("<b>",)))
    assert "h1 1.0 s, h2 —" in page
    assert "&lt;b&gt;" in page


def test_the_labs_operators_find_its_reports(tmp_path: Path) -> None:
    lab = Lab(tmp_path, INVENTORY)
    site = LabSite(lab, cast("Any", None), cast("Any", None))
    for host, folder in zip(lab.names, site.shown, strict=True):
        assert report.save(result(0.3), folder).exists()
        assert folder == Path(environment(lab.config(host))["SEATRUSH_REPORTS_DIR"], "drills")
