"""An exhaustive search over a small model of the seat-claim protocol (docs/model.md)."""
