"""Course selection over HTTP."""
