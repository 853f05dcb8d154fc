"""HTTP between the hosts of one system. Nginx passes nothing of it on, and it is no part of the documented API."""
