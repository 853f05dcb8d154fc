"""`python -m consumers <name>`. Patching comes before every other import."""

from gevent import monkey

monkey.patch_all()

import sys  # noqa: E402

from app.extensions.metrics_folder import sharing_metrics  # noqa: E402

# prometheus_client decides at import whether its values are shared between processes.
_metrics = sharing_metrics()

from consumers.runner import main  # noqa: E402

if __name__ == "__main__":
    with _metrics:
        raise SystemExit(main(sys.argv[1:]))
