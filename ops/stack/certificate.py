"""The certificate that Nginx shows: an operator's own, or one that the stack signs itself and renews before it ends.

    ensure_certificate(config)         # before each start
    certificate_files(config)          # (certificate, key), PEM

A key is made once, and only its certificate is renewed: at no moment do the two files not belong together.
"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

from ops.stack.config import StackConfig
from ops.stack.errors import StackError
from ops.stack.packages import find_binary
from ops.stack.ports import LOOPBACK
from ops.stack.rendering import ConfigFile
from ops.stack.secrets import write_once

FILES = ("tls_certificate", "tls_key")  # in the folder of the secrets; in a cluster they are the same on every host
DAYS = 825  # browsers that look at it believe no certificate for longer
RENEW_DAYS = 30
# No authority: whoever trusts it trusts this server, and nothing else that its key could sign. And nothing of the
# system's openssl.cnf, which would add extensions of its own.
_REQUEST = """
[req]
distinguished_name = name
x509_extensions = extensions
prompt = no
[name]
CN = Seatrush
[extensions]
subjectAltName = {names}
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
"""


def is_real(config: StackConfig) -> bool:
    """Whether the operator says that browsers believe it. Raises StackError when only half of it is given."""
    given = (config.tls_certificate, config.tls_key)
    if None in given and given != (None, None):
        raise StackError("tls_certificate and tls_key are given together, or none of them")
    return None not in given


def certificate_files(config: StackConfig) -> tuple[Path, Path]:
    """Certificate and key."""
    own = [config.secrets.folder / name for name in FILES]
    return config.tls_certificate or own[0], config.tls_key or own[1]


def ensure_certificate(config: StackConfig) -> None:
    """Have one, if Nginx has a port for it. Raises StackError when what the operator names is not there."""
    if not config.ports.https:
        return
    if not is_real(config):
        SelfSigned(config.secrets.folder, names_of(config)).ensure()
    for file in certificate_files(config):
        if not file.is_file():
            raise StackError(f"{file} of the inventory's [stack] is no file: https needs it (docs/deploy.md)")


def names_of(config: StackConfig) -> tuple[str, ...]:
    """By what people and hosts call it, as in a subjectAltName; the same on each host of a cluster."""
    names = ["DNS:localhost", f"IP:{LOOPBACK}"]
    if config.cluster:
        names.append(f"IP:{config.cluster.vip}")
        names += [name for peer in config.cluster.peers for name in (f"DNS:{peer.name}", f"IP:{peer.address}")]
    return tuple(names)


@dataclass(frozen=True)
class SelfSigned:
    """ECDSA on P-256, both files 0600."""

    folder: Path
    names: tuple[str, ...]
    days: int = DAYS

    @property
    def certificate(self) -> Path:
        """Who trusts it trusts this file."""
        return self.folder / FILES[0]

    @property
    def key(self) -> Path:
        """Its private key."""
        return self.folder / FILES[1]

    def ensure(self) -> None:
        """Make what is missing, and a new certificate when the old one ends soon or is one of other names."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self.key.exists():
            write_once(self.key, _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"))
        if not self._serves():
            wish = ("req", "-x509", "-new", "-sha256", "-days", str(self.days), "-key", str(self.key))
            request = _REQUEST.format(names=",".join(self.names))
            made = _openssl(*wish, "-config", "/dev/stdin", told=request)
            ConfigFile(self.certificate, made, mode=0o600).write()

    def _serves(self) -> bool:
        """Whether there is one for the key and the names, with days enough left."""
        asked = ("-noout", "-pubkey", "-ext", "subjectAltName", "-checkend", str(RENEW_DAYS * 86400))
        try:
            said = _openssl("x509", *asked, "-in", str(self.certificate))
        except StackError:  # there is none, or it ends
            return False
        named = [line.strip().replace("IP Address:", "IP:").split(", ") for line in said.splitlines()]
        return list(self.names) in named and _openssl("pkey", "-pubout", "-in", str(self.key)) in said


def _openssl(*arguments: str, told: str = "") -> str:
    """What it prints. Raises StackError with its complaint."""
    command = [find_binary("openssl"), *arguments]
    done = subprocess.run(command, input=told, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise StackError(f"openssl {arguments[0]}: {' '.join((done.stderr or done.stdout).split())}")
    return done.stdout
