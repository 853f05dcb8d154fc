"""`python -m app.enrolment.lottery verify FILE`: compute a published draw again. Needs nothing of the system."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import orjson

from app.enrolment.lottery.verifying import faults_of


def main(arguments: list[str]) -> int:
    """0 when the file is right, 1 when it is not, 2 when there is nothing to check."""
    if len(arguments) != 2 or arguments[0] != "verify":
        sys.stderr.write("usage: python -m app.enrolment.lottery verify FILE\n")
        return 2
    try:
        content = Path(arguments[1]).read_bytes()
        faults = faults_of(orjson.loads(content))
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, ValueError) as error:
        sys.stderr.write(f"not a draw: {error!r}\n")
        return 2
    for fault in faults:
        sys.stdout.write(f"WRONG: {fault}\n")
    if not faults:
        sys.stdout.write(f"right: sha256 {hashlib.sha256(content).hexdigest()}\n")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
