"""Tickets of confirmed bookings."""
