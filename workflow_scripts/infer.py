"""Restore the test images with one model."""

from srlib import inference, specs
from srlib.jobs import job
from srlib.specs.network import NetworkSpec

with job(snakemake):
    inference.restore_folder(
        snakemake.input.lr,
        snakemake.output.manifest,
        spec=specs.from_json(NetworkSpec, snakemake.params.spec),
        weights=snakemake.input.get("weights") or None,
        device=snakemake.resources.device,
    )
