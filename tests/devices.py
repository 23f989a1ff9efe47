"""The devices of this machine, for tests that run on each."""

import torch

DEVICES = ["cpu", *["cuda"] * torch.cuda.is_available()]
