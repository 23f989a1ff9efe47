"""Restored DICOM files without the patient."""

import io

import numpy as np
import pydicom
import pytest
from dicoms import CR, DX, RAMP, code, dicom_file
from pydicom.dataset import Dataset

from srlib.errors import InputError
from srlib.restore import dicom_profile
from srlib.restore.dicom import derived
from srlib.restore.note import Note

NOTE = Note("vdsr", "ab" * 32, 4)
# Attributes of all kinds that may name somebody, somewhere or some day, as vendors fill them.
TELLING = {
    "PatientName": "Zebra^Zoe", "PatientID": "ZEBRA77", "PatientBirthDate": "19500203", "PatientAge": "074Y",
    "OtherPatientNames": "Zebra^Zara", "PatientAddress": "Zebra Road 1", "PatientComments": "Zebra",
    "ReferringPhysicianName": "Zebra^Zack", "OperatorsName": ["Zebra^Zed", "Zebra^Zen"],
    "PerformingPhysicianName": "Zebra^Zia", "PhysiciansOfRecord": "Zebra^Zo", "InstitutionName": "Zebra",
    "InstitutionAddress": "Zebra Road 2", "InstitutionalDepartmentName": "Zebra Ward", "StationName": "ZEBRA",
    "AccessionNumber": "ZEBRA1", "StudyID": "ZEBRA2", "StudyDescription": "Zebra", "SeriesDescription": "Zoo",
    "ProtocolName": "Zebra", "ImageComments": "Zebra", "DeviceSerialNumber": "ZEBRA3", "DetectorID": "ZEBRA4",
    "PlateID": "ZEBRA5", "CassetteID": "ZEBRA6", "DerivationDescription": "Zoo",
    "RequestingPhysician": "Zebra^Z",
    "StudyDate": "19991231", "SeriesDate": "19991231", "AcquisitionDate": "19991231",
    "ContentDate": "19991231", "StudyTime": "123456", "SeriesTime": "123456", "AcquisitionTime": "123456",
    "ContentTime": "123456", "AcquisitionDateTime": "19991231123456", "DateOfSecondaryCapture": "19991231",
    "ClinicalTrialSubjectID": "ZEBRA8", "IrradiationEventUID": ["1.99.99.1", "1.99.99.2"],
    "StudyInstanceUID": "1.99.99.3", "SeriesInstanceUID": "1.99.99.4", "FrameOfReferenceUID": "1.99.99.5",
    "SOPInstanceUID": "1.99.99.6",
}  # fmt: skip
# Whole dates: a new UID has 39 random digits, and any four of them now and then.
TRACES = (b"zebra", b"zoo", b"19991231", b"19500203", b"074y", b"123456", b"1.99.99")


def nested():
    """A dataset that is kept, with somebody's name and a private note inside."""
    item = code("272479007", "SCT", "postero-anterior")[0]
    item.OperatorsName = "Zebra^Zita"
    item.private_block(0x0009, "ZEBRA", create=True).add_new(1, "LO", "Zebra")
    return [item]


def telling(**fields):
    reference = Dataset()
    reference.ReferencedSOPInstanceUID = "1.99.99.7"
    request = Dataset()
    request.ScheduledProcedureStepDescription = "Zebra"
    image = pydicom.dcmread(io.BytesIO(dicom_file(**DX | TELLING | fields)))
    image.ViewCodeSequence = nested()
    image.SourceImageSequence = image.ReferencedImageSequence = [reference]
    image.RequestAttributesSequence = [request]
    image.private_block(0x0029, "ZEBRA", create=True).add_new(1, "UN", b"Zebra")
    image.add_new(0x00080201, "SH", "Zebra")  # here is the time zone
    image.add_new(0x00183333, "LO", "Zebra")  # the standard knows no such attribute
    image.add_new(0x60003000, "OW", b"Zebra ")
    image.add_new("ProjectionEponymousNameCodeSequence", "UN", b"Zebra " * 2**14)  # stays bytes
    image.preamble = b"Zebra".ljust(128, b"\0")
    image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    image.file_meta.SourceApplicationEntityTitle = "ZEBRA"
    image.save_as(buffer := io.BytesIO())
    return buffer.getvalue()


def restore(source, anonymise=True):
    picture = np.kron(RAMP / 4095, np.ones((4, 4)))
    return derived(source, "x.dcm", picture, NOTE, anonymise)


def header(source):
    return pydicom.dcmread(io.BytesIO(restore(source)))


def test_nothing_tells_the_patient_people_places_or_times():
    source = telling()
    assert all(trace in source.lower() for trace in TRACES)
    after = restore(source).lower()
    assert [trace for trace in TRACES if trace in after] == []


def test_the_examination_and_that_it_is_anonymous_can_be_read():
    before, after = pydicom.dcmread(io.BytesIO(telling())), header(telling())
    for keyword in ("Modality", "SOPClassUID", "ViewPosition", "AnatomicRegionSequence", "Manufacturer"):
        assert after[keyword] == before[keyword]
    assert after.ViewCodeSequence[0].CodeMeaning == "postero-anterior"
    assert after.PatientIdentityRemoved == "YES"
    assert after.DeidentificationMethodCodeSequence[0].CodeValue == "113100"  # PS3.16, CID 7050
    assert after.LongitudinalTemporalInformationModified == "REMOVED"
    assert "NOT FOR DIAGNOSIS" in after.DerivationDescription


def test_patients_studies_and_series_stay_apart_and_together():
    one, again = header(telling()), header(telling(SOPInstanceUID="1.99.99.8"))
    other = header(telling(PatientID="ZEBRA78", StudyInstanceUID="1.99.99.9", SeriesInstanceUID="1.99.99.10"))
    for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert one[keyword] == again[keyword] != other[keyword]
    assert one.SOPInstanceUID != again.SOPInstanceUID
    assert not header(telling(PatientID="")).PatientID


def test_the_new_names_cannot_be_found_from_the_old_ones(monkeypatch):
    """Not by whoever knows the source's UIDs and this code: another run gives others."""
    one = header(telling())
    monkeypatch.setattr(dicom_profile, "_SECRET", "another run")
    other = header(telling())
    for keyword in ("PatientID", "StudyInstanceUID", "SeriesInstanceUID"):
        assert one[keyword] != other[keyword]


def test_what_is_written_into_the_picture_cannot_be_removed():
    source = dicom_file(**CR, BurnedInAnnotation="YES")
    with pytest.raises(InputError, match=r"x\.dcm: .*BurnedInAnnotation"):
        restore(source)
    assert restore(source, anonymise=False)
