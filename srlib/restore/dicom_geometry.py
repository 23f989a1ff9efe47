"""What a DICOM header says in pixels of its picture, for a picture of more pixels."""

from collections.abc import Callable
from typing import Any

import numpy as np
from pydicom.dataset import Dataset
from pydicom.multival import MultiValue
from pydicom.valuerep import DSfloat

# Distances between the centres of neighbouring pixels, in mm: rows, columns.
_SPACINGS = ("ImagerPixelSpacing", "NominalScannedPixelSpacing", "PixelSpacing")
# Rows and columns, counted from 1 (PS3.3, C.7.6.11 and C.8.7.3).
_PLACES = (
    "CenterOfCircularCollimator",
    "CenterOfCircularShutter",
    "CollimatorLeftVerticalEdge",
    "CollimatorLowerHorizontalEdge",
    "CollimatorRightVerticalEdge",
    "CollimatorUpperHorizontalEdge",
    "ShutterLeftVerticalEdge",
    "ShutterLowerHorizontalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "VerticesOfThePolygonalCollimator",
    "VerticesOfThePolygonalShutter",
)
_RADII = ("RadiusOfCircularCollimator", "RadiusOfCircularShutter")
# Elements of an overlay's group 60xx (PS3.3, C.9.2).
_ROWS, _COLUMNS, _ORIGIN, _DATA = 0x0010, 0x0011, 0x0050, 0x3000
_COUNTED = (0x1301, 0x1302, 0x1303)  # pixels, mean and deviation of the region that it marks


def enlarge(image: Dataset, scale: int) -> None:
    """Rewrite spacings, shutters, collimators and overlays for a picture of `scale` times the sides."""
    for keyword in _SPACINGS:
        _change(image, keyword, lambda spacing: DSfloat(spacing / scale, auto_format=True))
    for keyword in _PLACES:  # the middle of the pixels that the one has become
        _change(image, keyword, lambda place: round((place - 0.5) * scale + 0.5))
    for keyword in _RADII:
        _change(image, keyword, lambda radius: radius * scale)
    for group in range(0x6000, 0x6020, 2):
        if image.group_dataset(group):
            _enlarge_overlay(image, group, scale)


def _change(image: Dataset, keyword: str, change: Callable[[Any], Any]) -> None:
    """Change each of an attribute's numbers; one that is missing or empty stays so."""
    value = image.get(keyword)
    if isinstance(value, MultiValue):
        setattr(image, keyword, [change(number) for number in value])
    elif value is not None and value != "":
        setattr(image, keyword, change(value))


def _enlarge_overlay(image: Dataset, group: int, scale: int) -> None:
    """Repeat an overlay's bits. One inside the unused bits of the pixels, as before 2004, goes with them."""
    if (group, _DATA) not in image:
        for element in image.group_dataset(group):
            del image[element.tag]
        return
    rows, columns, data = (image[group, element] for element in (_ROWS, _COLUMNS, _DATA))
    cells = data.value
    if data.VR == "OW" and image.original_encoding[1] is False:
        cells = np.frombuffer(cells, ">u2").astype("<u2").tobytes()
    bits = np.unpackbits(np.frombuffer(cells, "u1"), bitorder="little")[: rows.value * columns.value]
    bits = bits.reshape(rows.value, columns.value).repeat(scale, axis=0).repeat(scale, axis=1)
    rows.value, columns.value = bits.shape
    packed = np.packbits(bits, bitorder="little").tobytes()
    data.value = packed + b"\0" * (len(packed) % 2)
    if origin := image.get((group, _ORIGIN)):
        origin.value = [(place - 1) * scale + 1 for place in origin.value]
    for element in _COUNTED:
        image.pop((group, element), None)
