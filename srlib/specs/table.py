"""What a table knows of a model besides its scores."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ModelRow:
    """runs: how many seeds; paper: the paper's own figures by metric."""

    model: str
    label: str
    runs: int
    paper: dict[str, float] = field(default_factory=dict)
