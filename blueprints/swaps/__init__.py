"""Swaps over HTTP."""
