"""HTTP of a person's calendar: the feed, the lectures booked, what overlaps."""
