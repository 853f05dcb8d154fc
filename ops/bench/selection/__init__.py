"""The bench of course selection: one round opens for everybody, and what is compared with it (issue 3, "Must reach")."""
