"""HTTP of the operator settings, for super-admins."""
