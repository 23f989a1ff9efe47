import pytest

from srlib.data import nih
from srlib.data.source import Layout
from srlib.errors import InputError


@pytest.mark.parametrize(
    ("image", "archive"),
    [
        ("00000001_000.png", "images_001"),
        ("00001335_006.png", "images_001"),
        ("00001336_000.png", "images_002"),
        ("00003923_013.png", "images_002"),
        ("00003923_014.png", "images_003"),
        ("00030805_000.png", "images_012"),
    ],
)
def test_the_first_image_of_each_archive_maps_names_to_archives(image, archive):
    assert nih.archive_of(image) == archive


@pytest.mark.parametrize("image", ["00000000_000.png", "xray.png", "zebra.png", "00000001_000.jpg"])
def test_names_outside_the_release_have_no_archive(image):
    with pytest.raises(InputError, match=image):
        nih.archive_of(image)


def test_the_archives_are_those_of_the_release():
    assert [archive.number for archive in nih.ARCHIVES] == list(range(1, 13))
    assert sum(archive.bytes for archive in nih.ARCHIVES) == 45_079_862_784
    assert len({archive.md5 for archive in nih.ARCHIVES}) == len({a.url for a in nih.ARCHIVES}) == 12
    assert all(archive.url.startswith("https://nihcc.box.com/") for archive in nih.ARCHIVES)


def test_archives_that_nothing_speaks_of_decide_nothing(tmp_path):
    table = tmp_path / "labels.csv"
    table.write_text(
        "Image Index,Patient ID,View Position,Finding Labels\n"
        "00000001_000.png,1,PA,x\n00001336_000.png,1336,PA,x\n"
    )
    held = Layout([str(table)], {"images_001": "a"}, {}, is_made=False)
    assert nih.archives_asked(held, [12, 2, 1]) == [1, 2]  # the second is listed, and missed in the draw
    assert nih.archives_asked(held, [1]) == [1]
    assert nih.archives_asked(held._replace(labels=[]), [1, 2]) == [1]
    assert nih.archives_asked(held._replace(archives={"loose": "a"}), [1, 2]) == []
