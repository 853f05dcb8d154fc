"""The bench: one private stack, every part measured several times in turn, every claim checked (docs/bench.md)."""
