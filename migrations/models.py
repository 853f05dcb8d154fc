"""Every module with tables, so that `Base.metadata` is whole. Append a domain's models here when it gets some."""

from app.auth import models as auth
from app.extensions.db import Base
from app.org import models as org

__all__ = ["Base", "auth", "org"]
