"""The one exception that is written for a person."""


class InputError(Exception):
    """Something given from outside is wrong: says what, where (file or key) and what to do."""
