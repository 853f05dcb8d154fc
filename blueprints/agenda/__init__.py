"""HTTP of the calendar feed."""
