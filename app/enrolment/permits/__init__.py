"""Who may choose what, and when, beyond the plain rules: time tickets, holds, restrictions (禁选) and overrides."""
