"""Writing files so that a reader sees all of a file or none of it."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from srlib.errors import InputError

_UMASK = os.umask(0o077)  # it can only be read by setting it, which threads must not do
os.umask(_UMASK)


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """Give a temporary path beside `path`; rename it to `path` when the block ends well.

    If the block raises, a full disk included, the temporary file is removed and whatever
    was at `path` before is still there.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    with naming(path):
        temporary = _temporary(path)
        try:
            yield temporary
            temporary.chmod(0o666 & ~_UMASK)
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)


def _temporary(path: Path) -> Path:
    """A new, empty, hidden file beside `path`."""
    # Cut, so that a name as long as the file system allows has a temporary one, too.
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=_hidden(path), suffix=path.suffix[:20])
    os.close(handle)
    return Path(name)


def remove_leftovers(path: Path) -> None:
    """Remove what `replacing` left since its process was killed; only where nobody else writes `path`."""
    for entry in path.parent.iterdir():
        if entry.name.startswith(_hidden(path)):
            entry.unlink()


def _hidden(path: Path) -> str:
    """How the name of a temporary file for `path` begins."""
    return f".{path.name[:40]}."


@contextmanager
def replacing_folder(folder: str | Path) -> Iterator[Path]:
    """Give an empty folder beside `folder`; it takes the place of `folder` when the block ends well.

    Whoever deletes or writes `folder` meanwhile does not touch what the block makes. If the block
    raises, its folder is removed; one that a killed process left is emptied by the next. For one
    process at a time.
    """
    if unfinished(folder).exists():
        shutil.rmtree(unfinished(folder))
    try:
        with continued_folder(folder) as temporary:
            yield temporary
    finally:
        shutil.rmtree(unfinished(folder), ignore_errors=True)


@contextmanager
def continued_folder(folder: str | Path) -> Iterator[Path]:
    """Give a folder that takes the place of `folder`, as `replacing_folder`, but is never emptied.

    What a block has put there stays, however it or its process ends, for the next one to go on from.
    """
    folder, temporary = Path(folder), unfinished(folder)
    temporary.mkdir(parents=True, exist_ok=True)
    with naming(folder):
        yield temporary
        if folder.exists():
            shutil.rmtree(folder)
        temporary.replace(folder)


def unfinished(folder: str | Path) -> Path:
    """Where a folder is made: beside it, since Snakemake deletes the outputs of a job that it runs again."""
    folder = Path(folder)
    return folder.with_name(f".{folder.name}.unfinished")


@contextmanager
def naming(path: str | Path) -> Iterator[None]:
    """Give an OSError of the block the name of the file that is written, which write() does not know.

    It replaces that of a temporary file for it, too, which a person never sees. Raises the OSError, too,
    where torch.save has made a RuntimeError of it.
    """
    try:
        yield
    except (OSError, RuntimeError) as error:
        fault = error if isinstance(error, OSError) else error.__context__
        if isinstance(fault, OSError) and fault.errno:
            if not fault.filename or Path(str(fault.filename)).name.startswith(_hidden(Path(path))):
                fault.filename = str(path)
            raise fault from None
        raise


def sha256(path: str | Path) -> str:
    """Of a file's content, in hex."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def plain_name(name: str, origin: str) -> str:
    """Give `name` back if it names a file inside a folder, whatever the folder and the system.

    Raises InputError, naming `origin` (the file it was read from), for a path, a hidden file or
    a name with control characters: such a name could write outside the folder.
    """
    if not name or name[0] in ". " or any(c in '/\\:"' or not c.isprintable() for c in name):
        raise InputError(f"{origin}: {name!r} is no plain file name; correct or remove that entry")
    return name
