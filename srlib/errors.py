"""The one exception that is written for a person."""


class InputError(Exception):
    """Something given from outside is wrong: says what, where (file or key) and what to do."""


def shown(what: object) -> str:
    """What comes from outside, made fit for a message: one line, short, without control characters."""
    text = str(what)
    line = "".join(c if c.isprintable() else "?" for c in text[:300])
    return line if len(text) <= 300 else f"{line}..."
