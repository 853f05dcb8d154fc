"""What is taught, for those who manage it."""
