"""``python -m ops.webroot build --out <dir>`` and ``python -m ops.webroot sums`` (rewrites web/vendor/SHA256SUMS)."""

import argparse
import os
import sys
from pathlib import Path

from ops.webroot.build import WEB, ZONE, build
from ops.webroot.errors import WebrootError
from ops.webroot.vendor import write_sums


def main(argv: list[str] | None = None) -> int:
    """Run one command; 0 when it went well, 1 with one clear line when it did not."""
    parser = argparse.ArgumentParser(prog="python -m ops.webroot", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    building = commands.add_parser("build", help="write the folder that Nginx serves")
    building.add_argument("--out", type=Path, default=Path(os.environ.get("SEATRUSH_WEBROOT") or "var/webroot"))
    commands.add_parser("sums", help="rewrite web/vendor/SHA256SUMS after a vendored file was changed on purpose")
    options = parser.parse_args(argv)
    try:
        if options.command == "sums":
            write_sums(WEB / "vendor")
            return 0
        report = build(options.out, zone=os.environ.get("SEATRUSH_CAMPUS_TIMEZONE") or ZONE)
    except WebrootError as error:
        print(f"webroot: {error}", file=sys.stderr)
        return 1
    heaviest = max(report.pages.values(), key=lambda page: page.gzip_bytes)
    print(
        f"webroot: {report.out} s/{report.digest}: {len(report.pages)} pages, "
        f"at most {heaviest.requests} requests and {heaviest.gzip_bytes / 1000:.1f} KB gzip at first load"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
