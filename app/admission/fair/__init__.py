"""The fair opening: claims of its first seconds are set aside and then decided by lot (docs/fair.md)."""
