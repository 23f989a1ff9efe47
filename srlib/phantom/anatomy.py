"""One synthetic patient: sizes and places of what a chest radiograph shows, and its soft tissue and air."""

from dataclasses import dataclass

import numpy as np

from srlib.phantom.shapes import Grid, ellipsoid, rise, rounded, smoothstep, tube

RIGHT, LEFT = -1, 1  # the patient's right is on the left of the picture


@dataclass(frozen=True)
class Anatomy:
    """Lengths in mm, angles in radians; the same for all images of a patient but for the breath."""

    width: float  # half-width of the lungs at their widest
    depth: float  # half-depth of the thorax
    apex: float  # y of the lungs' tops
    dome: float  # y of the right diaphragm's top, in this breath
    fat: float  # under the skin
    breast: float  # half-depth; 0 in men
    heart: float  # size, 1 is the mean
    heart_angle: float
    arch: float  # radius of the aortic arch
    spine_bend: float  # sideways
    rib_fall: float  # from back to front
    bone: float  # density, 1 is the mean
    stomach: float  # radius of the bubble of air; 0 for none
    scapula: float  # how far the shoulder blades lie outside the lungs


def draw_anatomy(patient: np.random.Generator, pose: np.random.Generator, view: str) -> Anatomy:
    """A random patient, breathing and standing (PA) or lying (AP) as in one image."""
    near = patient.normal
    female = patient.random() < 0.45
    lying = view == "AP"
    width = near(136, 7) - 6 * female
    stomach = near(22, 6)
    return Anatomy(
        width=width,
        depth=near(96, 8),
        apex=near(62, 5),
        dome=near(276, 9) + pose.normal(0, 5) - (22 if lying else 0),
        fat=abs(near(16, 8)) + 6,
        breast=max(near(18, 9), 4) if female else 0.0,
        heart=near(1.0, 0.09) * (1.14 if lying else 1.0),
        heart_angle=near(0.75, 0.12),
        arch=near(16, 2.5),
        spine_bend=near(0, 4),
        rib_fall=near(112, 8),
        bone=max(near(1.0, 0.13), 0.6),
        stomach=stomach if pose.random() < 0.6 else 0.0,
        scapula=near(4, 8) - (26 if lying else 0),
    )


def body(a: Anatomy, at: Grid) -> np.ndarray:
    """Chord of the whole body, in mm: trunk, neck, shoulders, arms, breasts."""
    x, y = np.abs(at.x), at.y
    half_width = a.width + 14 + a.fat + 8 * smoothstep((y - 230) / 150)
    trunk = (a.depth + a.fat * 0.7) * rounded(x / half_width, 3.2) * smoothstep((y + 10) / 140)
    neck = (54 + 0.3 * a.fat) * rounded(x / (52 + 0.5 * a.fat + 60 * smoothstep(y / 90) ** 2), 2.5)
    slope = 8 + 60 * smoothstep((x - 30) / (a.width + 70))  # of the trapezius, down to the shoulder
    shoulder = (66 + 0.4 * a.fat) * rise((y - slope) / 75) * rounded(x / (a.width + 84), 5)
    shoulder *= 1 - smoothstep((y - 120) / 100)
    arm_at = a.width + 62 + 0.16 * (y - 130)
    arm = (44 + 0.4 * a.fat) * rounded((x - arm_at) / (40 + 0.5 * a.fat)) * smoothstep((y - 80) / 60)
    half = np.maximum(np.maximum(trunk, neck), np.maximum(shoulder, arm))
    breasts = sum(
        ellipsoid(at, (side * 0.62 * a.width, 262), (62, 52), a.breast, side * 0.3) for side in (RIGHT, LEFT)
    )
    breasts *= smoothstep((y - 200) / 90)  # no edge where they begin
    return 2 * half + np.minimum(breasts, 4 * half)


def lungs(a: Anatomy, at: Grid) -> np.ndarray:
    """Chord of both lungs, in mm, before heart and vessels displace them."""
    return sum(_lung(a, at, side) for side in (RIGHT, LEFT))


def _lung(a: Anatomy, at: Grid, side: int) -> np.ndarray:
    x, y = at.x * side, at.y
    down = (y - a.apex) / (235 - a.apex)  # 0 at the apex, 1 where the thorax is widest
    widening = rise(down, 2.6)
    outer = 52 + (a.width - 52) * widening - 7 * smoothstep((y - 250) / 90)
    inner = 52 - 30 * rise(down / 0.3)
    middle, half = (outer + inner) / 2, np.maximum((outer - inner) / 2, 1e-3)
    u = np.where(down > 0, (x - middle) / half, 1)
    fall = np.where(u > 0, rounded(u, 2.6), rounded(u, 3.5))  # blunt towards the mediastinum
    chord = (a.depth - 10) * np.clip(widening, 0, 1) ** 0.7 * fall
    # The diaphragm is a dome in x and z: below its top, lung is left only before and behind it.
    top = a.dome + (12 if side == LEFT else 0)
    summit = 0.52 * a.width
    across = (x - summit) / np.where(x > summit, a.width - summit, summit)
    dome = top + np.where(x > summit, 40, 16) * across**2
    below = np.sqrt(np.clip((y - dome) / 52, 0, None)) * (a.depth - 10)
    return 2 * np.clip(chord - below, 0, None)


def mediastinum(a: Anatomy, at: Grid) -> np.ndarray:
    """Chord of heart and great vessels, in mm."""
    s = a.heart
    base = a.dome - 33  # the heart rests on the diaphragm
    parts = [
        ellipsoid(at, (28 * s, base), (70 * s, 50 * s), 54 * s, a.heart_angle),  # ventricles
        ellipsoid(at, (-14 * s, base - 4), (32 * s, 45 * s), 42 * s),  # right atrium
        ellipsoid(at, (13, base - 60), (30, 56), 40),  # pulmonary trunk
        ellipsoid(at, (19, a.apex + 76), (a.arch + 4, a.arch + 9), 30),  # aortic arch
        ellipsoid(at, (-12, a.apex + 80), (23, 90), 30),  # superior vena cava
        ellipsoid(at, (14, a.apex + 30), (18, 66), 30),
    ]
    descending = 2 * 13 * rounded((at.x - 24 - 0.02 * (at.y - 200)) / 13) * (at.y > a.apex + 74)
    # The hila have no outline: many small vessels and nodes.
    hila = [((at.x - x) / 15) ** 2 + ((at.y - a.apex - y) / 24) ** 2 for x, y in ((-36, 134), (40, 126))]
    parts += [26 * np.exp(-hilum) for hilum in hila]
    # The root of a sum of fourth powers is a maximum without creases where the parts meet.
    return np.sqrt(np.sqrt(sum(np.square(np.square(part)) for part in [*parts, descending])))


def airway(a: Anatomy, at: Grid) -> np.ndarray:
    """Chord of the air in trachea and main bronchi, in mm."""
    air = np.zeros_like(at.x)
    carina = a.apex + 112
    tube(air, at, np.array([[0, -20], [0, a.apex + 10], [-3, carina]]), np.array([9.0, 9, 8.5]))
    tube(air, at, np.array([[-3, carina], [-18, carina + 18], [-32, carina + 36]]), np.array([7.5, 6.5, 4]))
    tube(air, at, np.array([[-3, carina], [16, carina + 15], [40, carina + 28]]), np.array([7, 5.5, 3.5]))
    return air


def bowel(a: Anatomy, at: Grid, rng: np.random.Generator) -> np.ndarray:
    """Chord of the air in the stomach and, seldom, in the colon below the left diaphragm, in mm."""
    if not a.stomach:
        return np.zeros_like(at.x)
    centre = (rng.normal(72, 10), a.dome + 40 + a.stomach)
    return ellipsoid(at, centre, (1.5 * a.stomach, a.stomach), a.stomach * 0.9, rng.normal(0, 0.25))


def vessels(a: Anatomy, at: Grid, rng: np.random.Generator) -> np.ndarray:
    """Chord of the blood vessels of both lungs, in mm: trees that fork from the hila to the pleura."""
    blood, branches = np.zeros_like(at.x), []
    for side in (RIGHT, LEFT):
        hilum = np.array([side * 34.0, a.apex + (132 if side == RIGHT else 124)])
        for angle in np.linspace(-1.4, 1.75, 9):
            start = hilum + rng.normal(0, 4, 2) + [0, 14 * angle]
            heading = angle + rng.normal(0, 0.12)
            branches += _fork(at.per_mm, rng, start, heading, side, rng.uniform(3.0, 5.2), a)
    points, radii = map(np.array, zip(*branches, strict=True))
    tube(blood, at, points, radii)
    return blood


def _fork(
    per_mm: float,
    rng: np.random.Generator,
    start: np.ndarray,
    heading: float,
    side: int,
    radius: float,
    a: Anatomy,
) -> list[tuple[list[np.ndarray], np.ndarray]]:
    """Four points and radii of a vessel and, thinner, of each that it forks into.

    heading: from the side downwards.
    """
    points = [start]
    for _ in range(3):
        heading += rng.normal(0, 0.16)
        step = (3.2 + 1.3 * radius) * rng.uniform(0.8, 1.5)
        points.append(points[-1] + step * np.array([side * np.cos(heading), np.sin(heading)]))
    end = 0.88 * radius
    branches = [(points, np.linspace(radius, end, 4))]
    x, y = points[-1]
    if end < max(0.45, 0.35 / per_mm) or abs(x) > a.width or y < a.apex or y > a.dome + 60:
        return branches
    # Murray's law: the cubes of the radii are kept, r^3 = r1^3 + r2^3.
    share = rng.uniform(0.1, 0.45)
    for part, turn in ((share, 1), (1 - share, -1)):
        spread = turn * rng.uniform(0.15, 0.6) * (1.3 - part)
        branches += _fork(per_mm, rng, points[-1], heading + spread, side, end * part ** (1 / 3), a)
    return branches
