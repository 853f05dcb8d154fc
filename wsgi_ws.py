"""The WebSocket application for its own gunicorn: `gunicorn wsgi_ws:app -k gevent`. Patching comes first."""

from gevent import monkey

monkey.patch_all()

from app.factory import create_live_app  # noqa: E402

app = create_live_app()
