"""The levels of the university (college, department, major, class), managed alike: one use case per module."""
