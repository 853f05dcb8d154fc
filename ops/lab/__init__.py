"""Three hosts on one machine: a namespace each, with its own addresses, processes, configuration and data.

What runs on them is `ops.stack` with an inventory, exactly as on three real machines; this package is the machines.
"""
