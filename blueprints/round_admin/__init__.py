"""Rounds, and who may choose what and when, for those who manage them."""
