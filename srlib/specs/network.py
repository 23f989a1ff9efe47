"""What builds a network, and what it is given."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NetworkSpec:
    """network: its name; arguments: of its `build`; lr: LR variant; scale: HR side / side of that variant."""

    network: str
    arguments: dict[str, Any]
    lr: str
    scale: int
