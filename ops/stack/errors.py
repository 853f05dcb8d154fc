"""What can go wrong with a stack; the text of a StackError is one clear line for the person who ran it."""

from __future__ import annotations


class StackError(RuntimeError):
    """The stack can't be brought into the wished state; the message says what to do about it."""


class NotReadyError(Exception):
    """A server's probe found it not (yet) answering; the message says what it saw."""
