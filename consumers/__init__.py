"""Processes behind the queue: `python -m consumers claims` settles, `python -m consumers maintenance` keeps watch."""
