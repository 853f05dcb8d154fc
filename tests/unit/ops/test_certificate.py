"""The certificate that a stack signs itself: made once, renewed in time, the same on all hosts; and an operator's own."""

from __future__ import annotations

import ssl
import stat
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from ops.lab.lab import INVENTORY, Lab
from ops.stack import Ports, StackConfig, StackError
from ops.stack.__main__ import host_config, main
from ops.stack.certificate import DAYS, SelfSigned, certificate_files, ensure_certificate, is_real, names_of
from ops.stack.cluster import Inventory
from ops.stack.secrets import NAMES
from ops.stack.servers.nginx import Nginx

OF_ONE_HOST = ("DNS:localhost", "IP:127.0.0.1")


def shown(certificate: Path) -> str:
    """What it says, in words."""
    words = ("openssl", "x509", "-noout", "-text", "-in", str(certificate))
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def test_it_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    own = SelfSigned(tmp_path / "secrets", OF_ONE_HOST)
    own.ensure()
    made = [file.read_bytes() for file in (own.certificate, own.key)]
    assert {stat.S_IMODE(file.stat().st_mode) for file in own.folder.iterdir()} == {0o600}
    own.ensure()
    assert [file.read_bytes() for file in (own.certificate, own.key)] == made
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own.certificate, own.key)
    said = shown(own.certificate)
    for words in ("NIST CURVE: P-256", "CA:FALSE", "DNS:localhost, IP Address:127.0.0.1"):
        assert words in said


@pytest.mark.parametrize(("days", "renewed"), [(29, True), (31, False), (DAYS, False)])
def test_it_is_renewed_when_fewer_than_thirty_days_are_left(tmp_path: Path, days: int, renewed: bool) -> None:
    SelfSigned(tmp_path, OF_ONE_HOST, days).ensure()
    own = SelfSigned(tmp_path, OF_ONE_HOST)
    before, key = own.certificate.read_bytes(), own.key.read_bytes()
    own.ensure()
    assert (own.certificate.read_bytes() != before) == renewed
    assert own.key.read_bytes() == key, "for a moment the two files would not belong together"
    ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own.certificate, own.key)


def test_one_of_other_names_another_key_or_no_sense_is_made_anew(tmp_path: Path) -> None:
    own, other = (SelfSigned(folder, (*OF_ONE_HOST, "IP:10.1.2.3")) for folder in (tmp_path, tmp_path / "other"))
    other.ensure()
    SelfSigned(tmp_path, OF_ONE_HOST).ensure()
    for wrong in (own.certificate.read_text(), other.certificate.read_text(), "no certificate"):
        own.certificate.write_text(wrong)
        own.ensure()
        assert own.certificate.read_text() != wrong
        assert "IP Address:10.1.2.3" in shown(own.certificate)
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(own.certificate, own.key)


def test_without_a_port_for_https_there_is_none(tmp_path: Path) -> None:
    config = StackConfig.for_folder(tmp_path, ports=Ports.demo())
    ensure_certificate(config)
    assert not config.secrets.folder.exists()
    files = {file.path.name: file.text for file in Nginx(config).files()}
    assert "tls.conf" not in files
    assert not any(word in text for text in files.values() for word in (" ssl", "max-age=31536000;", "https://"))


def test_a_port_for_https_can_be_asked_for(tmp_path: Path) -> None:
    ports = Ports.demo().with_environment({"PORT_HTTPS": "8443"})
    nginx = Nginx(StackConfig.for_folder(tmp_path, ports=ports))
    assert nginx.ports() == {"http": 8080, "https": 8443}
    assert nginx.address == "http://127.0.0.1:8080, https://127.0.0.1:8443"


def test_all_hosts_of_the_lab_show_the_same_one(tmp_path: Path) -> None:
    """A client that trusts it goes on doing so when the address has moved."""
    lab = Lab(tmp_path)
    shared = []
    for name in lab.names:
        config = lab.config(name)
        lab._share_secrets(config)
        ensure_certificate(config)  # as its Nginx does at each start
        shared.append([file.read_bytes() for file in certificate_files(config)])
        assert "https://10.77.0.100" in Nginx(config).address
    assert shared[0] == shared[1] == shared[2]
    names = names_of(lab.config("h2"))
    assert {"IP:10.77.0.100", "DNS:h1", "IP:10.77.0.3", *OF_ONE_HOST} < set(names)
    assert names == names_of(lab.config("h1"))


def test_one_command_makes_all_that_the_hosts_share(tmp_path: Path) -> None:
    assert main(["secrets", "--root", str(tmp_path), "--inventory", str(INVENTORY), "--host", "h2"]) == 0
    assert {file.name for file in (tmp_path / "secrets").iterdir()} == {*NAMES, "tls_certificate", "tls_key"}


def test_an_operator_s_own_is_taken_from_where_the_inventory_says(tmp_path: Path) -> None:
    given = {"tls_certificate": str(tmp_path / "full.pem"), "tls_key": str(tmp_path / "key.pem")}
    inventory = Inventory.read(INVENTORY)
    config = host_config(replace(inventory, stack={**inventory.stack, **given}), "h1", tmp_path / "root")
    assert (is_real(config), certificate_files(config)) == (True, (tmp_path / "full.pem", tmp_path / "key.pem"))
    with pytest.raises(StackError, match=r"full\.pem .*is no file"):
        ensure_certificate(config)
    assert not config.secrets.folder.exists()
    with pytest.raises(StackError, match="given together"):
        is_real(replace(config, tls_key=None))
    with pytest.raises(StackError, match="quote"):
        StackConfig.for_folder(tmp_path, tls_key=tmp_path / 'a"b', tls_certificate=tmp_path / "a")
