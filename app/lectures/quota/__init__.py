"""Rules over several lectures of one student in a term: how many may be booked, and what missing some costs (docs/quota.md)."""
