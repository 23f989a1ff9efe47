import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from srlib.data import sampling
from srlib.errors import InputError


def pool_of(images_per_patient, first_patient=1):
    rows = [
        [f"{patient:08d}_{follow_up:03d}.png", str(patient), "PA", "No Finding", "images_001"]
        for patient, images in enumerate(images_per_patient, first_patient)
        for follow_up in range(images)
    ]
    return pd.DataFrame(rows, columns=["image", "patient", "view", "findings", "archive"])


def counts(train, test, validation=0):
    return {"train": train, "test": test, "validation": validation}


@settings(max_examples=60, deadline=None)
@given(
    sizes=st.lists(st.integers(1, 6), min_size=20, max_size=60),
    seed=st.integers(0, 2**32),
    shares=st.tuples(st.floats(0, 0.45), st.floats(0, 0.3), st.floats(0, 0.05)),
)
def test_exact_counts_disjoint_by_patient(sizes, seed, shares):
    pool = pool_of(sizes)
    asked = counts(*(int(share * len(sizes)) for share in shares))
    split = sampling.sample(pool, asked, seed)
    assert {name: (split["split"] == name).sum() for name in asked} == asked
    assert split["image"].is_unique
    assert (split.groupby("patient")["split"].nunique() == 1).all()
    merged = split.merge(pool, on=["image", "patient", "view", "findings", "archive"])
    assert len(merged) == len(split)


def test_a_tight_pool_is_filled_exactly():
    # 560 images of 380 patients, nearly all of them wanted
    sizes = [1] * 300 + [2] * 40 + [3] * 20 + [6] * 20
    split = sampling.sample(pool_of(sizes), counts(300, 200, 8), 3)
    assert split["split"].value_counts().to_dict() == {"train": 300, "test": 200, "validation": 8}


def test_the_same_seed_gives_the_same_split_whatever_the_order_of_the_pool():
    pool = pool_of([2] * 50)
    first = sampling.sample(pool, counts(20, 10, 4), 7)
    again = sampling.sample(pool.sample(frac=1, random_state=1), counts(20, 10, 4), 7)
    pd.testing.assert_frame_equal(first, again)
    other = sampling.sample(pool, counts(20, 10, 4), 8)
    assert set(first["image"]) != set(other["image"])


def test_validation_changes_neither_train_nor_test():
    pool = pool_of([3] * 40)
    none, some = (sampling.sample(pool, counts(30, 20, n), 0) for n in (0, 10))
    kept = some[some["split"] != "validation"].reset_index(drop=True)
    pd.testing.assert_frame_equal(none, kept)


def test_the_order_is_train_validation_test_then_image():
    split = sampling.sample(pool_of([2] * 40), counts(9, 6, 3), 0)
    assert list(dict.fromkeys(split["split"])) == ["train", "validation", "test"]
    for _, part in split.groupby("split"):
        assert part["image"].is_monotonic_increasing


def test_every_image_is_drawn_equally_often():
    # Image-level sampling: patients with many images must not crowd out or yield to others.
    pool = pool_of([1] * 30 + [3] * 10)
    hits = pd.Series(0, index=pool["image"])
    for seed in range(400):
        hits[sampling.sample(pool, counts(3, 2), seed)["image"]] += 1
    expected = 400 * 5 / 60
    single = hits[pool["image"][:30]].mean()
    several = hits[pool["image"][30:]].mean()
    assert single == pytest.approx(expected, rel=0.1)
    assert several == pytest.approx(expected, rel=0.1)


def test_one_image_per_patient():
    pool = pool_of([3] * 30)
    split = sampling.sample(pool, counts(15, 10, 5), 0, one_per_patient=True)
    assert split["patient"].is_unique
    assert set(split["image"].str[9:12]) == {"000", "001", "002"}  # drawn, not always the first
    with pytest.raises(InputError, match="30 available"):
        sampling.sample(pool, counts(21, 10), 0, one_per_patient=True)


def test_the_releases_own_sides_are_kept():
    pool = pool_of([2] * 40)
    side = np.where(pool["patient"].astype(int) <= 25, "train", "test")
    split = sampling.sample(pool.assign(side=side), counts(30, 20, 8), 0)
    low = split["patient"].astype(int) <= 25
    assert (low == (split["split"] != "test")).all()
    assert split["split"].value_counts().to_dict() == counts(30, 20, 8)
    with pytest.raises(InputError, match=r"dataset\.train, dataset\.test"):
        sampling.sample(pool.assign(side=side), counts(20, 31), 0)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (counts(30, 30), r"dataset.train \+ dataset.test: 60 images asked for, 40 available"),
        (counts(20, 10, 11), "dataset.validation: 11 images asked for, 10 left"),
    ],
)
def test_too_few_images_name_the_key_and_the_number(asked, said):
    with pytest.raises(InputError, match=said):
        sampling.sample(pool_of([1] * 40), asked, 0)


@pytest.mark.parametrize(("archive", "more"), [("images_001", ", or for more of.*archives"), ("loose", "")])
def test_more_archives_are_offered_where_the_source_has_some(archive, more):
    with pytest.raises(InputError, match=rf"40 available; ask for fewer{more}$"):
        sampling.sample(pool_of([1] * 40).assign(archive=archive), counts(30, 30), 0)


def test_patients_that_cannot_be_parted_are_an_error():
    with pytest.raises(InputError, match=r"dataset.train, dataset.test.* 1 patients"):
        sampling.sample(pool_of([10]), counts(5, 5), 0)


def test_a_share_of_each_split_in_proportion_to_its_need():
    # Neither split is made of leftovers: the share of multi-image patients is alike in both.
    pool = pool_of([1] * 60 + [4] * 15)
    shares = {"train": [], "test": []}
    for seed in range(200):
        split = sampling.sample(pool, counts(60, 30), seed)
        for name in shares:
            part = split[split["split"] == name]
            shares[name].append((part["patient"].astype(int) > 60).mean())
    assert np.mean(shares["train"]) == pytest.approx(np.mean(shares["test"]), abs=0.05)


def test_the_same_picture_under_two_names_is_kept_on_one_side(capsys):
    pool = pool_of([1] * 40)
    twins = {f"{i:08d}_000.png": str(i % 20) for i in range(1, 41)}  # of two patients each
    split = sampling.sample(pool, counts(8, 6, 2), 0, digest=lambda archive, image: twins[image])
    homes = split.groupby(split["image"].map(twins))["split"].nunique()
    assert (homes == 1).all()
    assert split["split"].value_counts().to_dict() == counts(8, 6, 2)
    assert "Warning: " in capsys.readouterr().err
    assert split["patient"].is_unique  # the column says what the source says


def test_the_draw_is_as_before_where_no_picture_is_twice(capsys):
    pool = pool_of([2] * 40)
    digests = sampling.sample(pool, counts(20, 10, 4), 7, digest=lambda archive, image: image)
    pd.testing.assert_frame_equal(digests, sampling.sample(pool, counts(20, 10, 4), 7))
    assert capsys.readouterr().err == ""


def test_few_patients_are_named_with_a_remedy():
    pool = pool_of([6, 6]).assign(patient=["NORMAL"] * 6 + ["PNEUMONIA"] * 6)
    with pytest.raises(InputError, match=r"NORMAL \(6\), PNEUMONIA \(6\).* columns image and patient"):
        sampling.sample(pool, counts(7, 2), 0)


def test_the_draw_takes_time_in_proportion_to_the_images():
    calls = []

    class Patient(str):
        __slots__ = ()

        def __eq__(self, other):
            calls.append(1)
            return str.__eq__(self, other)

        __hash__ = str.__hash__

    pool = pool_of([1] * 2000)
    pool["patient"] = [Patient(patient) for patient in pool["patient"]]
    sampling.sample(pool, counts(900, 900, 100), 0)
    assert len(calls) < 20 * len(pool)  # comparing each with each would be two million
