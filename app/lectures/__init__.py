"""Lecture booking (S3): the first kind of offering on the admission engine."""
