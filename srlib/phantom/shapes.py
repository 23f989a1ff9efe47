"""Line integrals of simple bodies on a pixel grid: the bricks that the synthetic chest is built of.

Lengths are in mm. x grows to the right of the picture (the patient's left), y downwards, z to the
back; the beam runs along z. A "chord" is the length that a ray spends inside a body.
"""

from typing import NamedTuple

import numpy as np
from PIL import Image


class Grid(NamedTuple):
    """Pixel centres in the patient's coordinates, and the way back from these to pixels.

    x, y: float32 (size, size) in mm; a point p of the patient is at pixel `p @ turn * per_mm + origin`.
    """

    x: np.ndarray
    y: np.ndarray
    turn: np.ndarray
    origin: np.ndarray
    per_mm: float

    def to_pixels(self, points: np.ndarray) -> np.ndarray:
        """Pixel coordinates (N, 2), column then row, of points (N, 2) in mm."""
        return points @ self.turn * self.per_mm + self.origin

    def halved(self) -> "Grid":
        """The same view with half as many pixels a side, for what has no fine detail."""
        x, y = ((v[::2, ::2] + v[1::2, 1::2]) / 2 for v in (self.x, self.y))
        return Grid(x, y, self.turn, self.origin / 2, self.per_mm / 2)


def grid(size: int, field: float, angle: float, shift: tuple[float, float]) -> Grid:
    """A picture of size x size pixels, `field` mm wide; the patient leans by `angle` and is moved by `shift`.

    Upright and not moved, the point (0, 200) is in the middle of the picture.
    """
    per_mm = size / field
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    middle = np.array([0.0, 200.0])  # what the patient leans about
    origin = (np.array([field / 2, field / 2]) + shift - middle @ turn) * per_mm
    pixels = np.arange(size) + 0.5
    offset = np.stack(np.meshgrid(pixels - origin[0], pixels - origin[1]), axis=-1) / per_mm
    x, y = np.moveaxis((offset @ turn.T).astype(np.float32), -1, 0)
    return Grid(x, y, turn, origin, per_mm)


def rounded(u: np.ndarray | float, power: float = 2.0) -> np.ndarray:
    """(1 - |u|^power)^(1/2), 0 outside |u| < 1: how a chord falls off towards the edge of a body."""
    return np.sqrt(np.maximum(1 - np.abs(u) ** power, 0))


def rise(u: np.ndarray | float, power: float = 2.0) -> np.ndarray:
    """From 0 at u <= 0 to 1 at u >= 1, steep at first and flat at last: the outline of a dome."""
    return np.sqrt(1 - (1 - np.clip(u, 0, 1)) ** power)


def smoothstep(u: np.ndarray) -> np.ndarray:
    """From 0 at u <= 0 to 1 at u >= 1, flat at both ends."""
    u = np.clip(u, 0, 1)
    return u * u * (3 - 2 * u)


def ellipsoid(
    at: Grid, centre: tuple[float, float], axes: tuple[float, float], depth: float, angle: float = 0.0
) -> np.ndarray:
    """Chord of an ellipsoid with these half-axes in the picture, turned by `angle`, and half-depth."""
    x, y = at.x - centre[0], at.y - centre[1]
    across, along = x * np.cos(angle) + y * np.sin(angle), y * np.cos(angle) - x * np.sin(angle)
    return 2 * depth * np.sqrt(np.maximum(1 - (across / axes[0]) ** 2 - (along / axes[1]) ** 2, 0))


def tube(
    canvas: np.ndarray,
    at: Grid,
    points: np.ndarray,
    radii: np.ndarray | float,
    lengths: np.ndarray | float = 1.0,
) -> None:
    """Draw the chord of a bent tube, or of many alike, into `canvas` (in mm), where it exceeds what is there.

    points: (..., N, 2) in mm; radii at the points, in mm; lengths: how much longer the ray's way through
    each of the N - 1 pieces is, because the piece runs along the beam.
    """
    pixels = at.to_pixels(points)
    radii = np.broadcast_to(radii, points.shape[:-1]) * at.per_mm
    lengths = np.broadcast_to(lengths, radii[..., 1:].shape)
    start, end = pixels[..., :-1, :].reshape(-1, 2), pixels[..., 1:, :].reshape(-1, 2)
    pieces = (start, end, *(part.ravel() for part in (radii[..., :-1], radii[..., 1:], lengths)))
    reach = np.maximum(pieces[2], pieces[3])[:, None] + 1
    corner = np.floor(np.minimum(start, end) - reach).astype(int)
    extent = (np.ceil(np.maximum(start, end) + reach) - corner).max(axis=1)
    side = (np.ceil(extent / 8) * 8).astype(int)
    for one in np.unique(side):  # pieces in squares of one size are computed at once
        alike = np.flatnonzero(side == one)
        for some in np.array_split(alike, -(-len(alike) // 64)):
            chords = _chords(corner[some], one, *(part[some] for part in pieces)) / at.per_mm
            for chord, (left, top) in zip(chords, corner[some].tolist(), strict=True):
                part = canvas[max(top, 0) : max(top + one, 0), max(left, 0) : max(left + one, 0)]
                y, x = max(-top, 0), max(-left, 0)
                np.maximum(part, chord[y : y + part.shape[0], x : x + part.shape[1]], out=part)


def _chords(
    corner: np.ndarray,
    side: int,
    start: np.ndarray,
    end: np.ndarray,
    r0: np.ndarray,
    r1: np.ndarray,
    lengths: np.ndarray,
) -> np.ndarray:
    """Chords of straight pieces, in pixels, in the square at each one's corner: float32 (N, side, side)."""

    def each(values: np.ndarray) -> np.ndarray:
        return values.astype(np.float32)[:, None, None]

    within = np.arange(side, dtype=np.float32) + 0.5
    x, y = (each(c) + w for c, w in zip((corner - start).T, (within, within[:, None]), strict=True))
    dx, dy = map(each, (end - start).T)
    along = np.clip((x * dx + y * dy) / np.maximum(dx * dx + dy * dy, 1e-6), 0, 1)
    # Half a pixel more: what is thinner than a pixel still darkens it, by its share.
    radius = each(r0) + along * each(r1 - r0)
    squared = radius * radius + 0.25 - (x - along * dx) ** 2 - (y - along * dy) ** 2
    return np.sqrt(np.maximum(squared, 0)) * each(2 * lengths)


def texture(rng: np.random.Generator, size: int, finest: float, coarsest: float) -> np.ndarray:
    """Random field, float32 (size, size), mean 0, sd about 1, grain from `finest` to `coarsest` pixels.

    Octaves of smoothed noise with amplitude in proportion to their grain's square root.
    """
    field = np.zeros((size, size), np.float32)
    grain, power = finest, 0.0
    while grain <= coarsest:
        cells = max(int(size / grain), 2)
        noise = rng.standard_normal((cells, cells), dtype=np.float32)
        field += np.sqrt(grain) * np.asarray(
            Image.fromarray(noise).resize((size, size), Image.Resampling.BICUBIC)
        )
        power += grain * 0.4  # interpolated white noise keeps about 0.4 of its variance
        grain *= 2
    return field / np.sqrt(max(power, 1e-6))


def doubled(field: np.ndarray) -> np.ndarray:
    """A field on a halved grid, brought to the whole one."""
    height, width = field.shape
    image = Image.fromarray(field.astype(np.float32))
    return np.asarray(image.resize((2 * width, 2 * height), Image.Resampling.BICUBIC))


def blur(field: np.ndarray, grain: float) -> np.ndarray:
    """A wide blur, cheap: shrink by `grain` and enlarge again."""
    size = field.shape[0]
    small = Image.fromarray(field).resize((max(int(size / grain), 4),) * 2, Image.Resampling.BOX)
    return np.asarray(small.resize((size, size), Image.Resampling.BICUBIC))
