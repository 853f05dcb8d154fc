"""The university's structure for those who manage it."""
