"""Cells for spreadsheets: what they open rightly and cannot be made to run."""

from __future__ import annotations

BOM = "\ufeff"  # or Excel takes UTF-8 for the local code page
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


def defused(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula (OWASP, CSV injection)."""
    return f"'{cell}" if cell.startswith(FORMULA_SIGNS) else cell
