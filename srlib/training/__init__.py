"""Training: one loop for every network and objective. It knows a network as "LR in, SR out"."""

from srlib.training.engine import train

__all__ = ["train"]
