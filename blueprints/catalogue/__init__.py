"""The catalogue over HTTP: terms, courses, sections, rounds, and a student's own study plan."""
