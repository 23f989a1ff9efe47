"""What a picture is called, from the split to the scores, and whose it is: one spelling per patient."""

import hashlib
import os
import re
import unicodedata
from pathlib import PurePosixPath

from srlib.errors import InputError

SUFFIXES = {".png", ".jpg", ".jpeg", ".tif", ".tiff", ".dcm", ".dicom"}
# With the ending of a temporary file, below the 255 bytes that file systems allow.
MAX_BYTES = 200
_UNFIT = '/\\:"'
_LAST_PATIENT = 30805  # of the NIH release
_NUMBERED = re.compile(r"(\d{8})_\d{3}(\.\w+)?", re.ASCII)
# Sub-folders that hold parts of a data set, so are nobody's.
_PARTS = re.compile(r"train(ing)?|val(id(ation)?)?|test(ing)?|images?([_-]?\d+)?", re.IGNORECASE)
_NOBODY = {"", "-", "?", "na", "n/a", "nan", "none", "null", "unknown"} | {
    "anon", "anonym", "anonymous", "anonymized", "anonymised",
}  # fmt: skip


def picture_name(path: str) -> str:
    """What the picture of a file is called everywhere, by the file's path inside its source.

    `p1/study1/view1.jpg` -> `p1__study1__view1.png`: the folders, joined, and PNG, as the stages write it.
    An image of the NIH release keeps the release's name wherever it lies. Characters that are unfit for
    a file name become `_`; a name that is too long is cut, and ends with a digest of the path. A name
    gives itself again.
    """
    path = unicodedata.normalize("NFC", path)  # macOS writes an umlaut as two characters
    last = path.rpartition("/")[2]
    if release_patient(last):
        return png_name(last)
    name = png_name(path.replace("/", "__"))
    if not name.isprintable() or any(c in name for c in _UNFIT):
        name = "".join("_" if c in _UNFIT or not c.isprintable() else c for c in name)
    name = f"_{name[1:]}" if name[0] in ". " else name
    if len(name.encode()) <= MAX_BYTES:
        return name
    digest = hashlib.sha256(path.encode(errors="surrogateescape")).hexdigest()[:12]
    return f"{name.encode()[: MAX_BYTES - 20].decode(errors='ignore')}~{digest}.png"


def png_name(name: str) -> str:
    """What the picture of a file is called between stages: `x.dcm`, `x.jpg`, `x.png`, `x` -> `x.png`."""
    stem, suffix = os.path.splitext(name)  # noqa: PTH122 (fast, where there are thousands)
    return f"{stem if suffix.lower() in SUFFIXES else name}.png"


def as_utf8(name: str) -> str:
    """A name as a table can hold it: its bytes that are no UTF-8, which files may have, as `\\udcf6`."""
    return name.encode(errors="backslashreplace").decode()


def is_dicom(data: bytes) -> bool:
    """Whether a file's first 132 bytes are those of a DICOM file."""
    return data[128:132] == b"DICM"


def release_patient(name: str) -> str | None:
    """The patient in the name of an image of the NIH release, `00000013_005.png` -> "13"; else None."""
    match = _NUMBERED.fullmatch(name)
    return str(int(match[1])) if match and 1 <= int(match[1]) <= _LAST_PATIENT else None


def patient_in(path: str) -> tuple[str, str]:
    """The patient that a file's path inside its source tells of, and what in it does.

    A name of the release's form holds the patient's number; else the first folder is the patient's,
    below folders such as `train` or `images`, which hold parts of a data set; else the picture stands
    alone.
    """
    *folders, name = PurePosixPath(path).parts
    if match := _NUMBERED.fullmatch(name):
        return canonical(match[1]), "name"
    if own := [folder for folder in folders if not _PARTS.fullmatch(folder)]:
        return as_utf8(own[0]), "first folder"
    return picture_name(path), "picture alone"


def canonical(patient: str) -> str:
    """One spelling of a patient: ` 1`, `1.0` and `00000001` are `1`; "" where it names nobody.

    Placeholders such as ANONYMOUS name nobody: not all those pictures are of one person.
    """
    patient = patient.strip()
    number = re.fullmatch(r"0*(\d+)(\.0*)?", patient, re.ASCII)
    return number[1] if number else "" if patient.casefold() in _NOBODY else patient


def check_patient(image: str, patient: str, origin: str) -> None:
    """Raise InputError if an image of the NIH release is given to another patient than its name says."""
    named = release_patient(image.rpartition("/")[2])
    if named and patient and patient != named:
        raise InputError(
            f"{origin}: {image} is given to patient {patient}, but by its name it is of patient {named}; "
            "correct the table (a column sorted alone?), since one patient in two splits is a leak"
        )
