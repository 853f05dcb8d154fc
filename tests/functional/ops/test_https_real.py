"""Https with a certificate that browsers believe: pages are sent there, and who was there comes by no other door."""

from __future__ import annotations

import os
import re
import signal
import socket
import ssl
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from ops.stack import Ports, Stack
from ops.stack.servers.nginx import Nginx
from tests.functional.ops.answers import ask, shake_hands
from tests.waiting import until

HELD = "max-age=31536000"
SAID = "add_header Strict-Transport-Security $hsts always;"
STRANGER = "127.0.0.2"
CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


@dataclass(frozen=True)
class Authority:
    """A private one, and the files that it gives to an operator."""

    folder: Path

    def __post_init__(self) -> None:
        self._openssl("req", "-x509", *CURVE, "-subj", "/CN=Authority", "-keyout", "ca.key", "-out", "ca.pem")
        (self.folder / "names").write_text("subjectAltName = IP:127.0.0.1, DNS:seatrush.test")

    def issue(self) -> None:
        """A certificate of another key in the same place, as a renewal does."""
        self._openssl("req", *CURVE, "-subj", "/CN=seatrush.test", "-keyout", "key.pem", "-out", "request.pem")
        by = ("-CA", "ca.pem", "-CAkey", "ca.key", "-CAcreateserial")
        self._openssl("x509", "-req", "-in", "request.pem", *by, "-extfile", "names", "-out", "certificate.pem")

    def issued(self) -> bytes:
        """The last one (DER)."""
        return ssl.PEM_cert_to_DER_cert((self.folder / "certificate.pem").read_text())

    def trusted(self) -> ssl.SSLContext:
        """By a browser that knows the authority."""
        return ssl.create_default_context(cafile=self.folder / "ca.pem")

    def _openssl(self, *arguments: str) -> None:
        subprocess.run(["openssl", *arguments], cwd=self.folder, capture_output=True, check=True)


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    made = Authority(tmp_path_factory.mktemp("authority"))
    made.issue()
    return made


@pytest.fixture(scope="module")
def secure(stack: Stack, authority: Authority) -> Iterator[Stack]:
    """The shared stack with a port for https and that certificate."""
    ports = replace(stack.config.ports, https=Ports.free().http)
    files = {"tls_certificate": authority.folder / "certificate.pem", "tls_key": authority.folder / "key.pem"}
    own = Stack(replace(stack.config, ports=ports, **files))
    own.up(["nginx"])
    yield own
    stack.up(["nginx"])


@pytest.fixture
def trusting(authority: Authority) -> ssl.SSLContext:
    return authority.trusted()


ANSWERS = {
    "page": "/lectures/4711",
    "first page": "/",
    "asset": "/s/0123abcd/app.js",
    "no page": "/no-such-page",
    "shell": "/lectures.html",
    "hidden file": "/.git/config",
    "time": "/time",
    "status": "/status.json",
    "answer": "/api/echo",
    "kept answer": "/api/lectures",
    "application's 503": "/api/busy",
    "socket": "/ws",
    "metrics": "/metrics",
    "health": "/healthz",
}


@pytest.mark.parametrize("target", ANSWERS.values(), ids=ANSWERS)
def test_a_browser_is_held_to_https_by_every_answer_over_it_and_by_none_over_http(
    secure: Stack, trusting: ssl.SSLContext, target: str
) -> None:
    assert ask(secure, target, trusting=trusting).fields.get_all("Strict-Transport-Security") == [HELD]
    assert "strict-transport-security" not in ask(secure, target).headers


def test_nginx_s_own_problems_do_it_too(secure: Stack, trusting: ssl.SSLContext) -> None:
    body = b"x" * (1024 * 1024 + 1)
    large = ask(secure, "/api/echo", "POST", body=body, trusting=trusting)
    assert (large.status, large.json["code"]) == (413, "body_too_large")
    assert large.fields.get_all("Strict-Transport-Security") == [HELD]
    assert "strict-transport-security" not in ask(secure, "/api/echo", "POST", body=body).headers


def silent(files: Mapping[str, str]) -> list[str]:
    """Locations whose answers would not say it: Nginx drops the server's header where a location adds any of its own."""
    found = re.findall(r"^    (location [^\n]*) \{\n(.*?)^    \}$", files["seatrush.conf"], re.DOTALL | re.MULTILINE)
    assert len(found) > 20
    forgetful = []
    for name, body in found:
        included = "".join(files[Path(path).name] for path in re.findall(r'include "([^"]+)";', body))
        if "add_header" in body + included and (body + included).count(SAID) != 1:
            forgetful.append(name)
    return forgetful


def test_no_place_forgets_it(secure: Stack) -> None:
    """Each once. And the look finds the one that would."""
    files = {file.path.name: file.text for file in Nginx(secure.config).files()}
    assert silent(files) == []
    for name in ("page-headers.conf", "problem-headers.conf", "proxy.conf"):
        assert silent({**files, name: files[name].replace(SAID, "")})
    head, *places = files["seatrush.conf"].split(SAID)  # the first of them is the server's
    for place in range(1, len(places)):
        without = SAID.join([head, *places[:place]]) + SAID.join(places[place:])
        assert len(silent({**files, "seatrush.conf": without})) == 1


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("target", ["/", "/lectures/4711?from=a%2Fb&q=%E8%AE%B2%E5%BA%A7", "/no-such-page"])
def test_a_page_asked_for_by_http_is_at_https(
    secure: Stack, trusting: ssl.SSLContext, target: str, method: str
) -> None:
    answer = ask(secure, target, method, coming_from=STRANGER)
    where = f"https://127.0.0.1:{secure.config.ports.https}"
    assert (answer.status, answer.headers["location"]) == (308, where + target)
    assert ask(secure, target, method, trusting=trusting, coming_from=STRANGER).status in (200, 404)


@pytest.mark.parametrize(
    "target",
    ["/healthz", "/readyz", "/status.json", "/host.json", "/metrics", "/time", "/api/lectures", "/api/ops", "/ws"],
)
def test_what_hosts_and_monitors_ask_stays_where_it_is(secure: Stack, target: str) -> None:
    assert ask(secure, target).status in (200, 404)
    assert ask(secure, target, coming_from=STRANGER).status in (200, 403, 404)


def test_an_operator_s_tunnel_stays_where_it_is(secure: Stack) -> None:
    """It comes from this host, and its other end has no port for https."""
    assert ask(secure, "/lectures", Host="127.0.0.1:8080").body == b"lectures page"
    assert ask(secure, "/lectures", Host="127.0.0.1:8080", coming_from=STRANGER).status == 308


def test_who_names_no_host_is_sent_nowhere(secure: Stack) -> None:
    address = ("127.0.0.1", secure.config.ports.http)
    with socket.create_connection(address, timeout=10, source_address=(STRANGER, 0)) as connection:
        connection.sendall(b"GET /lectures HTTP/1.0\r\n\r\n")
        assert b" 200 " in connection.recv(4096).split(b"\r\n")[0]


def test_a_post_is_not_sent_on(secure: Stack) -> None:
    assert ask(secure, "/lectures", "POST", b"{}", coming_from=STRANGER).status == 405


def test_a_renewed_one_is_taken_over(secure: Stack, authority: Authority, trusting: ssl.SSLContext) -> None:
    """By a signal, as a renewal's hook sends it; and by whatever start comes next."""
    master = secure.service("nginx").pid
    assert shake_hands(secure, trusting).certificate == authority.issued()
    authority.issue()
    os.kill(int((secure.config.run / "nginx.pid").read_text()), signal.SIGHUP)
    until(lambda: shake_hands(secure, trusting).certificate == authority.issued(), "the new certificate")
    authority.issue()
    secure.up(["nginx"])
    assert shake_hands(secure, trusting).certificate == authority.issued()
    assert secure.service("nginx").pid == master
