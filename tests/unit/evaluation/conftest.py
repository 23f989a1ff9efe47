from collections.abc import Iterator
from pathlib import Path

import lpips_files
import pytest

from srlib import lpips_file
from srlib.files import sha256


@pytest.fixture(scope="module")
def metric_files(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """A file of made-up weights for each metric that needs one, taken for the published one."""
    path: Path = tmp_path_factory.mktemp("files") / "vgg16.ckpt"
    lpips_files.write(path)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lpips_file, "SHA256", sha256(path))
        yield {"lpips": str(path)}
