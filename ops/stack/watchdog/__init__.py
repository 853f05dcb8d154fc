"""A host's watchdogs: small passes that see what supervisor can't, a server that runs and does not work (docs/watchdogs.md).

One module for each: a pure decision, which the unit tests know, and a small act, seen on real servers in the lab.
"""
