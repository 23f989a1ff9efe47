"""The bones of the synthetic chest: chords of dense bone, in mm."""

from typing import NamedTuple

import numpy as np

from srlib.phantom.anatomy import LEFT, RIGHT, Anatomy
from srlib.phantom.shapes import Grid, doubled, rise, rounded, smoothstep, tube


def bones(a: Anatomy, at: Grid, rng: np.random.Generator) -> np.ndarray:
    """Chord of all bones, in mm of dense bone."""
    chord = np.zeros_like(at.x)
    middle = slice(*np.flatnonzero((np.abs(at.x) < 45).any(axis=0))[[0, -1]])
    chord[:, middle] = spine(a, at._replace(x=at.x[:, middle], y=at.y[:, middle]))
    for side in (RIGHT, LEFT):
        chord += ribs(a, at, side) + shoulder(a, at, side, rng)
    return a.bone * chord


class _Hollow(NamedTuple):
    """Chords of bones that are tubes of cortical bone around marrow: of the whole, and of its inside."""

    outer: np.ndarray
    inner: np.ndarray

    def draw(
        self, at: Grid, points: np.ndarray, radii: np.ndarray, wall: float, lengths: np.ndarray | float
    ) -> None:
        """Add a bent bone; `lengths` as for `tube`, and to flatten the bone along the beam."""
        tube(self.outer, at, points, radii, lengths)
        tube(self.inner, at, points, radii - wall, lengths)

    def bone(self, marrow: float) -> np.ndarray:
        """Chord of bone, in mm; the inside holds bone trabeculae in this share."""
        return self.outer - (1 - marrow) * self.inner


def _hollow(at: Grid) -> _Hollow:
    return _Hollow(np.zeros_like(at.x), np.zeros_like(at.x))


def ribs(a: Anatomy, at: Grid, side: int) -> np.ndarray:
    """Eleven ribs of one side: arcs about the thorax, hollow, falling from back to front."""
    behind, before = _hollow(at), _hollow(at)
    for number in range(1, 12):
        y0 = a.apex - 2 + 24.5 * (number - 1) ** 0.985
        # The outline of the thorax at the height where the rib is widest.
        level = np.clip((y0 + 30 - a.apex) / (235 - a.apex), 0.02, 1)
        half_width = 48 + (a.width - 47) * float(rise(level, 2.4))
        fall = a.rib_fall * (0.45 + 0.55 * min(number, 6) / 6)
        last = 2.5 if number <= 7 else 2.5 - 0.28 * (number - 7)  # where the cartilage ends
        for canvas, start, end in ((behind, 0.14, 1.62), (before, 1.5, last)):
            if end <= start:
                continue
            t = np.linspace(start, end, 18)  # angle about the thorax, 0 at the spine
            x = side * half_width * np.sin(t)
            y = y0 + fall * (1 - np.cos(t)) / 2 - 9 * np.sin(2.2 * t) * (t < 1.43)
            y += 4 * smoothstep((t - 1.43) / 0.8)
            way = np.diff(np.stack([x, y, -a.depth * np.cos(t)]), axis=1)
            lengths = np.minimum(np.linalg.norm(way, axis=0) / np.linalg.norm(way[:2], axis=0), 1.7)
            # Towards its end a rib turns into cartilage, which hardly shows.
            lengths *= np.interp(t[1:], [last - 0.4, last], [0.7, 0.1])
            radius = np.interp(t, [0.14, 0.5, 1.5, 2.5], [4.4, 5.6, 4.8, 6.0])
            canvas.draw(at, np.stack([x, y], axis=1), radius * (0.8 + 0.05 * min(number, 4)), 0.9, lengths)
    return behind.bone(0.16) + 0.75 * before.bone(0.16)


def spine(a: Anatomy, at: Grid) -> np.ndarray:
    """Vertebrae with discs between them, pedicles, and spinous processes."""
    bend = a.spine_bend * np.sin(at.y / 110)
    x = np.abs(at.x - bend)
    pitch = 19 + 0.022 * np.clip(at.y, 0, 400)  # the bodies grow downwards
    v = (at.y / pitch) % 1 - 0.5  # place within a vertebra, -0.5 to 0.5
    half_width = 15 + 0.016 * at.y + 3.2 * (2 * np.abs(v)) ** 3  # waisted bodies
    inside = rounded(x / half_width, 4)
    plates = smoothstep((0.42 - np.abs(v)) / 0.06)
    rims = np.exp(-(((np.abs(v) - 0.38) / 0.035) ** 2)) + 0.8 * np.exp(-(((x - half_width + 1.2) / 1.2) ** 2))
    bodies = inside * plates * (4.2 + 1.8 * rims)
    ring = np.hypot((x - 0.62 * half_width) / 4.2, (v + 0.12) * pitch / 5.6)
    pedicles = 3.4 * np.exp(-(((ring - 0.85) / 0.3) ** 2))
    process = 6 * rounded(np.hypot(x / 3.4, (v - 0.25) * pitch / 7.5))
    transverse = 2.2 * rounded(np.clip(x - 0.7 * half_width, 0, None) / 16) * rounded((v + 0.2) * pitch / 4.5)
    transverse *= x > 0.7 * half_width
    return bodies + pedicles + process + transverse


def shoulder(a: Anatomy, at: Grid, side: int, rng: np.random.Generator) -> np.ndarray:
    """Clavicle, shoulder blade and upper arm of one side."""
    clavicle, blade, arm = _hollow(at), _hollow(at), _hollow(at)
    mirror = [side, 1]
    joint = np.array([a.width + 24, a.apex + 34])
    t = np.linspace(0, 1, 24)
    y = a.apex + 30 + rng.normal(0, 5) - 38 * t + 8 * np.sin(2 * np.pi * t)
    line = np.stack([14 + (a.width - 2) * t, y], axis=1)
    clavicle.draw(at, line * mirror, 6.4 - 1.8 * np.sin(np.pi * t), 1.5, 0.7)
    # The blade: thin, its edges thick; a triangle hanging from the joint.
    inner = np.array([a.width - 40 + a.scapula, a.apex + 22])
    tip = np.array([a.width - 12 + a.scapula, a.apex + 150])
    plate = 1.6 * doubled(smoothstep(_inside(at.halved(), side, inner, joint, tip) / 6))
    for start, end, sag, radius in (
        (_moved(joint, -8, 10), tip, 6, 4.2),
        (tip, inner, -5, 2.2),
        (_moved(inner, 8, 4), _moved(joint, 6, -20), 3, 4.6),
        (_moved(joint, -26, -6), _moved(joint, -6, 14), -4, 5.0),
    ):
        points = _bent(start, end, sag)
        blade.draw(at, points * mirror, np.full(len(points), radius), 1.0, 0.5)
    t = np.linspace(0, 260, 40)
    shaft = _moved(joint, 17, 4) + np.stack([np.interp(t, [0, 26, 80, 260], [0, 9, 20, 36]), t], axis=1)
    arm.draw(at, shaft * mirror, np.interp(t, [0, 18, 45, 260], [23, 17, 12, 12]), 2.6, 0.42)
    return clavicle.bone(0.35) + blade.bone(0.3) + arm.bone(0.16) + plate


def _inside(at: Grid, side: int, *corners: np.ndarray) -> np.ndarray:
    """How far inside a triangle each pixel lies, in mm; negative outside."""
    x, y = at.x * side, at.y
    edges = zip(corners, [*corners[1:], corners[0]], strict=True)
    return np.minimum.reduce(
        [((q[0] - p[0]) * (y - p[1]) - (q[1] - p[1]) * (x - p[0])) / np.hypot(*(q - p)) for p, q in edges]
    )


def _moved(point: np.ndarray, x: float, y: float) -> np.ndarray:
    return point + np.array([x, y])


def _bent(start: np.ndarray, end: np.ndarray, sag: float) -> np.ndarray:
    """Points from start to end on an arc that leaves the straight line by `sag`."""
    t = np.linspace(0, 1, 14)[:, None]
    dx, dy = (end - start) / np.hypot(*(end - start))
    return start + t * (end - start) + sag * np.sin(np.pi * t) * np.array([-dy, dx])
