"""Failover drills: a steady load of bookings, one thing broken and healed, and the truth checked from outside."""
