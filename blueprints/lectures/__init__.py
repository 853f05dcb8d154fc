"""Lectures for students: the list, one lecture, and its bookings."""
