"""An archive of forty images, as a mirror has it, on a server that misbehaves, and what comes of it."""

import io
import zipfile

import numpy as np
import pytest
from server import serving

from srlib.data import images
from srlib.data.mirror import extract_remote
from srlib.errors import InputError

NAMES = [f"{i:08d}_000.png" for i in range(1, 41)]
WANTED = [(name, str(i)) for i, name in enumerate(NAMES, 1) if i % 4 == 0]


def png(seed):
    # Noise, so that the archive is far larger than what is asked of it.
    return images.encode_png(np.random.default_rng(seed).integers(0, 256, (150, 150), dtype=np.uint8))


def zip_of(members):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in members:
            archive.writestr(name, data)
    return buffer.getvalue()


MEMBERS = [(f"images_001/images/{name}", png(i)) for i, name in enumerate(NAMES, 1)]
MEMBERS += [(f"{folder}/.DS_Store", b"x") for folder in ("images_001", "images_001/images")]
MEMBERS += [(f"__MACOSX/images_001/images/._{name}", b"x") for name in NAMES]
ZIP = zip_of(MEMBERS)


def fetched(answer, manifest):
    with serving(answer) as server:
        extract_remote(server.url, WANTED, manifest)
    folder = images.folder_of(manifest)
    for name, patient in WANTED:
        assert (folder / name).read_bytes() == png(int(patient))
    assert [(row["name"], row["patient"]) for row in images.read_manifest(manifest)] == WANTED
    return server.seen


def refused(answer, manifest, said, **options):
    with serving(answer) as server, pytest.raises(InputError, match=said) as error:
        extract_remote(server.url, WANTED, manifest, **options)
    assert str(error.value).isprintable() and len(str(error.value)) < 600
    assert server.url in str(error.value)
    assert not manifest.exists()
    return server.seen
