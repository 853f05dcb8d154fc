"""Students and teachers for those who manage them."""
