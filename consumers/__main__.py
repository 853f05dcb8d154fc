"""`python -m consumers <name>`. Patching comes before every other import."""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

from consumers.runner import main  # noqa: E402

if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
