"""Build the page to look at the restored images."""

import json

from srlib.jobs import job
from srlib.viewer import build

with job(snakemake):
    labels = json.loads(snakemake.params.labels)
    build.build(
        snakemake.input.hr,
        snakemake.input.lr,
        sr_manifests=dict(zip(labels, snakemake.input.sr, strict=True)),
        scores=dict(zip(labels, snakemake.input.scores, strict=True)),
        reference=snakemake.params.reference,
        caption=snakemake.params.caption,
        path=snakemake.output[0],
    )
