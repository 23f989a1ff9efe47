"""Restored DICOM files: what they show, and what dciodvfy and dcmtk find."""

import io
import shutil
import subprocess

import numpy as np
import pydicom
import pytest
from deriving import NOTE, SOURCES, restored, shown
from dicoms import dcmtk_gray
from pydicom import uid

from srlib.restore.dicom import derived


@pytest.mark.parametrize("case", SOURCES)
def test_a_restored_file_shows_the_restored_picture_in_the_bits_of_its_source(case):
    before, sr = pydicom.dcmread(io.BytesIO(SOURCES[case])), restored(SOURCES[case])
    data = derived(SOURCES[case], "x.dcm", sr, NOTE, anonymise=False)
    after = pydicom.dcmread(io.BytesIO(data))
    assert after.file_meta.TransferSyntaxUID == uid.ExplicitVRLittleEndian
    assert (after.Rows, after.Columns, after.PhotometricInterpretation) == (64, 64, "MONOCHROME2")
    assert (after.BitsAllocated, after.BitsStored) == (before.BitsAllocated, before.BitsStored)
    assert (after.HighBit, after.PixelRepresentation) == (before.BitsStored - 1, 0)
    np.testing.assert_allclose(shown(data), np.clip(sr, 0, 1), atol=0.5001 / (2**after.BitsStored - 1))
    small = shown(data).reshape(16, 4, 16, 4).mean(axis=(1, 3))
    np.testing.assert_allclose(small, shown(SOURCES[case]), atol=0.02)


@pytest.mark.parametrize("case", SOURCES)
def test_dcmtk_shows_the_restored_picture(case, tmp_path):
    sr = restored(SOURCES[case])
    data = derived(SOURCES[case], "x.dcm", sr, NOTE, anonymise=False)
    window = () if "for processing" in case else ("+Wi", "1")
    seen = dcmtk_gray(data, tmp_path, *window).astype(float)
    np.testing.assert_allclose(seen, 255 * np.clip(sr, 0, 1), atol=1.2)  # it rounds down


@pytest.mark.parametrize("case", SOURCES)
@pytest.mark.parametrize("anonymise", [False, True])
def test_dciodvfy_finds_nothing_that_it_does_not_find_in_the_source(case, anonymise, tmp_path):
    source = SOURCES[case]
    data = derived(source, "x.dcm", restored(source), NOTE, anonymise)
    findings = dciodvfy(data, tmp_path) - dciodvfy(source, tmp_path)
    if anonymise:  # for which the study's date, time and number would have to stay
        findings = {line for line in findings if not line.endswith("needed to build DICOMDIR")}
    assert findings == set()


def dciodvfy(data, folder):
    if not (program := shutil.which("dciodvfy")):
        pytest.skip("no dciodvfy (Debian package dicom3tools)")
    (folder / "x.dcm").write_bytes(data)
    run = subprocess.run([program, "-new", folder / "x.dcm"], capture_output=True, text=True)
    assert "Image" in run.stderr  # the kind that it took it for
    return set(run.stderr.splitlines())
