"""Super-resolution of chest X-rays: data, networks, losses, training and evaluation.

The library knows nothing of Snakemake. Data modules (`nih`, `images`, `degrade`) know no torch.
"""
