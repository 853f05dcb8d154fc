"""HTTP of notices: one's own, and those that the office writes."""
