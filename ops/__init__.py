"""Everything that runs Seatrush: servers, lab, drills, load."""
