"""How large the file of a radiograph may be."""

import math

from srlib.errors import InputError

# Larger than any radiograph; a file that claims more is an attack or a mistake.
MAX_PIXELS = 8192 * 8192
MAX_BYTES = 2 * MAX_PIXELS + 2**20  # of such a file: 16 bits a pixel, and a header


def check_size(name: str, height: int, width: int, limit: int = MAX_PIXELS) -> None:
    """Raise InputError for a picture that claims more than `limit` pixels."""
    if height * width > limit:
        side = math.isqrt(limit)
        raise InputError(
            f"{name}: claims {width} x {height} pixels, more than any radiograph: larger than "
            f"{side} x {side}; shrink or remove it"
        )
