"""What operators see and turn: reachable from loopback only (Nginx), and only with the `ops` permission."""
