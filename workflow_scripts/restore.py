"""Restore pictures of one's own with one model."""

import json

from srlib import record
from srlib.jobs import job
from srlib.restore import folder

with job(snakemake):
    if snakemake.params.trained:
        record.require(snakemake.input.weights, {"spec": json.loads(snakemake.params.trained)})
    folder.restore(
        snakemake.params.folder,
        snakemake.output.folder,
        snakemake.output.table,
        weights=snakemake.input.weights,
        device=snakemake.resources.device,
        code=snakemake.params.code,
        lr=snakemake.params.lr,
    )
