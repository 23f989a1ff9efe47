"""Checking every picture of a results folder against its manifest."""

import hashlib
from pathlib import Path

from tqdm import tqdm

from srlib.data.images import folder_of, read_manifest
from srlib.errors import InputError

# Of each stage, by its place; not by any depth: the results of another run may lie below these.
_MANIFESTS = [f"{stage}.manifest.csv" for stage in ("raw/*", "hr/*", "lr/*/*", "models/*/*/sr")]


def verify(results: str | Path) -> int:
    """Check each folder of pictures in `results`: how many pictures agree with their manifests.

    Raises InputError that names every picture that is missing, altered or unknown to its manifest,
    and the command that rebuilds it.
    """
    manifests = [path for pattern in _MANIFESTS for path in sorted(Path(results).glob(pattern))]
    if not manifests:
        raise InputError(f"{results}: nothing to verify; run snakemake first, or give --config results=...")
    checked, faults = 0, []
    for manifest in tqdm(manifests, unit="folder", desc="verify"):
        found, wrong = _check(manifest)
        checked += found
        if wrong:
            remedy = f"to rebuild: snakemake --cores all --force {manifest} (and the options of this run)"
            faults += [*wrong, f"  {remedy}"]
    if faults:
        raise InputError(f"{results}: not as it was made\n" + "\n".join(faults))
    return checked


def _check(manifest: Path) -> tuple[int, list[str]]:
    """How many pictures a manifest lists, and what is wrong with them."""
    try:
        rows = read_manifest(manifest)
    except InputError as error:
        return 0, [str(error)]
    folder, faults = folder_of(manifest), []
    for row in rows:
        path = folder / row["name"]
        if not path.is_file():
            faults.append(f"{path}: missing")
        elif hashlib.sha256(path.read_bytes()).hexdigest() != row["sha256"]:
            faults.append(f"{path}: altered")
    known = {row["name"] for row in rows}
    # Hidden files are Snakemake's own, and the file manager's.
    strange = [path for path in folder.glob("*") if path.name not in known and path.name[0] != "."]
    return len(rows), faults + [f"{path}: not in {manifest.name}" for path in sorted(strange)]
