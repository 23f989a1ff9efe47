"""The NIH ChestX-ray14 release: its archives, and which image lies in which.

Release: https://nihcc.app.box.com/v/ChestXray-NIHCC (X. Wang et al., ChestX-ray8, CVPR 2017).
"""

import bisect
import re
from contextlib import suppress
from typing import NamedTuple

from srlib.data.labels import catalog
from srlib.data.source import LOOSE, Layout, archive_name
from srlib.errors import InputError


class Archive(NamedTuple):
    """One archive of the release: address, size, MD5 (from the release's FAQ), first image in it."""

    number: int
    url: str
    bytes: int
    md5: str
    first: str

    @property
    def name(self) -> str:
        """The archive's name in paths and in split files: `images_003`."""
        return archive_name(self.number)


_STATIC = "https://nihcc.box.com/shared/static/"
_BOX_FILE = (
    "https://nihcc.app.box.com/index.php?rm=box_download_shared_file&vanity_name=ChestXray-NIHCC&file_id="
)

# The images are consecutive in the sorted names, so the first image of each archive maps name to archive.
# fmt: off
_FACTS = [
    (1, "vfk49d74nhbxq3nqjg0900w5nvkorp5c", 2008470987, "fe8ed0a6961412fddcbb3603c11b3698", "00000001_000"),
    (2, "i28rlmbvmfjbl8p2n3ril0pptcmcu9d1", 3952623504, "ab07a2d7cbe6f65ddd97b4ed7bde10bf", "00001336_000"),
    (3, "f1t00wrtdk94satdfb9olcolqx20z2jp", 3929234850, "2301d03bde4c246388bad3876965d574", "00003923_014"),
    (4, "0aowwzs5lhjrceb3qp67ahp0rd1l1etg", 3838903983, "9f1b7f5aae01b13f4bc8e2c44a4b8ef6", "00006585_007"),
    (5, "v5e3goj22zr6h8tzualxfsqlqaygfbsn", 3935496531, "1861f3cd0ef7734df8104f2b0309023b", "00009232_004"),
    (6, "asi7ikud9jwnkrnkj99jnpfkjdes7l6l", 3986301172, "456b53a8b351afd92a35bc41444c58c8", "00011558_008"),
    (7, "jn1b4mw4n6lnh74ovmcjb8y48h8xj07n", 4016328426, "1075121ea20a137b87f290d6a4a5965e", "00013774_026"),
    (8, "tvpxmn7qyrgl0w8wfh9kqfjskv6nmm1j", 4018347353, "b61f34cec3aa69f295fbb593cbd9d443", "00016051_010"),
    (9, "upyy3ml7qdumlgk2rfcvlb9k6gvqq2pj", 4111327929, "442a3caa61ae9b64e61c561294d1e183", "00018387_035"),
    (10, "l6nilvfa9cg3s28tqv1qc1olm3gnz54p", 4181556296, "09ec81c4c31e32858ad8cf965c494b74", "00020945_050"),
    (11, "hhq8fkdgvcari67vfhs7ppg2w6ni4jze", 4187084020, "499aefc67207a5a97692424cf5dbeed5", "00024718_000"),
    (12, "ioqwiy20ihqwyr8pf4c24eazhh281pbu", 2914187733, "dc9fda1757c2de0032b63347a7d2895c", "00028173_003"),
]
# fmt: on
ARCHIVES = [
    Archive(number, f"{_STATIC}{address}.gz", size, md5, f"{first}.png")
    for number, address, size, md5, first in _FACTS
]

LABELS_URL = _BOX_FILE + "f_219760887468"  # Data_Entry_2017_v2020.csv
LIST_URLS = {  # the release's own split, disjoint by patient
    "train_val_list.txt": _BOX_FILE + "f_256056636701",
    "test_list.txt": _BOX_FILE + "f_256055473534",
}
_FIRST_IMAGES = [archive.first for archive in ARCHIVES]


def archive_of(image: str) -> str:
    """The archive that holds an image of the release: "00003923_014.png" -> "images_003".

    Raises InputError if the name has not the release's form, 8 digits, `_`, 3 digits, `.png`.
    """
    position = bisect.bisect_right(_FIRST_IMAGES, image)
    if position == 0 or not re.fullmatch(r"\d{8}_\d{3}\.png", image):
        raise InputError(f"{image}: no image of the NIH release, so it is in none of its archives")
    return ARCHIVES[position - 1].name


def archives_asked(held: Layout, numbers: list[int]) -> list[int]:
    """Of the release's archives numbered, those that a source holds or that its label tables list.

    What decides a sample: an archive that nothing speaks of does not. None where the images lie loose.
    """
    if LOOSE in held.archives:
        return []
    listed = set(held.archives)
    with suppress(InputError, FileNotFoundError):  # the job that reads the tables reports it; or not made yet
        listed |= {archive_of(label.image) for label in catalog.read(held.labels)}
    return [number for number in sorted(numbers) if archive_name(number) in listed]
