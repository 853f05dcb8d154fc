"""One round of course selection, for everybody and for a student."""
