"""What can go wrong with the lab; the text is one clear line for the person who ran it."""

from __future__ import annotations

from ops.stack.errors import StackError


class LabError(StackError):
    """The lab can't be brought into the wished state; the message says what to do about it."""
