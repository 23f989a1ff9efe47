"""The NIH ChestX-ray14 release: its archives, its label table, and how to read every edition of it.

Release: https://nihcc.app.box.com/v/ChestXray-NIHCC (X. Wang et al., ChestX-ray8, CVPR 2017).
"""

import bisect
import re
import warnings
from pathlib import Path
from typing import NamedTuple

import pandas as pd

from srlib.data.source import archive_name
from srlib.errors import InputError
from srlib.files import plain_name


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
LABEL_COLUMNS = ["image", "patient", "view", "findings"]

_PUBLISHED = {
    "Image Index": "image",
    "Patient ID": "patient",
    "View Position": "view",
    "Finding Labels": "findings",
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


def read_labels(path: str | Path) -> pd.DataFrame:
    """Read a label table in any published edition: columns image, patient, view, findings, all str.

    The editions differ in columns that are not read here (ages such as `058Y`, Gender or Sex,
    a trailing comma). Raises InputError for a missing column, an HTML page, a table without rows,
    an image listed twice, or an image name that is no plain file name.
    """
    remedy = "fetch Data_Entry_2017_v2020.csv from https://nihcc.app.box.com/v/ChestXray-NIHCC again"
    try:
        with warnings.catch_warnings(action="ignore", category=pd.errors.ParserWarning):  # trailing commas
            table = pd.read_csv(path, dtype=str, keep_default_na=False, index_col=False, encoding="utf-8-sig")
    except FileNotFoundError:
        raise InputError(f"{path}: no such label table; {remedy}") from None
    except (ValueError, EOFError, OSError) as error:  # pandas' parser errors are ValueErrors
        raise InputError(f"{path}: not a label table ({error}); {remedy}") from error
    table.columns = table.columns.str.strip()
    missing = [column for column in _PUBLISHED if column not in table]
    if missing:
        is_page = str(table.columns[0]).lstrip().lower().startswith(("<!doctype", "<html"))
        kind = "an HTML page, not a label table" if is_page else f"no column {', '.join(missing)}"
        raise InputError(f"{path}: {kind}; {remedy}")
    if table.empty:
        raise InputError(f"{path}: a label table without rows; {remedy}")
    labels = table[list(_PUBLISHED)].rename(columns=_PUBLISHED)
    for image in labels["image"]:
        plain_name(image, str(path))
    repeated = labels["image"][labels["image"].duplicated()]
    if len(repeated):
        raise InputError(f"{path}: lists {repeated.iloc[0]} twice; {remedy}")
    return labels
