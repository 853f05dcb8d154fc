"""Those who manage, for super-admins."""
