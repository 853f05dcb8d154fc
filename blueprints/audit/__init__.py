"""HTTP of the audit log: what is noted of each request, and the list for super-admins."""
