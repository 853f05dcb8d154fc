"""The web application for gunicorn: `gunicorn wsgi:app -k gevent`. Patching comes before every other import."""

from gevent import monkey

monkey.patch_all()

from app import cli  # noqa: E402
from app.factory import create_app  # noqa: E402
from app.local_environment import adopt  # noqa: E402

adopt()
app = create_app()
cli.register(app)
