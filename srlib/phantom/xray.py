"""From a synthetic patient to a radiograph: attenuation, scatter, detector, noise, display."""

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import gaussian_filter

from srlib.phantom import anatomy, skeleton
from srlib.phantom.shapes import Grid, blur, doubled, grid, texture

SIZE = 1024  # pixels, as the release's pictures
# Linear attenuation at about 60 keV, the mean of a filtered 120 kV beam, per mm (NIST XCOM, rounded).
SOFT_TISSUE = 0.0205
DENSE_BONE = 0.0600  # cortical bone, 1.92 g/cm3
LUNG = 0.26  # density of inflated lung against soft tissue
FIELD = {"PA": 365.0, "AP": 375.0}  # mm across the picture


def radiograph(patient: int, view: str, follow_up: int, seed: int, size: int = SIZE) -> np.ndarray:
    """A synthetic frontal chest radiograph, uint8 (size, size), bones bright as in the NIH release.

    The same patient has the same anatomy in every follow-up; pose, breath, exposure and noise differ.
    view: "PA" or "AP". All is decided by the four numbers: the same ones give the same picture.
    """
    person = np.random.default_rng([seed, patient])
    visit = np.random.default_rng([seed, patient, follow_up + 1, "PA AP".index(view)])
    a = anatomy.draw_anatomy(person, visit, view)
    lean, shift = visit.normal(0, 0.02), tuple(visit.normal(0, 5, 2))
    field = FIELD[view] * visit.normal(1, 0.03)
    at = grid(size, field, lean, shift)
    path = attenuation(a, at, person, visit)
    return display(expose(path, at, view, visit), at, visit)


def attenuation(
    a: anatomy.Anatomy, at: Grid, person: np.random.Generator, visit: np.random.Generator
) -> np.ndarray:
    """Line integral of the attenuation along each ray, without unit, float32 (H, W)."""
    size = at.x.shape[0]
    half = at.halved()
    tissue = doubled(anatomy.body(a, half))
    lung = doubled(np.clip(anatomy.lungs(a, half) - anatomy.mediastinum(a, half), 0, None))
    cavity = doubled(anatomy.airway(a, half) + anatomy.bowel(a, half, visit))
    blood = np.minimum(anatomy.vessels(a, at, person), lung)
    grain = texture(visit, size, 0.9 * at.per_mm, 16 * at.per_mm)
    parenchyma = lung * (1 - LUNG) * (1 + 0.006 * grain) - (1 - LUNG) * blood
    muscle = 1 + 0.014 * texture(visit, size, 2 * at.per_mm, 60 * at.per_mm)
    air = np.minimum(cavity, tissue)
    bone = np.minimum(skeleton.bones(a, at, person), tissue)
    bone *= 1 + 0.05 * texture(visit, size, 0.8 * at.per_mm, 4 * at.per_mm)  # trabeculae
    soft = np.clip(tissue * muscle - parenchyma - air - bone, 0, None)
    return (SOFT_TISSUE * soft + DENSE_BONE * bone).astype(np.float32)


def expose(path: np.ndarray, at: Grid, view: str, rng: np.random.Generator) -> np.ndarray:
    """What the detector counts, as a share of the open beam: Beer-Lambert, scatter, blur, photons."""
    primary = np.exp(-path)
    scattered = 0.05 * blur(primary, 60 * at.per_mm) + 0.018  # behind a grid
    beam = gaussian_filter(primary + scattered, 0.22 * at.per_mm)
    photons = (100_000 if view == "PA" else 45_000) * rng.uniform(0.7, 1.3) / at.per_mm**2 * 2.66**2
    return rng.poisson(beam * photons).astype(np.float32) / photons


def display(counts: np.ndarray, at: Grid, rng: np.random.Generator) -> np.ndarray:
    """Logarithm, edge enhancement and a film-like curve, as the scanner's workstation exports it."""
    density = -np.log(np.clip(counts, 1e-4, None))
    density += 0.3 * (density - blur(density, 12 * at.per_mm)) + 0.55 * (
        density - blur(density, 4 * at.per_mm)
    )
    half, slope = rng.normal(2.4, 0.16), rng.normal(2.1, 0.16)
    gray = 255 * (1 - np.exp(-((np.clip(density, 0, None) / half) ** slope)))
    return marked(np.rint(np.clip(gray, 0, 255)).astype(np.uint8), rng)


def marked(pixels: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """The picture with the lead letter L that tells the patient's left."""
    size = len(pixels)
    letter = Image.new("L", (size // 12, size // 12))
    ImageDraw.Draw(letter).text((0, 0), "L", fill=255, font=ImageFont.load_default(size / 17))
    letter = letter.rotate(rng.normal(0, 12), Image.Resampling.BICUBIC)
    image = Image.fromarray(pixels)
    place = (int(size * rng.uniform(0.86, 0.91)), int(size * rng.uniform(0.03, 0.1)))
    image.paste(235, place, letter)
    return np.asarray(image)
