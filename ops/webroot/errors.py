"""The one error of this tool: something in web/ is not as it must be, said in one line."""


class WebrootError(Exception):
    """A file in web/ cannot be served as it stands; the message names the file and what to do."""
