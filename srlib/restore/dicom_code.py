"""Coded concepts of DICOM's own vocabulary, as items of a sequence."""

from pydicom.dataset import Dataset
from pydicom.sr.coding import Code


def coded(code: Code) -> Dataset:
    """The item that names a concept (PS3.3, table 8.8-1)."""
    item = Dataset()
    item.CodeValue = code.value
    item.CodingSchemeDesignator = code.scheme_designator
    item.CodeMeaning = code.meaning
    return item
