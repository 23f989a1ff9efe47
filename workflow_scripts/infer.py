"""Restore the test images with one model."""

import json

from srlib import inference, record, specs
from srlib.jobs import job
from srlib.specs.network import NetworkSpec

with job(snakemake):
    if snakemake.input.get("weights"):
        record.require(snakemake.input.weights, {"spec": json.loads(snakemake.params.trained)})
    inference.restore_folder(
        snakemake.input.lr,
        snakemake.output.manifest,
        spec=specs.from_json(NetworkSpec, snakemake.params.spec),
        weights=snakemake.input.get("weights") or None,
        device=snakemake.resources.device,
        precision=snakemake.params.precision,
    )
