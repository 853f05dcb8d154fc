"""What Prometheus scrapes of a whole site: the metrics of every program, and that rules and dashboard ask for nothing else."""

from __future__ import annotations

import json
import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import yaml
from prometheus_client.parser import text_string_to_metric_families

from ops.stack import Stack
from ops.stack.config import REPOSITORY
from tests.e2e.campus import Campus

MONITORING = REPOSITORY / "ops" / "monitoring"
RULES = yaml.safe_load((MONITORING / "alerts.yml").read_text(encoding="utf-8"))["groups"]
DASHBOARD = json.loads((MONITORING / "grafana-dashboard.json").read_text(encoding="utf-8"))
# Metric and what stands in its braces; Prometheus adds these labels itself.
ASKED = re.compile(r"\b(seatrush_\w+)(?:\{([^}]*)\})?")
GROUPED = re.compile(r"\bby \(([^)]*)\)")
ADDED = {"instance", "job"}
Samples = dict[str, list[dict[str, str]]]


def scrape(site: str) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    """Sample and labels → value."""
    answer = requests.get(f"{site}/metrics", timeout=10)
    answer.raise_for_status()
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.text)
        for sample in family.samples
    }


def until(found: Callable[[], Any], what: str, within_s: float = 30) -> Any:
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if value := found():
            return value
        time.sleep(0.1)
    raise AssertionError(f"no {what}")


@pytest.fixture(scope="module")
def samples(campus: Campus, site: str) -> Samples:
    """Every sample that a site tells once something has been accepted and decided, with its labels."""
    student = "s00599"
    campus.book(student, campus.lecture())
    wanted = {
        *("seatrush_claims_decided_total", "seatrush_status_written_timestamp_seconds", "seatrush_audit_rows_total"),
        *("seatrush_http_answers_total", "seatrush_clock_ahead_seconds"),
    }

    def found() -> Samples:
        told: Samples = {}
        for name, labels in scrape(site):
            told.setdefault(name, []).append(dict(labels))
        return told if wanted <= told.keys() and "seatrush_accepted_seconds_count" in told else {}

    told: Samples = until(found, f"{wanted}")
    # A counter with labels is told from its first failure on; that it has these is the program's own to say.
    told.setdefault("seatrush_maintenance_failures_total", [{"name": ""}])
    return told


def expressions() -> Iterator[tuple[str, str]]:
    """(where, expression) of all rules and panels."""
    for group in RULES:
        for rule in group["rules"]:
            yield rule["alert"], rule["expr"]
    for panel in DASHBOARD["panels"]:
        for target in panel["targets"]:
            yield panel["title"], target["expr"]


def test_rules_and_panels_ask_for_what_there_is(samples: Samples) -> None:
    seen = set()
    for where, expression in expressions():
        asked = ASKED.findall(expression)
        assert asked or "up{" in expression, where
        grouped = {label.strip() for labels in GROUPED.findall(expression) for label in labels.split(",")}
        for name, matchers in asked:
            assert name in samples, f"{where}: nobody tells {name}"
            labels = {label for one in samples[name] for label in one} | ADDED
            wanted = set(re.findall(r"(\w+)\s*=", matchers)) | grouped
            assert wanted <= labels, f"{where}: {name} has no {wanted - labels}"
            seen.add(name)
    assert len(seen) > 12


def test_labels_that_rules_single_out_are_there(samples: Samples) -> None:
    queues = {one["queue"] for one in samples["seatrush_queue_consumers"]}
    assert {"claims.0", "claims.1", "claims.dead"} <= queues
    assert {one["program"] for one in samples["seatrush_workers"]} >= {"web", "ws", "claims", "maintenance"}
    assert {one["server"] for one in samples["seatrush_server_up"]} == {"mariadb", "redis", "rabbitmq", "zookeeper"}


def test_every_rule_says_how_bad_it_is_and_is_in_the_docs() -> None:
    docs = (REPOSITORY / "docs" / "operations.md").read_text(encoding="utf-8")
    names = [rule["alert"] for group in RULES for rule in group["rules"]]
    assert len(names) == len(set(names))
    for group in RULES:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"page", "ticket"}, rule["alert"]
            assert rule["annotations"]["summary"], rule["alert"]
            assert f"`{rule['alert']}`" in docs, f"{rule['alert']}: what to do is not in docs/operations.md"


def test_the_dashboard_is_whole() -> None:
    numbers = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(numbers) == len(set(numbers))
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]
    assert len(places) == len(set(places))
    assert all(panel["datasource"]["uid"] == "${datasource}" for panel in DASHBOARD["panels"])


def answers(site: str) -> float:
    return sum(value for (name, _), value in scrape(site).items() if name == "seatrush_http_answers_total")


def test_the_workers_are_added_up_and_a_dead_one_takes_nothing_along(site: str, stack: Stack, samples: Samples) -> None:
    """Whichever worker answers the scrape; and no counter of the host falls when one is killed."""
    before = answers(site)
    for _ in range(40):
        requests.get(f"{site}/api/time", timeout=10)
    until(lambda: answers(site) >= before + 40, "40 answers more")
    counted = answers(site)
    workers = web_workers(stack)
    assert len(workers) == 2
    killed = min(workers)
    os.kill(killed, signal.SIGKILL)
    until(lambda: len(web_workers(stack) - {killed}) == 2, "worker in its place")
    assert answers(site) >= counted


def web_workers(stack: Stack) -> set[int]:
    """The processes that tell of themselves."""
    return {json.loads(path.read_bytes())["pid"] for path in (stack.config.run / "pulses").glob("web-*.json")}
