"""Those who manage: managers, super-admins, people at the door. Super-admins alone manage them. One use case per module."""
