"""A network that only resamples, as Pillow does."""

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn


class Resample(nn.Module):
    """Enlarge by Pillow's resampling `filter`, on 8-bit gray as any image tool does; not differentiable."""

    def __init__(self, scale: int, filter: Image.Resampling) -> None:
        super().__init__()
        self.scale, self.filter = scale, filter

    def forward(self, lr: Tensor) -> Tensor:
        size = (lr.shape[-1] * self.scale, lr.shape[-2] * self.scale)  # Pillow: (width, height)
        pixels = (lr * 255).round().clamp(0, 255).to(torch.uint8).cpu().numpy()
        sr = np.stack([Image.fromarray(picture).resize(size, self.filter) for picture in pixels[:, 0]])
        return torch.from_numpy(sr)[:, None].to(lr) / 255
