import tarfile

import numpy as np
import pandas as pd
import pytest
from scipy.ndimage import uniform_filter

from srlib import phantom
from srlib.data import nih, sampling
from srlib.data.decode import decode_gray
from srlib.data.labels import catalog
from srlib.data.resample import resize
from srlib.errors import InputError
from srlib.phantom import anatomy, skeleton, xray
from srlib.phantom.shapes import ellipsoid, grid, tube


@pytest.fixture(scope="module")
def picture():
    return phantom.radiograph(1, "PA", 0, seed=0, size=256)


def mean(pixels, x0, x1, y0, y1):
    """Mean gray level in a box given in shares of the picture's sides."""
    height, width = pixels.shape
    return pixels[int(y0 * height) : int(y1 * height), int(x0 * width) : int(x1 * width)].mean()


def test_the_same_numbers_give_the_same_picture_and_others_another(picture):
    again = phantom.radiograph(1, "PA", 0, seed=0, size=256)
    np.testing.assert_array_equal(picture, again)
    for other in [(2, "PA", 0, 0), (1, "AP", 0, 0), (1, "PA", 1, 0), (1, "PA", 0, 1)]:
        assert (phantom.radiograph(*other, size=256) != picture).mean() > 0.3


def test_follow_ups_of_a_patient_are_more_alike_than_patients():
    def smooth(patient, follow_up):
        return uniform_filter(phantom.radiograph(patient, "PA", follow_up, 0, 64).astype(float), 3)

    def likeness(a, b):
        return np.corrcoef(a.ravel(), b.ravel())[0, 1]

    firsts = [smooth(patient, 0) for patient in range(1, 5)]
    seconds = [smooth(patient, 1) for patient in range(1, 5)]
    same = np.mean([likeness(firsts[i], seconds[i]) for i in range(4)])
    different = np.mean([likeness(firsts[i], seconds[j]) for i in range(4) for j in range(4) if i != j])
    assert same > different


@pytest.mark.parametrize("patient", range(1, 4))
@pytest.mark.parametrize("view", ["PA", "AP"])
def test_lungs_are_dark_between_bright_mediastinum_and_abdomen(patient, view):
    pixels = phantom.radiograph(patient, view, 0, seed=0, size=128)
    right, left = mean(pixels, 0.25, 0.35, 0.3, 0.5), mean(pixels, 0.65, 0.75, 0.3, 0.5)
    middle, abdomen = mean(pixels, 0.48, 0.52, 0.35, 0.6), mean(pixels, 0.3, 0.7, 0.93, 1)
    assert max(right, left) + 25 < min(middle, abdomen)
    heart_left, heart_right = mean(pixels, 0.58, 0.62, 0.55, 0.62), mean(pixels, 0.34, 0.38, 0.55, 0.62)
    assert heart_left > heart_right  # the heart points to the patient's left
    assert pixels.max() > 200
    assert pixels.min() < 80


def test_the_picture_has_the_releases_size_and_depth():
    pixels = phantom.radiograph(1, "PA", 0, seed=0)
    assert (pixels.shape, pixels.dtype) == ((1024, 1024), np.uint8)
    # As hard to restore as real X-rays are: their bicubic PSNR has mean 33 and sd 3.
    hr = resize(pixels, 256, 256)
    sr = resize(resize(hr, 64, 64), 256, 256)
    assert 30 < 10 * np.log10(255**2 / np.mean((hr - sr.astype(float)) ** 2)) < 38


def test_an_ellipsoids_chords_add_up_to_its_volume():
    at = grid(200, 100, 0.0, (0, 0))
    chord = ellipsoid(at, (3, 205), (30, 20), 15, angle=0.4)
    assert chord.max() == pytest.approx(30, rel=0.01)
    assert chord.sum() * 0.5**2 == pytest.approx(4 / 3 * np.pi * 30 * 20 * 15, rel=0.01)


@pytest.mark.parametrize("points", [[[-20, 190], [30, 190]], [[-20, 190], [5, 203], [30, 216]]])
def test_a_tubes_chords_add_up_to_its_volume(points):
    at = grid(400, 100, 0.0, (0, 0))
    canvas = np.zeros_like(at.x)
    tube(canvas, at, np.array(points, float), 4.0)
    length = np.hypot(*np.subtract(points[-1], points[0]))
    volume = np.pi * 4**2 * length + 4 / 3 * np.pi * 4**3  # with its two round ends
    assert canvas.sum() * 0.25**2 == pytest.approx(volume, rel=0.02)


def test_tubes_drawn_together_are_each_drawn_alone_and_cut_off_at_the_borders():
    at = grid(200, 100, 0.1, (0, 0))
    points = np.random.default_rng(0).uniform((-70, 130), (70, 270), (80, 4, 2))
    radii, lengths = np.linspace(0.3, 6, 320).reshape(80, 4), np.linspace(1, 2, 240).reshape(80, 3)
    together, alone = np.zeros_like(at.x), np.zeros_like(at.x)
    tube(together, at, points, radii, lengths)
    for one in zip(points, radii, lengths, strict=True):
        tube(alone, at, *one)
    np.testing.assert_array_equal(together, alone)
    # A ball of its own: 2 sqrt(r^2 - d^2) at the distance d from the middle, half of it outside.
    ball = np.zeros_like(at.x)
    middle = np.array([at.x[60, 0], at.y[60, 0]], float)
    tube(ball, at, np.array([middle, middle]), 8.0)
    distance = np.hypot(at.x - middle[0], at.y - middle[1])
    inside = distance < 7
    expected = 2 * np.sqrt(8**2 - distance[inside] ** 2)
    np.testing.assert_allclose(ball[inside], expected, rtol=0.01)
    assert ball[distance > 8.5].max() == 0
    assert inside[:, 0].sum() > 20


def test_leaning_and_moving_take_tubes_and_ellipsoids_alike():
    at = grid(300, 400, 0.2, (15, -10))
    place = np.array([[60.0, 250.0]])
    chord = ellipsoid(at, (60, 250), (12, 12), 5)
    row, column = np.unravel_index(chord.argmax(), chord.shape)
    np.testing.assert_allclose(at.to_pixels(place)[0], [column + 0.5, row + 0.5], atol=1)


def test_attenuation_is_within_a_chest_and_bone_adds_to_it():
    person, visit = np.random.default_rng(0), np.random.default_rng(1)
    a = anatomy.draw_anatomy(person, visit, "PA")
    at = grid(128, 365, 0.0, (0, 0))
    path = xray.attenuation(a, at, person, visit)
    # Water of the thickness of a chest, 15 to 32 cm, attenuates by exp(-3) to exp(-6.6) at 60 keV.
    assert path.min() >= 0
    assert 3 < path.max() < 8
    ribs = skeleton.ribs(a, at, 1) + skeleton.ribs(a, at, -1)
    assert 1 < ribs.max() < 25  # mm of dense bone
    assert (ribs[:, :64] > 0).any()
    assert (ribs[:, 64:] > 0).any()


def test_noise_is_that_of_counted_photons():
    at = grid(256, 365, 0.0, (0, 0))
    path = np.full((256, 256), 1.5, np.float32)
    rng = np.random.default_rng(0)
    counts = np.concatenate([xray.expose(path, at, "PA", rng).ravel() for _ in range(2)])
    single = xray.expose(path, at, "PA", np.random.default_rng(3))
    # Poisson: variance of the share = mean of the share / photons; photons of this exposure from both.
    photons = single.mean() / single.var()
    expected = 100_000 * np.random.default_rng(3).uniform(0.7, 1.3) / at.per_mm**2 * 2.66**2
    assert photons == pytest.approx(expected, rel=0.05)
    assert counts.mean() == pytest.approx(0.05 * np.exp(-1.5) + 0.018 + np.exp(-1.5), rel=0.01)


@pytest.fixture(scope="module")
def release(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    phantom.write_labels(folder / "labels.csv", images=12, seed=5)
    for name in ("images_001", "images_002"):
        phantom.write_archive(folder / f"{name}.tar.gz", folder / "labels.csv", name, seed=5, size=64)
    return folder


@pytest.mark.parametrize("images", [4, 12, 40, 508])
@pytest.mark.parametrize("seed", range(3))
def test_the_label_table_has_enough_images_for_a_split_without_shared_patients(tmp_path, images, seed):
    phantom.write_labels(tmp_path / "labels.csv", images, seed)
    table = pd.DataFrame(catalog.read([tmp_path / "labels.csv"]))
    counts = {"train": images // 2, "test": images // 3, "validation": images // 8}
    split = sampling.sample(table.assign(archive=""), counts, seed)
    assert len(split) == sum(counts.values())


def test_more_images_than_its_archives_have_patients_for_are_refused(tmp_path):
    phantom.write_labels(tmp_path / "labels.csv", images=3800, seed=0)
    assert pd.read_csv(tmp_path / "labels.csv")["Image Index"].is_unique
    with pytest.raises(InputError, match="dataset: 5000 images in train, test and validation"):
        phantom.write_labels(tmp_path / "more.csv", images=5000, seed=0)
    assert not (tmp_path / "more.csv").exists()


def test_the_table_has_both_views_and_patients_with_several_images(release):
    table = pd.DataFrame(catalog.read([release / "labels.csv"]))
    assert set(table["view"]) == {"PA", "AP"}
    assert set(table.groupby("patient").size()) >= {1, 2}
    assert set(table["findings"]) == {"No Finding"}
    header = (release / "labels.csv").read_text().splitlines()[0]
    assert header.startswith("Image Index,Finding Labels,Follow-up #,Patient ID,Patient Age,Patient Sex")


def test_the_archives_hold_their_images_unsorted(release):
    table = pd.DataFrame(catalog.read([release / "labels.csv"]))
    for name in ("images_001", "images_002"):
        with tarfile.open(release / f"{name}.tar.gz") as tar:
            members = tar.getmembers()
            pixels = decode_gray(tar.extractfile(members[0]).read(), members[0].name)
        names = [member.name for member in members]
        assert names != sorted(names)
        wanted = {f"images/{image}" for image in table["image"] if nih.archive_of(image) == name}
        assert set(names) == wanted
        assert pixels.shape == (64, 64)


def test_the_archives_bytes_depend_on_nothing_but_the_arguments(release, tmp_path):
    path = tmp_path / "elsewhere.tar.gz"
    phantom.write_archive(path, release / "labels.csv", "images_001", seed=5, size=64)
    assert path.read_bytes() == (release / "images_001.tar.gz").read_bytes()


def test_a_picture_in_the_archive_is_that_of_its_patient_view_and_follow_up(release):
    row = pd.DataFrame(catalog.read([release / "labels.csv"])).iloc[1]
    with tarfile.open(release / "images_001.tar.gz") as tar:
        stored = decode_gray(tar.extractfile(f"images/{row['image']}").read(), row["image"])
    expected = phantom.radiograph(int(row["patient"]), row["view"], int(row["image"][9:12]), 5, 64)
    np.testing.assert_array_equal(stored, expected)
