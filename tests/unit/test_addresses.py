"""Addresses of clusters, and what the settings refuse at start-up."""

from __future__ import annotations

import os

import pytest

from app.addresses import SentinelAddress, broker_urls, host_ports
from app.extensions.broker import parameters
from app.settings import Settings, SettingsError

GOOD = {
    "MODE": "test",
    "SECRET_KEY": "x" * 40,
    "DATABASE_URL": "mysql+pymysql://u:p@10.0.0.9:3307/seatrush",
    "REDIS_URL": "redis+sentinel://:secret@10.0.0.1:26379,10.0.0.2:26379,10.0.0.3:26379/campus/0",
    "AMQP_URL": "amqp://u:p@10.0.0.1:5672/v,amqp://u:p@10.0.0.2:5672/v",
    "ZOOKEEPER_HOSTS": "10.0.0.1:2181,10.0.0.2:2181,10.0.0.3:2181",
    "SPOOL_DIR": "/tmp/spool",
    "RUN_DIR": "/tmp/run",
}


def test_a_sentinel_address_has_all_its_parts() -> None:
    url = "redis+sentinel://app:p%40ss@h1:1,h2:2,h3:3/campus/5?sentinel_password=other"
    assert SentinelAddress.parse(url) == SentinelAddress(
        (("h1", 1), ("h2", 2), ("h3", 3)), "campus", 5, "app", "p@ss", "other"
    )


def test_its_passwords_get_into_no_log() -> None:
    said = repr(SentinelAddress.parse("redis+sentinel://:secret@h1:1/campus?sentinel_password=hidden"))
    assert "h1" in said
    assert "secret" not in said
    assert "hidden" not in said


def test_what_may_be_left_out_of_it() -> None:
    address = SentinelAddress.parse("redis+sentinel://h1:1/campus")
    assert address == SentinelAddress((("h1", 1),), "campus", 0, None, None, None)


def test_the_preferred_broker_stays_first() -> None:
    nodes = parameters("amqp://u:p@b:2/v, amqp://u:p@a:1/v")
    assert [(node.host, node.port, node.virtual_host) for node in nodes] == [("b", 2, "v"), ("a", 1, "v")]


def test_a_comma_in_a_password_is_escaped() -> None:
    assert broker_urls("amqp://u:a%2Cb@h:1/v") == ["amqp://u:a%2Cb@h:1/v"]


@pytest.mark.parametrize("hosts", ["", "h1", "h1:", "h1:x", "h1:70000", "h1:1,,h2:2", ":1"])
def test_a_list_of_hosts_without_hosts_or_ports(hosts: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        host_ports(hosts)


def read(monkeypatch: pytest.MonkeyPatch, **changes: str) -> Settings:
    for name in [name for name in os.environ if name.startswith("SEATRUSH_")]:
        monkeypatch.delenv(name)
    for name, value in {**GOOD, **changes}.items():
        monkeypatch.setenv(f"SEATRUSH_{name}", value)
    return Settings.from_environment()


def test_settings_of_a_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).redis_url == GOOD["REDIS_URL"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("REDIS_URL", "redis+sentinel://:secret@10.0.0.1:26379"),
        ("REDIS_URL", "redis+sentinel://:secret@10.0.0.1/campus/0"),
        ("REDIS_URL", "redis+sentinel://:secret@10.0.0.1:1/campus/zero"),
        ("REDIS_URL", "http://:secret@10.0.0.1"),
        ("AMQP_URL", "amqp://u:secret@10.0.0.1:5672/v,10.0.0.2:5672"),
        ("AMQP_URL", "amqp://u:secret@10.0.0.1:5672/v,"),
        ("ZOOKEEPER_HOSTS", "10.0.0.1"),
    ],
)
def test_a_wrong_one_is_named_and_its_password_is_not(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"SEATRUSH_{name}: ") as error:
        read(monkeypatch, **{name: value})
    assert "secret" not in str(error.value)


@pytest.mark.parametrize("number", ["-1", "9"])
def test_a_host_number_that_has_no_ids_of_its_own(monkeypatch: pytest.MonkeyPatch, number: str) -> None:
    assert read(monkeypatch, HOST_NUMBER="3").host_number == 3
    with pytest.raises(SettingsError, match="SEATRUSH_HOST_NUMBER"):
        read(monkeypatch, HOST_NUMBER=number)


OWN = {"OWN_DATABASE_URL": "mysql+pymysql://u:p@localhost/d?unix_socket=%2Fs", "OWN_REDIS_URL": "unix://:p@/r?db=0"}


def test_the_hosts_and_their_own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert read(monkeypatch).hosts == ()
    named = read(monkeypatch, HOSTS="h2=10.0.0.2:80, h1=10.0.0.1:80", **OWN)
    assert named.hosts == (("h2", "10.0.0.2:80"), ("h1", "10.0.0.1:80"))


@pytest.mark.parametrize("hosts", ["10.0.0.1:80", "=10.0.0.1:80", "h1=10.0.0.1", "h1=10.0.0.1:80,h1=10.0.0.2:80"])
def test_hosts_that_are_none(monkeypatch: pytest.MonkeyPatch, hosts: str) -> None:
    with pytest.raises(SettingsError, match=r"HOSTS|host:port"):
        read(monkeypatch, HOSTS=hosts, **OWN)


def test_hosts_without_their_own_servers(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(SettingsError, match="SEATRUSH_OWN_DATABASE_URL"):
        read(monkeypatch, HOSTS="h1=10.0.0.1:80")
