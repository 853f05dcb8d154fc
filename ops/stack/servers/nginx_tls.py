"""What Nginx's templates ask for about https; without a port for it nothing of it is there."""

from __future__ import annotations

from ops.stack.certificate import certificate_files, is_real
from ops.stack.config import StackConfig

TEMPLATE = "tls.conf.tmpl"
YEAR_S = 31536000


def tls_values(config: StackConfig, host: str) -> dict[str, object]:
    """Values for the templates; `host` is the address to listen at with its colon, or nothing for all."""
    port = config.ports.https
    if not port:
        return {"tls": "", "hsts": "", "by_https": ""}
    certificate, key = certificate_files(config)
    return {
        "tls": f'include "{config.etc("nginx")}/{TEMPLATE.removesuffix(".tmpl")}";',
        "tls_listen": f"{host}{port}",
        "tls_certificate": certificate,
        "tls_key": key,
        **(_of_a_real_one(port) if is_real(config) else {"hsts": "", "by_https": ""}),
    }


def _of_a_real_one(port: int) -> dict[str, object]:
    """Lines of two maps. A browser that can't believe the certificate must neither be sent to it nor be held to it.

    Not sent on: who says no host; and who comes from this host, as by an operator's SSH tunnel, whose other end is at
    some other port.
    """
    there = "https://$host" + ("" if port == 443 else f":{port}") + "$request_uri"
    return {
        "hsts": f'on "max-age={YEAR_S}";',
        "by_https": rf'"~^ (?:GET|HEAD) (?!127\.0\.0\.1 )\S+ \S" "{there}";',
    }
