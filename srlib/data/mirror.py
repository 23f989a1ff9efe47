"""Single images out of the release's zip mirror, by range requests: 0.4 MB an image, not 4 GB an archive.

The mirror is a copy by a third party; that its bytes are the NIH's is likely but unproven, so tables
made from it say where the images came from.
"""

import time
import zipfile
import zlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path, PurePosixPath

import remotezip
import requests
from requests.adapters import HTTPAdapter
from tqdm import tqdm
from urllib3.exceptions import HTTPError
from urllib3.util import Retry

from srlib.data.download import TIMEOUT, open_session
from srlib.data.extract import MAX_BYTES, Wanted
from srlib.data.images import decode_gray, write_files
from srlib.errors import InputError

CONNECTIONS = 4
ATTEMPTS = 5  # for the images that one connection reads, in a row without a new image
# Where a server is busy urllib3 asks again by itself, as the server's Retry-After says.
BUSY = Retry(
    total=5,
    backoff_factor=1,
    status_forcelist=(429, 500, 502, 503, 504),
    allowed_methods={"GET"},
    raise_on_status=False,
)
_FAULTS = (
    requests.RequestException,
    HTTPError,
    remotezip.RemoteIOError,
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
)


def extract_remote(url: str, images: Wanted, manifest: str | Path) -> None:
    """Write the asked (image, patient) pairs of a zip at `url` into the manifest's folder, bytes unchanged.

    Each image is checked by the zip's CRC-32 and decoded. Raises InputError, and writes no manifest,
    if the server cannot send ranges or stays away, or if an image is missing or damaged.
    """
    patients = dict(images)
    write_files(_fetch_all(url, patients), manifest)


def _fetch_all(url: str, patients: dict[str, str]) -> Iterator[tuple[str, str, bytes]]:
    names = sorted(patients)
    shares = [share for k in range(CONNECTIONS) if (share := names[k::CONNECTIONS])]
    with (
        ThreadPoolExecutor(CONNECTIONS) as pool,
        tqdm(total=len(names), unit="image", desc=PurePosixPath(url).name) as bar,
    ):
        for fetched in pool.map(lambda share: _fetch_share(url, share, bar), shares):
            for name, data in fetched.items():
                yield name, patients[name], data


def _fetch_share(url: str, names: list[str], bar: tqdm) -> dict[str, bytes]:
    """Fetch some members over one connection, opened anew after each fault."""
    fetched: dict[str, bytes] = {}
    failures = 0
    while len(fetched) < len(names):
        before = len(fetched)
        try:
            with _open(url) as archive:
                members = _members(archive, set(names), url)
                for name in names:
                    if name not in fetched:
                        fetched[name] = _read(archive, members, name, url)
                        bar.update()
        except remotezip.RangeNotSupported as error:
            raise InputError(f"{url}: the server sends no single ranges; use dataset.source: nih") from error
        except _FAULTS as error:
            failures = failures + 1 if len(fetched) == before else 1
            if failures == ATTEMPTS:
                raise InputError(
                    f"{url}: {error}, {failures} times in a row; check the network, then run the same "
                    "command again, or use dataset.source: nih"
                ) from error
            time.sleep(2.0 ** (failures - 1))
    return fetched


def _open(url: str) -> remotezip.RemoteZip:
    session = open_session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(max_retries=BUSY))
    return remotezip.RemoteZip(url, session=session, timeout=TIMEOUT)


def _members(archive: zipfile.ZipFile, wanted: set[str], url: str) -> dict[str, zipfile.ZipInfo]:
    """The wanted members of a zip by base name, in whatever folder they lie."""
    members: dict[str, zipfile.ZipInfo] = {}
    for info in archive.infolist():
        name = PurePosixPath(info.filename).name
        if name in members:
            raise InputError(f"{url}: holds {name} twice; use dataset.source: nih")
        if name in wanted:
            members[name] = info
    return members


def _read(archive: zipfile.ZipFile, members: dict[str, zipfile.ZipInfo], name: str, url: str) -> bytes:
    if name not in members:
        raise InputError(f"{url}: lacks {name}, which the split asks for; use dataset.source: nih")
    if members[name].file_size > MAX_BYTES:
        raise InputError(f"{url}: {name} claims {members[name].file_size} bytes, more than any radiograph")
    data = archive.read(members[name])
    decode_gray(data, f"{url}: {name}")
    return data
