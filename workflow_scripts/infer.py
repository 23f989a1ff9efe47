"""Restore the test images with one model."""

import json

from srlib import inference
from srlib.jobs import job

with job(snakemake):
    inference.restore_folder(
        snakemake.input.lr,
        snakemake.output.manifest,
        spec=json.loads(snakemake.params.spec),
        weights=snakemake.input.get("weights") or None,
        device=snakemake.resources.device,
    )
