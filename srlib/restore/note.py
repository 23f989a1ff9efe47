"""What every restored picture says of itself, whatever the kind of its file."""

from typing import NamedTuple


class Note(NamedTuple):
    """How a picture was restored: the network's name, sha256 of its weight file, SR side / LR side."""

    model: str
    sha256: str
    scale: int

    @property
    def sentence(self) -> str:
        """The words for the picture's metadata: one line of ASCII."""
        return (
            f"NOT FOR DIAGNOSIS: enlarged x{self.scale} by the super-resolution model {self.model} (weights "
            f"sha256 {self.sha256}). Its detail is estimated, not measured."
        )
