"""Sections for those who manage and those who teach them."""
