"""The application: domains, the admission engine and their servers' clients. Nothing in here knows HTTP, but `factory`."""
