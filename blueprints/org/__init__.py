"""HTTP of the university's structure."""
