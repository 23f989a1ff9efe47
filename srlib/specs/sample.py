"""What decides the sample besides the images there are."""

from dataclasses import dataclass


@dataclass(frozen=True)
class SampleSpec:
    """counts: images by split; archives: the numbers of theirs; findings: only images with one of these."""

    counts: dict[str, int]
    archives: list[int]
    seed: int
    view: str
    findings: list[str] | None
    one_per_patient: bool
