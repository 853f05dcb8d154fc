"""What lectures and course sections do alike with their seats: reservations, sizes while open, rosters, telling."""
