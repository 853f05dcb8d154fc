"""Clients of the servers: nothing connects at import; `services.Services` holds one set per process."""
