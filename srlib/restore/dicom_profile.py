"""DICOM files without the patient: the Basic Application Level Confidentiality Profile.

PS3.15, annex E; its table E.1-1, some 650 attributes, is that of the package dicom-anonymizer. Applied here
to the datasets inside sequences too, as the standard says. Where the table leaves a choice, what is chosen
suits the attributes' types in the images that radiographs are. Attributes that the standard does not
know, as far as pydicom does, are removed like private ones.
"""

import hashlib
import secrets
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from dicomanonymizer.dicomfields_selector import dicom_anonymization_database_selector
from pydicom.datadict import dictionary_has_tag, dictionary_VR
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.sr.codedict import codes
from pydicom.tag import BaseTag, Tag
from pydicom.uid import generate_uid

from srlib.data.dicom_header import FAULTS, read
from srlib.data.names import is_dicom
from srlib.errors import InputError, shown
from srlib.restore.dicom_code import coded

EDITION = "2026c"
# Another in every run, so that nobody who knows a UID or a patient's number can find it in a new one.
_SECRET = secrets.token_hex()
_PATIENT_ID = Tag("PatientID")
_DUMMIES = {
    "DA": "19000101",
    "DT": "19000101000000",
    "TM": "000000",
    **dict.fromkeys(["AE", "CS", "LO", "LT", "PN", "SH", "ST", "UC", "UT"], "ANONYMIZED"),
}


def apply(image: Dataset, name: str) -> None:
    """Take from a dataset whatever tells the patient, people, places and times.

    UIDs and patient numbers become others, the same ones for the same within a run.
    Raises InputError if the dataset says that the patient can be read in the picture itself.
    """
    if image.get("BurnedInAnnotation") == "YES":
        raise InputError(
            f"{name}: its picture has the patient's data written into it (BurnedInAnnotation is YES), which "
            "cannot be removed; black them out, and set BurnedInAnnotation to NO"
        )
    _clean(image)
    image.PatientIdentityRemoved = "YES"
    image.DeidentificationMethod = f"DICOM PS3.15-{EDITION} E.1-1 Basic Profile; pixels as they were"
    image.DeidentificationMethodCodeSequence = [coded(codes.DCM.BasicApplicationConfidentialityProfile)]
    image.LongitudinalTemporalInformationModified = "REMOVED"


def require(files: Iterable[Path]) -> None:
    """Raise InputError for a restored DICOM file, made before, that tells of the patient."""
    for path in files:
        try:
            with path.open("rb") as file:
                if not is_dicom(file.read(256)):
                    continue
                file.seek(0)
                applied = read(file, stop_before_pixels=True).get("PatientIdentityRemoved") == "YES"
        except FAULTS as error:
            raise InputError(f"{path}: not a readable DICOM file ({shown(error)}); delete it") from error
        if not applied:
            raise InputError(
                f"{path}: is there already, and tells of the patient; --force makes it anew without, or name "
                "another --output"
            )


def _clean(data: Dataset) -> None:
    for tag in list(data.keys()):
        match _action(tag):
            case "remove":
                del data[tag]
            case "empty" if tag == _PATIENT_ID and data[tag].value:
                data[tag].value = _pseudonym(str(data[tag].value))
            case "empty":
                data[tag].clear()
            case "replace":
                data[tag].value = _DUMMIES[dictionary_VR(tag)]
            case "renew":
                uids = data[tag].value
                data[tag].value = [*map(_renewed, uids)] if isinstance(uids, MultiValue) else _renewed(uids)
            case "keep" if data[tag].VR == "UN":  # what is not looked into may hold anything
                del data[tag]
            case "keep" if data[tag].VR == "SQ":
                for item in data[tag].value:
                    _clean(item)


def _action(tag: BaseTag) -> str:
    """What becomes of an attribute."""
    if not dictionary_has_tag(tag):  # private, unknown, or of an overlay or a curve, which have many groups
        return "remove"
    action = _table().get(tag, "keep")
    return "remove" if action == "replace" and dictionary_VR(tag) not in _DUMMIES else action


@cache
def _table() -> dict[int, str]:
    """Tag -> action, of table E.1-1."""
    table = dicom_anonymization_database_selector(f"dicomfields_{EDITION}")
    actions = {
        "remove": ("X_TAGS", "X_D_TAGS", "X_Z_D_TAGS"),
        "empty": ("Z_TAGS", "Z_D_TAGS", "X_Z_TAGS", "X_Z_U_STAR_TAGS"),
        "replace": ("D_TAGS",),
        "renew": ("U_TAGS",),
    }
    return {
        Tag(tag): action
        for action, kinds in actions.items()
        for kind in kinds
        for tag in table[kind]
        if len(tag) == 2  # the others are those of overlays and curves
    }


def _renewed(old: str) -> str:
    return generate_uid(entropy_srcs=[_SECRET, old]) if old else ""


def _pseudonym(patient: str) -> str:
    return hashlib.sha256(f"{_SECRET} {patient}".encode()).hexdigest()[:16]
