"""What builds a network, and what it is given."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class NetworkSpec:
    """network: its name; arguments: of its `build`; lr: folder of its LR variant; scale: HR side / its."""

    network: str
    arguments: dict[str, Any]
    lr: str
    scale: int
