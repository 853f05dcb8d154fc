"""Https with the certificate that the stack signs itself: beside http, and nobody is sent to it or held to it."""

from __future__ import annotations

import math
import ssl
from collections.abc import Iterator
from dataclasses import replace
from time import monotonic

import pytest

from ops.stack import Ports, Stack
from ops.stack.certificate import SelfSigned, certificate_files, names_of
from tests.functional.ops.answers import ask, shake_hands

STRANGER = "127.0.0.2"


@pytest.fixture(scope="module")
def secure(stack: Stack) -> Iterator[Stack]:
    """The shared stack with a port for https."""
    ports = replace(stack.config.ports, https=Ports.free().http)
    own = Stack(replace(stack.config, ports=ports))
    own.up(["nginx"])
    yield own
    stack.up(["nginx"])


@pytest.fixture
def trusting(secure: Stack) -> ssl.SSLContext:
    """Trusts this certificate and no other, and looks whether it is one for the address."""
    return ssl.create_default_context(cafile=certificate_files(secure.config)[0])


def test_who_trusts_the_certificate_is_served(secure: Stack, trusting: ssl.SSLContext) -> None:
    answer = ask(secure, "/lectures/4711", trusting=trusting)
    assert (answer.status, answer.body) == (200, b"lecture page")
    with pytest.raises(ssl.SSLCertVerificationError, match="self-signed"):
        ask(secure, "/lectures", trusting=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError, match="IP address mismatch"):
        shake_hands(secure, trusting, called="127.0.0.9")


@pytest.mark.parametrize(
    "target", ["/", "/lectures", "/no-such-page", "/s/0123abcd/app.js", "/time", "/healthz", "/api/echo"]
)
def test_both_doors_lead_to_the_same(secure: Stack, trusting: ssl.SSLContext, target: str) -> None:
    here, there = ask(secure, target, coming_from=STRANGER), ask(secure, target, trusting=trusting)
    assert here.status == there.status != 308
    assert set(here.headers) == set(there.headers)
    assert "strict-transport-security" not in here.headers


def test_the_application_knows_by_which_door_somebody_came(secure: Stack, trusting: ssl.SSLContext) -> None:
    for forged in ("http", "https"):
        answer = ask(secure, "/api/echo", trusting=trusting, X_Forwarded_Proto=forged)
        assert answer.json["headers"]["X_FORWARDED_PROTO"] == "https"
        assert ask(secure, "/api/echo", X_Forwarded_Proto=forged).json["headers"]["X_FORWARDED_PROTO"] == "http"


def test_tls_1_1_is_refused(secure: Stack, trusting: ssl.SSLContext) -> None:
    """By the server, as its alert says: the client would."""
    trusting.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        trusting.minimum_version = trusting.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises(ssl.SSLError, match="TLSV1_ALERT_PROTOCOL_VERSION"):
        ask(secure, "/time", trusting=trusting)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_tls_1_2_and_1_3_are_spoken(secure: Stack, trusting: ssl.SSLContext, version: ssl.TLSVersion) -> None:
    trusting.minimum_version = trusting.maximum_version = version
    assert ask(secure, "/time", trusting=trusting).status == 200


def test_what_tls_1_2_has_of_older_ciphers_is_not_taken(secure: Stack, trusting: ssl.SSLContext) -> None:
    """By the server again; this one would suit its key."""
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    trusting.set_ciphers("ECDHE-ECDSA-AES128-SHA256")
    with pytest.raises(ssl.SSLError, match="HANDSHAKE_FAILURE"):
        ask(secure, "/time", trusting=trusting)


def test_http_2_is_offered(secure: Stack, trusting: ssl.SSLContext) -> None:
    trusting.set_alpn_protocols(["h2", "http/1.1"])
    assert shake_hands(secure, trusting).protocol == "h2"


def test_the_limits_hold_for_it_too(secure: Stack, trusting: ssl.SSLContext) -> None:
    tight = Stack(replace(secure.config, requests_per_second=1, request_burst=2))
    tight.up(["nginx"])
    began = monotonic()
    try:
        answers = [ask(tight, "/api/me", trusting=trusting if number % 2 else None) for number in range(16)]
        most = 1 + 2 + math.ceil(monotonic() - began)
    finally:
        secure.up(["nginx"])
    refused = [answer for answer in answers if answer.status == 429]
    assert {answer.json["code"] for answer in refused} == {"too_many_requests"}
    assert len(answers) - len(refused) <= most, "an address has one allowance, not one at each door"


def test_one_that_ends_soon_is_renewed_at_a_start(secure: Stack) -> None:
    """Without a restart."""
    certificate, master = certificate_files(secure.config)[0], secure.service("nginx").pid

    def shown() -> bytes:
        return shake_hands(secure, ssl.create_default_context(cafile=certificate)).certificate

    certificate.unlink()
    SelfSigned(certificate.parent, names_of(secure.config), days=29).ensure()
    secure.service("nginx").reload()
    ending = shown()
    secure.up(["nginx"])
    assert shown() != ending
    assert secure.service("nginx").pid == master
