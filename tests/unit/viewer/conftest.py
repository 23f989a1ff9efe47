"""Three pictures in the viewer, and the viewer in a real browser, without a network."""

import numpy as np
import pandas as pd
import pytest
import skimage.data
from viewing import NASTY

from srlib.data.degrade import degrade
from srlib.data.images import Picture, write_pictures
from srlib.data.resample import resize
from srlib.evaluation.metrics import METRICS
from srlib.specs.degradation import Degradation
from srlib.viewer import build


@pytest.fixture(scope="session")
def html(tmp_path_factory):
    folder = tmp_path_factory.mktemp("viewer")
    camera = skimage.data.camera()
    hr = [
        Picture(f"{i}.png", str(i), np.ascontiguousarray(camera[i * 90 :][:192, i * 80 :][:, :192]))
        for i in range(3)
    ]
    lr = [picture._replace(pixels=degrade(picture.pixels, Degradation(4))) for picture in hr]
    smooth = [picture._replace(pixels=resize(picture.pixels, 192, 192)) for picture in lr]
    for name, pictures in {"hr": hr, "lr": lr, "smooth": smooth, "copy": hr}.items():
        write_pictures(pictures, folder / f"{name}.manifest.csv")
    rows = {"image": ["0.png", "1.png", "2.png"]} | dict.fromkeys(METRICS, 0.5)
    pd.DataFrame(rows | {"psnr": [31.0, 33.0, 32.0], "gmsd": [0.1, 0.2, 0.3]}).to_csv(folder / "smooth.csv")
    pd.DataFrame(rows | {"psnr": np.inf}).to_csv(folder / "copy.csv")
    manifests = {NASTY: folder / "smooth.manifest.csv", "HR": folder / "copy.manifest.csv"}
    scores = {NASTY: folder / "smooth.csv", "HR": folder / "copy.csv"}
    files = folder / "hr.manifest.csv", folder / "lr.manifest.csv"
    build.build(*files, manifests, scores, NASTY, f"Three pictures. {NASTY}", folder / "viewer.html")
    return folder / "viewer.html"


@pytest.fixture
def page(browser, html):
    page = browser.new_page(viewport={"width": 1300, "height": 850})
    faults, requests = [], []
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on("console", lambda message: faults.append(message.text))
    page.on("request", lambda request: requests.append(request.url))
    page.goto(html.as_uri())
    page.locator("#scores tbody tr").first.wait_for()
    yield page
    page.close()
    assert faults == []
    assert [url for url in requests if not url.startswith("data:")] == [html.as_uri()]
