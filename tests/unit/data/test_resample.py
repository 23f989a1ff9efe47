import numpy as np

from srlib.data.resample import resize


def test_shrinking_is_antialiased():
    stripes = np.tile(np.array([0, 0, 255, 255], np.uint8), (64, 16))
    # one whole period per LR pixel: without antialiasing it would come out black or white by its phase
    inner = resize(stripes, 16, 16)[2:-2, 2:-2].astype(float)
    assert np.ptp(inner) <= 1
    assert abs(inner.mean() - 127.5) < 8


def test_it_is_the_bicubic_kernel_with_a_of_one_half():
    # Enlarging a step by 2: sample points lie at +-1/4, so Keys' kernel (a = -1/2) gives the weights.
    def keys(x):
        x = abs(x)
        return 1.5 * x**3 - 2.5 * x**2 + 1 if x <= 1 else -0.5 * x**3 + 2.5 * x**2 - 4 * x + 2

    row = np.array([0, 0, 0, 0, 200, 200, 200, 200], np.float64)
    offsets = np.arange(-2, 3)
    expected = []
    for out in range(4, 12):
        centre = (out + 0.5) / 2 - 0.5
        taps = int(np.floor(centre)) + offsets
        weights = np.array([keys(centre - tap) if abs(centre - tap) < 2 else 0 for tap in taps])
        expected.append((weights * row[taps]).sum())
    got = resize(np.tile(row.astype(np.uint8), (8, 1)), 16, 16)[8, 4:12]
    assert np.abs(got - np.clip(expected, 0, 255)).max() <= 1
