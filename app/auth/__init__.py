"""Identity: accounts, sessions, tokens, permissions. What it promises stands in docs/identity.md."""
