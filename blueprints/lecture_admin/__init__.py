"""Lectures for those who manage them."""
