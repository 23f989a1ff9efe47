import pytest

from srlib.data.variants import VARIANTS, folder, multiple, shrinkage


@pytest.mark.parametrize(
    ("scale", "shrinkages", "folders"),
    [
        (2, [2, 2, 1], ["down2", "down2", "down2_up2"]),
        (3, [3, 2, 1], ["down3", "down3_up1.5", "down3_up3"]),
        (4, [4, 2, 1], ["down4", "down4_up2", "down4_up4"]),
    ],
)
def test_small_is_lr_half_and_full_are_parts_of_the_hr_side(scale, shrinkages, folders):
    assert [shrinkage(variant, scale) for variant in VARIANTS] == shrinkages
    assert [folder(variant, scale) for variant in VARIANTS] == folders


@pytest.mark.parametrize(("scale", "expected"), [(2, 2), (3, 6), (4, 4)])
def test_hr_sides_are_multiples_of_every_shrinkage(scale, expected):
    assert multiple(scale) == expected
