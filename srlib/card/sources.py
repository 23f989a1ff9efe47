"""What is known of each source of pictures: how they came about, and on what terms they may be used."""

from typing import NamedTuple


class Source(NamedTuple):
    """name; licence: terms of the pictures, in sentences; design, identity: CLAIM's items 5 and 11."""

    name: str
    licence: str
    design: str
    identity: str


_NIH = (
    "The NIH Clinical Center lets ChestX-ray14 be used freely and asks for three things: a link to "
    "https://nihcc.app.box.com/v/ChestXray-NIHCC, to be named as the source of the images, and a citation of "
    "Wang et al., ChestX-ray8, CVPR 2017."
)
_OWN = "Not known to this workflow"


def of(source: str) -> Source:
    """The source of this name (the config's `dataset.source`); any other than these is a folder."""
    nih = Source(
        "NIH ChestX-ray14", _NIH, "Retrospective: a published collection", "By the NIH, before release"
    )
    if source == "nih":
        return nih
    if source == "mirror":
        return nih._replace(
            licence=f"{_NIH} The images came from a third party's mirror, which may ask for more."
        )
    if source == "phantom":
        return Source(
            "synthetic X-rays",
            "The images are synthetic, made by this workflow: nobody's data.",
            "Neither: no patients",
            "Not needed: no patients",
        )
    licence = (
        f"That of the images in {source}, which this workflow does not know: see whether it lets weights "
        "that were trained on them be passed on."
    )
    return Source(f"the folder {source}", licence, _OWN, _OWN)
