"""Sections for those who manage them: one use case per module. What changes while students choose goes the engine's way."""
