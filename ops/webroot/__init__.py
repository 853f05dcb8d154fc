"""Builds the folder that Nginx serves to browsers: hashed assets, page shells, the route map.

Nothing here is needed to *write* the site (``web/`` is plain ES modules); this tool only makes it cheap to
serve: one content hash in the path, so that assets are cached for a year, few requests, and gzip done once.
"""

from ops.webroot.build import build

__all__ = ["build"]
