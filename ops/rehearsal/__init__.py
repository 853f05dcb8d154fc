"""Rehearsal of an opening minute: how long a crowd takes, what was busy first, and how many hosts a goal needs."""
